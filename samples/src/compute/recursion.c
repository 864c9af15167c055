/* Calls, returns and a deep stack. */
#include "work.h"

#define NOT_CLONED __attribute__((noipa))

static NOT_CLONED uint64_t fibonacci(unsigned n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static NOT_CLONED uint64_t ackermann(uint64_t m, uint64_t n) {
  if (m == 0) {
    return n + 1;
  }
  return ackermann(m - 1, n == 0 ? 1 : ackermann(m, n - 1));
}

static uint64_t add(uint64_t left, uint64_t right) { return left + right; }
static uint64_t multiply(uint64_t left, uint64_t right) { return left * right; }
static uint64_t exclusive_or(uint64_t left, uint64_t right) { return left ^ right; }
static uint64_t rotate(uint64_t left, uint64_t right) {
  return left << (right & 63) | left >> (-right & 63);
}

static uint64_t (*const operations[4])(uint64_t, uint64_t) = {add, multiply, exclusive_or, rotate};

/* A stack machine's step: the compiler makes it an indirect call and a jump table. */
static NOT_CLONED uint64_t evaluate(uint64_t state, unsigned steps) {
  uint64_t accumulator = 1;
  for (unsigned i = 0; i < steps; i++) {
    uint64_t number = next_random(&state);
    switch (number >> 8 & 7) {
      case 0:
        accumulator = -accumulator;
        break;
      case 1:
        accumulator = ~accumulator;
        break;
      case 2:
        accumulator += (uint64_t)(int64_t)(int8_t)number;
        break;
      case 3:
        accumulator -= (uint64_t)(int64_t)(int16_t)number;
        break;
      case 4:
        accumulator = (uint32_t)accumulator * (number & 0xffff);
        break;
      default:
        accumulator = operations[number & 3](accumulator, number);
        break;
    }
  }
  return accumulator;
}

uint64_t work_recursion(uint64_t state) {
  state = mix(state, fibonacci(14 + (unsigned)(state & 1)));
  state = mix(state, ackermann(2, 20 + (state & 3)));
  return mix(state, evaluate(state, 1000));
}
