/* Quicksort of random numbers, recursing into the smaller part. */
#include "work.h"

#define COUNT 1024

static int64_t numbers[COUNT];

static void swap(int64_t *left, int64_t *right) {
  int64_t value = *left;
  *left = *right;
  *right = value;
}

static int64_t *partition(int64_t *low, int64_t *high) {
  int64_t pivot = low[(high - low) / 2];
  for (;;) {
    while (*low < pivot) {
      low++;
    }
    while (*high > pivot) {
      high--;
    }
    if (low >= high) {
      return high;
    }
    swap(low++, high--);
  }
}

static void quicksort(int64_t *low, int64_t *high) {
  while (low < high) {
    int64_t *middle = partition(low, high);
    if (middle - low < high - middle) {
      quicksort(low, middle);
      low = middle + 1;
    } else {
      quicksort(middle + 1, high);
      high = middle;
    }
  }
}

uint64_t work_sort(uint64_t state) {
  for (int i = 0; i < COUNT; i++) {
    numbers[i] = (int64_t)next_random(&state);
  }
  quicksort(numbers, numbers + COUNT - 1);
  for (int i = 1; i < COUNT; i++) {
    state = mix(state, (uint64_t)numbers[i] ^ (uint64_t)(numbers[i - 1] <= numbers[i]));
  }
  return state;
}
