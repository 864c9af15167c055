/*
 * Matrix products and sums in double and float. The inner loops run over independent elements,
 * so that the compiler may use packed SSE without changing a single rounding.
 */
#include "work.h"

#define SIZE 24

static double a[SIZE][SIZE], b[SIZE][SIZE], c[SIZE][SIZE];
static float fa[SIZE][SIZE], fb[SIZE][SIZE], fc[SIZE][SIZE];
static uint32_t ia[SIZE][SIZE];

static void multiply_double(void) {
  for (int i = 0; i < SIZE; i++) {
    for (int j = 0; j < SIZE; j++) {
      c[i][j] = 0;
    }
    for (int k = 0; k < SIZE; k++) {
      double factor = a[i][k];
      for (int j = 0; j < SIZE; j++) {
        c[i][j] += factor * b[k][j];
      }
    }
  }
}

static void multiply_float(void) {
  for (int i = 0; i < SIZE; i++) {
    for (int j = 0; j < SIZE; j++) {
      fc[i][j] = 0;
    }
    for (int k = 0; k < SIZE; k++) {
      float factor = fa[i][k];
      for (int j = 0; j < SIZE; j++) {
        fc[i][j] += factor * fb[k][j];
      }
    }
  }
}

/* Scalar: every step needs the one before. Newton's square root, then a truncating conversion. */
static double square_root(double value) {
  double root = value / 2;
  for (int i = 0; i < 30 && root * root - value > 1e-9; i++) {
    root = (root + value / root) / 2;
  }
  return root;
}

static double hardware_square_root(double value) {
  double root;
  __asm__("sqrtsd %1, %0" : "=x"(root) : "x"(value));
  return root;
}

uint64_t work_matrix(uint64_t state) {
  for (int i = 0; i < SIZE; i++) {
    for (int j = 0; j < SIZE; j++) {
      uint64_t number = next_random(&state);
      a[i][j] = (double)(number % 1000) / 7;
      b[i][j] = (double)(number >> 40) - 1e6;
      fa[i][j] = (float)(int32_t)(number % 777) / 3;
      fb[i][j] = (float)(number >> 45);
      ia[i][j] = (uint32_t)(number >> 20);
    }
  }
  multiply_double();
  multiply_float();
  uint32_t integer_sum = 0;
  for (int i = 0; i < SIZE; i++) {
    for (int j = 0; j < SIZE; j++) {
      integer_sum += ia[i][j] * (uint32_t)(j + 1);
    }
  }
  double total = 0;
  float float_total = 0;
  double smallest = c[0][0];
  for (int i = 0; i < SIZE; i++) {
    for (int j = 0; j < SIZE; j++) {
      total += c[i][j];
      float_total += fc[i][j];
      smallest = c[i][j] < smallest ? c[i][j] : smallest;
    }
    total -= square_root((double)(i + 2)) + hardware_square_root((double)(i + 3));
  }
  state = mix(state, (uint64_t)(int64_t)total);
  state = mix(state, (uint64_t)(int32_t)(float_total / 4096));
  state = mix(state, (uint64_t)(int64_t)(smallest * 16));
  return mix(state, integer_sum);
}
