/*
 * The free list lives in the arena itself:
 *
 *   block:  | next (8) | size (8) | payload (size bytes) |  next block ...
 *
 * `next` is used only while a block is free, so a write past the end of a payload does no harm
 * when the neighbour is in use, and breaks the list when it is free. Freed blocks go to the front
 * of the list and are never joined again.
 */
#include "heap.h"

#include <stdint.h>

#include "runtime.h"

#define ARENA_SIZE (256 * 1024)
#define ALIGNMENT 16
#define SMALLEST_REMAINDER 64

struct block {
  struct block *next;
  size_t size;
};

static char heap_arena[ARENA_SIZE] __attribute__((aligned(4096), section(".bss.noinit")));
static struct block *free_list;

void heap_init(void) {
  free_list = (struct block *)heap_arena;
  free_list->next = NULL;
  free_list->size = ARENA_SIZE - sizeof(struct block);
}

/* Cuts `block` to `size` bytes; the rest takes its place in the free list. */
static struct block *split(struct block *block, size_t size, struct block *next) {
  struct block *rest = (struct block *)((char *)(block + 1) + size);
  rest->next = next;
  rest->size = block->size - size - sizeof(struct block);
  block->size = size;
  return rest;
}

void *heap_alloc(size_t size) {
  size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
  struct block **link = &free_list;
  struct block *block = free_list;
  while (block != NULL) {
    struct block *next = block->next;
    if (block->size >= size) {
      bool splits = block->size - size >= SMALLEST_REMAINDER;
      *link = splits ? split(block, size, next) : next;
      return block + 1;
    }
    link = &block->next;
    block = next;
  }
  panic("out of memory");
}

void heap_free(void *payload) {
  struct block *block = (struct block *)payload - 1;
  block->next = free_list;
  free_list = block;
}
