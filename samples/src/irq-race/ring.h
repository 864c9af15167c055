/* A ring of log items, filled by the main loop and by the timer interrupt. */
#ifndef RING_H
#define RING_H

#include <stdbool.h>
#include <stdint.h>

#define RING_SIZE 64

struct ring {
  volatile uint32_t first;
  volatile uint32_t count;
  uint32_t items[RING_SIZE];
};

/* Adds an item; false when the ring is full. */
bool ring_put(struct ring *ring, uint32_t value);

/* Takes the oldest item; false when the ring is empty. */
bool ring_take(struct ring *ring, uint32_t *value);

#endif
