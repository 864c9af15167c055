/* Bit tricks: rotations, scans, byte swaps, shifts of two words, and popcnt where the CPU has it. */
#include "work.h"

#define COUNT 1500
#define CPUID_ECX_POPCNT (1u << 23)

static int cpu_has_popcnt(void) {
  uint32_t a = 1, b, c = 0, d;
  __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
  return (c & CPUID_ECX_POPCNT) != 0;
}

static uint64_t popcnt_instruction(uint64_t value) {
  uint64_t count;
  __asm__("popcnt %1, %0" : "=r"(count) : "r"(value) : "cc");
  return count;
}

static uint64_t popcnt_software(uint64_t value) {
  value -= value >> 1 & 0x5555555555555555;
  value = (value & 0x3333333333333333) + (value >> 2 & 0x3333333333333333);
  value = (value + (value >> 4)) & 0x0f0f0f0f0f0f0f0f;
  return value * 0x0101010101010101 >> 56;
}

static uint64_t shift_double_left(uint64_t high, uint64_t low, uint8_t count) {
  __asm__("shldq %%cl, %1, %0" : "+r"(high) : "r"(low), "c"(count) : "cc");
  return high;
}

static uint64_t shift_double_right(uint64_t low, uint64_t high, uint8_t count) {
  __asm__("shrdq %%cl, %1, %0" : "+r"(low) : "r"(high), "c"(count) : "cc");
  return low;
}

static uint64_t rotate_through_carry(uint64_t value) {
  __asm__("stc; rclq $3, %0; rcrq $1, %0; adcq $5, %0" : "+r"(value) : : "cc");
  return value;
}

static uint32_t test_and_flip(uint64_t *value, uint64_t bit) {
  uint8_t was_set;
  __asm__("btcq %2, %0; setc %1" : "+r"(*value), "=q"(was_set) : "r"(bit & 63) : "cc");
  return was_set;
}

uint64_t work_bits(uint64_t state) {
  int has_popcnt = cpu_has_popcnt();
  for (int i = 0; i < COUNT; i++) {
    uint64_t number = next_random(&state);
    uint64_t ones = has_popcnt ? popcnt_instruction(number) : popcnt_software(number);
    state += ones << 7;
    state ^= __builtin_bswap64(number);
    state += (uint64_t)__builtin_ctzll(number | 1ull << 60);
    state -= (uint64_t)__builtin_clzll(number | 1);
    state = shift_double_left(state, number, (uint8_t)ones);
    state = shift_double_right(state, number, (uint8_t)(number >> 9));
    state = rotate_through_carry(state);
    state += test_and_flip(&state, number >> 17);
    uint32_t half = (uint32_t)number;
    half = (half << 13 | half >> 19) ^ __builtin_bswap32(half);
    uint16_t quarter = (uint16_t)(half << 5 | (uint16_t)half >> 11);
    state += half + quarter + (uint8_t)(quarter * 3);
  }
  return state;
}
