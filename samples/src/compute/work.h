/* The parts of the workload. Each takes the state so far and returns the next. */
#ifndef WORK_H
#define WORK_H

#include <stdint.h>

uint64_t work_sort(uint64_t state);
uint64_t work_hash_table(uint64_t state);
uint64_t work_matrix(uint64_t state);
uint64_t work_strings(uint64_t state);
uint64_t work_recursion(uint64_t state);
uint64_t work_bits(uint64_t state);
uint64_t work_divide(uint64_t state);
uint64_t work_crc(uint64_t state);

/* Steele, Lea and Flood's SplitMix64: advances the state and returns a number from it. */
static inline uint64_t next_random(uint64_t *state) {
  uint64_t z = *state += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

static inline uint64_t mix(uint64_t state, uint64_t value) {
  state ^= value;
  return next_random(&state);
}

#endif
