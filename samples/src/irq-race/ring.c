/* The ring. An item carries a check digit in its lowest byte. */
#include "ring.h"

static uint32_t with_check_digit(uint32_t value) {
  uint32_t digit = 0;
  for (uint32_t rest = value; rest != 0; rest >>= 8) {
    digit += rest & 0xff;
  }
  return value << 8 | (digit & 0xff);
}

bool ring_put(struct ring *ring, uint32_t value) {
  uint32_t count = ring->count;
  if (count == RING_SIZE) {
    return false;
  }
  ring->items[(ring->first + count) % RING_SIZE] = with_check_digit(value);
  ring->count = count + 1;
  return true;
}

bool ring_take(struct ring *ring, uint32_t *value) {
  if (ring->count == 0) {
    return false;
  }
  *value = ring->items[ring->first] >> 8;
  ring->first = (ring->first + 1) % RING_SIZE;
  ring->count--;
  return true;
}
