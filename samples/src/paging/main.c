/*
 * A tour of virtual memory: 4 KiB and 2 MiB pages, an alias, accessed and dirty bits, a remapping,
 * copy on write and demand paging; at the end an access beyond the demand-paged region.
 */
#include "cpu.h"
#include "interrupts.h"
#include "runtime.h"
#include "string.h"
#include "tables.h"

#define EXIT_CODE 0x15
#define IDENTITY_SIZE (64ul << 20)
#define LARGE_FRAME (32ul << 20)
#define ERROR_PRESENT 1
#define ERROR_WRITE 2

#define WINDOW 0x0000600000000000ul
#define WINDOW_PAGES 4
#define LARGE_WINDOW 0xffff800000000000ul
#define ALIAS_LOW 0x0000600000100000ul
#define ALIAS_HIGH 0xffff900000000000ul
#define MOVING 0x0000600000200000ul
#define SHARED 0x0000600000300000ul
#define DEMAND 0x0000700000000000ul
#define DEMAND_PAGES 16
#define DEMAND_WORDS (DEMAND_PAGES * PAGE_SIZE / sizeof(uint64_t))

static volatile unsigned demand_faults;
static volatile unsigned copy_faults;

static volatile uint64_t *words_at(uint64_t address) { return (volatile uint64_t *)address; }

static void copy_on_write(uint64_t page) {
  uint64_t frame = frame_alloc();
  memcpy((void *)frame, (const void *)page, PAGE_SIZE);
  map_page(page, frame, PAGE_WRITABLE);
  invlpg(page);
  copy_faults++;
}

/* Gives the demand-paged region its frames and the shared page its copy. */
static bool page_fault(struct trap_frame *frame) {
  uint64_t page = read_cr2() & -PAGE_SIZE;
  if (page == SHARED && frame->error == (ERROR_PRESENT | ERROR_WRITE)) {
    copy_on_write(page);
    return true;
  }
  if (page >= DEMAND && page < DEMAND + DEMAND_PAGES * PAGE_SIZE) {
    map_page(page, frame_alloc(), PAGE_WRITABLE);
    demand_faults++;
    return true;
  }
  return false;
}

static void switch_to_own_tables(void) {
  uint64_t cr3 = tables_create();
  for (uint64_t address = 0; address < IDENTITY_SIZE; address += LARGE_PAGE_SIZE) {
    map_large_page(address, address, PAGE_WRITABLE);
  }
  write_cr3(cr3);
}

static void small_pages(void) {
  uint64_t frames[WINDOW_PAGES];
  for (int i = WINDOW_PAGES - 1; i >= 0; i--) {
    frames[i] = frame_alloc();
    map_page(WINDOW + (uint64_t)i * PAGE_SIZE, frames[i], PAGE_WRITABLE);
  }
  for (uint64_t i = 0; i < WINDOW_PAGES * PAGE_SIZE / 8; i++) {
    words_at(WINDOW)[i] = i * i;
  }
  /* One 8-byte store over two pages whose frames are not neighbours in that order. */
  *words_at(WINDOW + PAGE_SIZE - 3) = 0x1122334455667788;
  console_printf("small pages: last frame holds %lx, first ends with %lx, second begins with %lx\n",
                 words_at(frames[WINDOW_PAGES - 1])[511], words_at(frames[0])[511],
                 words_at(frames[1])[0]);
}

static void large_page(void) {
  map_large_page(LARGE_WINDOW, LARGE_FRAME, PAGE_WRITABLE);
  words_at(LARGE_WINDOW)[0] = 0x600d;
  words_at(LARGE_WINDOW + LARGE_PAGE_SIZE)[-1] = 0xcafe;
  console_printf("large page: physical words %lx and %lx\n", words_at(LARGE_FRAME)[0],
                 words_at(LARGE_FRAME + LARGE_PAGE_SIZE)[-1]);
}

static void print_bits(const char *when, uint64_t address) {
  uint64_t entry = *page_entry(address);
  console_printf("alias, %s: accessed %u, dirty %u\n", when, (entry & PAGE_ACCESSED) != 0,
                 (entry & PAGE_DIRTY) != 0);
}

static void alias(void) {
  uint64_t frame = frame_alloc();
  map_page(ALIAS_LOW, frame, PAGE_WRITABLE);
  map_page(ALIAS_HIGH, frame, PAGE_WRITABLE);
  words_at(ALIAS_LOW)[7] = 0xa11a5;
  print_bits("high address untouched", ALIAS_HIGH);
  uint64_t value = words_at(ALIAS_HIGH)[7];
  print_bits("after a read", ALIAS_HIGH);
  words_at(ALIAS_HIGH)[7] = value + 1;
  print_bits("after a write", ALIAS_HIGH);
  console_printf("alias: wrote %lx low, read %lx high, then %lx low\n", 0xa11a5ul, value,
                 words_at(ALIAS_LOW)[7]);
}

static void remap(void) {
  uint64_t before = frame_alloc();
  uint64_t after = frame_alloc();
  words_at(before)[0] = 1;
  words_at(after)[0] = 2;
  map_page(MOVING, before, PAGE_WRITABLE);
  uint64_t first = words_at(MOVING)[0];
  map_page(MOVING, after, PAGE_WRITABLE);
  invlpg(MOVING);
  console_printf("remap: read %lu, after invlpg %lu\n", first, words_at(MOVING)[0]);
}

static void copy_on_write_page(void) {
  uint64_t frame = frame_alloc();
  words_at(frame)[0] = 0xc0de;
  map_page(SHARED, frame, 0);
  uint64_t before = words_at(SHARED)[0];
  words_at(SHARED)[0] = before + 1;
  console_printf("copy on write: %u fault, page %lx, original %lx\n", copy_faults,
                 words_at(SHARED)[0], words_at(frame)[0]);
}

static void demand_paging(void) {
  volatile uint64_t *words = words_at(DEMAND);
  for (uint64_t i = 0; i < DEMAND_WORDS / 2; i++) {
    words[i] = i * 3;
  }
  console_printf("demand: %u faults for half of %u pages\n", demand_faults, DEMAND_PAGES);
  /* A string instruction that faults in its middle, three times, on its destination. */
  void *to = (void *)(DEMAND + 10 * PAGE_SIZE + 100);
  const void *from = (const void *)(DEMAND + 3 * PAGE_SIZE);
  uint64_t size = 2 * PAGE_SIZE;
  __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
  console_printf("demand: %u faults after rep movsb\n", demand_faults);
}

static uint64_t sum_words(const volatile uint64_t *words, uint64_t last) {
  uint64_t sum = 0;
  for (uint64_t i = 0; i <= last; i++) {
    sum += words[i];
  }
  return sum;
}

int main(void) {
  panic_exit_code = EXIT_CODE;
  interrupts_install();
  interrupts_handle(VECTOR_PAGE_FAULT, page_fault);
  switch_to_own_tables();
  small_pages();
  large_page();
  alias();
  remap();
  copy_on_write_page();
  demand_paging();
  uint64_t words = boot_parameter("words", DEMAND_WORDS);
  console_printf("sum of %lu words\n", words);
  console_printf("sum: %lx\n", sum_words(words_at(DEMAND), words));
  return 0;
}
