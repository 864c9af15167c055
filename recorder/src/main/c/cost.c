/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What recording costs, as far as the plugin can tell without slowing the guest: the CPU time of
 * its rare work is measured; for its callbacks the recorder has a model (RecordingCost.java), which
 * needs to know how fast this machine is just now.
 */
#include <time.h>

#include "plugin.h"

#define SPEED_CALLS 5000

/* Of the whole process: while the vCPU waits, QEMU's main thread prints registers. */
static uint64_t cpu_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

uint64_t cv_cost_begin(void) { return cpu_ns(); }

void cv_cost_end(uint64_t begin) { cv.header->own_ns += cpu_ns() - begin; }

static uint64_t table[512];

/* Much like a memory callback: called through a pointer, a table, a compare, a store. */
static __attribute__((noinline)) void sample_callback(unsigned vcpu, uint32_t info, uint64_t linear,
                                                      void *to) {
  uint64_t *entry = &table[linear / 64 % 512];
  if (unlikely(*entry == CV_NOWHERE)) {
    cv_die("impossible");
  }
  *entry = linear + info + vcpu;
  *(uint64_t *)to += 1;
}

/* Measures the machine, some microseconds long; called at each keyframe. */
void cv_cost_speed(void) {
  void (*volatile callback)(unsigned, uint32_t, uint64_t, void *) = sample_callback;
  uint64_t count = 0;
  uint64_t begin = cpu_ns();
  for (uint64_t i = 0; i < SPEED_CALLS; i++) {
    callback(0, 3, i * 8, &count);
  }
  cv.header->speed_ns += cpu_ns() - begin;
  cv.header->speed_calls += count;
}
