/* A first-fit allocator over one static arena. */
#ifndef HEAP_H
#define HEAP_H

#include <stddef.h>

void heap_init(void);

/* 16-byte aligned; panics when the arena is exhausted. */
void *heap_alloc(size_t size);

void heap_free(void *payload);

#endif
