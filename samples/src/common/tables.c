/* The tables and the frames they are made of. */
#include "tables.h"

#include "runtime.h"
#include "string.h"

#define FRAME_COUNT 64
#define ADDRESS_MASK 0x000ffffffffff000

static char frames[FRAME_COUNT][PAGE_SIZE] __attribute__((aligned(4096), section(".bss.noinit")));
static unsigned frames_used;
static uint64_t *top_table;

uint64_t frame_alloc(void) {
  if (frames_used == FRAME_COUNT) {
    panic("out of frames");
  }
  void *frame = frames[frames_used++];
  memset(frame, 0, PAGE_SIZE);
  return (uint64_t)frame;
}

uint64_t tables_create(void) {
  uint64_t frame = frame_alloc();
  top_table = (uint64_t *)frame;
  return frame;
}

/* The entry for `address` at `level` (1: 4 KiB page, 2: 2 MiB page or page table, ...). */
static uint64_t *entry_at(uint64_t address, int level) {
  uint64_t *table = top_table;
  for (int i = 4;; i--) {
    uint64_t *entry = &table[address >> (3 + 9 * i) & 511];
    if (i == level) {
      return entry;
    }
    if ((*entry & PAGE_PRESENT) == 0) {
      /* The last level decides who may do what. */
      *entry = frame_alloc() | PAGE_PRESENT | PAGE_WRITABLE | PAGE_USER;
    }
    table = (uint64_t *)(*entry & ADDRESS_MASK);
  }
}

uint64_t *page_entry(uint64_t address) { return entry_at(address, 1); }

void map_page(uint64_t address, uint64_t frame, uint64_t flags) {
  *page_entry(address) = frame | flags | PAGE_PRESENT;
}

void map_large_page(uint64_t address, uint64_t frame, uint64_t flags) {
  *entry_at(address, 2) = frame | flags | PAGE_PRESENT | PAGE_LARGE;
}
