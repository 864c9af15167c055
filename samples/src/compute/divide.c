/* Multiplication and division in all widths. */
#include "work.h"

#define COUNT 800

/* (high:low) / divisor, for high < divisor. */
static uint64_t divide_wide(uint64_t high, uint64_t low, uint64_t divisor, uint64_t *remainder) {
  __asm__("divq %2" : "+a"(low), "+d"(high) : "r"(divisor) : "cc");
  *remainder = high;
  return low;
}

static uint64_t greatest_common_divisor(uint64_t a, uint64_t b) {
  while (b != 0) {
    uint64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

uint64_t work_divide(uint64_t state) {
  for (int i = 0; i < COUNT; i++) {
    uint64_t x = next_random(&state);
    uint64_t y = next_random(&state) | 1;
    unsigned __int128 product = (unsigned __int128)x * y;
    __int128 signed_product = (__int128)(int64_t)x * (int64_t)y;
    uint64_t high = (uint64_t)(product >> 64);
    uint64_t remainder;
    uint64_t quotient = divide_wide(high % y, (uint64_t)product, y, &remainder);
    state += quotient ^ remainder ^ high ^ (uint64_t)(signed_product >> 64);
    state += (uint64_t)((int64_t)x / ((int64_t)y >> 20 | 1));
    state ^= (uint64_t)(int64_t)((int32_t)x % ((int32_t)(y >> 9) | 1));
    state += (uint32_t)x / ((uint32_t)y >> 5 | 1) + (uint16_t)x / (((uint8_t)y >> 1) | 1u);
    state += x / 10 + x % 1000;
    if (i % 16 == 0) {
      state += greatest_common_divisor(x, y);
    }
  }
  return state;
}
