/* Items leave and come back, on all CPUs at once. */
#include "stock.h"

#include "cpus.h"

#define LABEL_STEPS 40

struct stock stock;

static void take_lock(void) {
  while (__atomic_exchange_n(&stock.lock, 1, __ATOMIC_ACQUIRE)) {
    cpu_relax();
  }
}

static void leave_lock(void) { __atomic_store_n(&stock.lock, 0, __ATOMIC_RELEASE); }

static uint64_t print_label(uint64_t state, int64_t count) {
  state ^= (uint64_t)count;
  for (int i = 0; i < LABEL_STEPS; i++) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
  }
  return state;
}

uint64_t stock_send(uint64_t label) {
  take_lock();
  int64_t count = stock.count;
  label = print_label(label, count);
  stock.count = count - 1;
  stock.sent++;
  leave_lock();
  return label;
}

/* BUG: "adding one needs no lock". The addition is whole, but stock_send may be half-way. */
void stock_take_back(void) {
  stock.count++;
  __atomic_fetch_add(&stock.returned, 1, __ATOMIC_RELAXED);
}
