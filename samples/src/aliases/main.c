/* The same code at two addresses, interrupted at both, and descriptors in the upper half. */
#include "cpu.h"
#include "interrupts.h"
#include "runtime.h"

#define UPPER 0xffffffff80000000ull
#define PRESENT_WRITABLE 3
#define TIMER_HZ 2000

typedef uint64_t step(uint64_t value, unsigned depth);

struct __attribute__((packed)) table {
  uint16_t limit;
  uint64_t base;
};

static uint64_t upper_pdpt[512] __attribute__((aligned(4096)));
static volatile uint32_t ticks_lower;
static volatile uint32_t ticks_upper;

static bool timer_tick(struct trap_frame *frame) {
  if (frame->rip >= UPPER) {
    ticks_upper++;
  } else {
    ticks_lower++;
  }
  timer_acknowledge();
  return true;
}

/* The first gigabyte once more, 2 GiB below the end of the address space. */
static void map_upper(void) {
  uint64_t *pml4 = (uint64_t *)(read_cr3() & ~0xfffull);
  uint64_t *lower_pdpt = (uint64_t *)(pml4[0] & ~0xfffull);
  upper_pdpt[510] = lower_pdpt[0];
  pml4[511] = (uint64_t)upper_pdpt | PRESENT_WRITABLE;
  write_cr3(read_cr3());
}

/* Segment loads read their descriptors at addresses that are negative numbers. */
static void use_upper_gdt(void) {
  struct table gdt;
  uint64_t selector;
  __asm__ volatile("sgdt %0" : "=m"(gdt));
  gdt.base += UPPER;
  __asm__ volatile("lgdt %0" : : "m"(gdt));
  __asm__ volatile(
      "movq %%ss, %0\n"
      "movl %k0, %%ds\n"
      "movl %k0, %%es\n"
      "movl %k0, %%ss\n"
      : "=&r"(selector)
      :
      : "memory");
}

static __attribute__((noinline)) uint64_t mix(uint64_t value) {
  for (int i = 0; i < 20; i++) {
    value ^= value << 13;
    value ^= value >> 7;
    value ^= value << 17;
  }
  return value;
}

static step lower_then_upper;

/* Goes on at the other address with every level. */
static __attribute__((noinline)) uint64_t lower_then_upper(uint64_t value, unsigned depth) {
  if (depth == 0) {
    return mix(value);
  }
  uint64_t here;
  __asm__("leaq (%%rip), %0" : "=r"(here));
  step *other = (step *)((uint64_t)lower_then_upper + (here >= UPPER ? 0 : UPPER));
  return mix(other(value + depth, depth - 1));
}

static uint64_t run(uint64_t distance, uint64_t rounds) {
  step *first = (step *)((uint64_t)lower_then_upper + distance);
  uint64_t value = 1;
  for (uint64_t i = 0; i < rounds; i++) {
    value = first(value, (unsigned)(i % 8));
  }
  return value;
}

int main(void) {
  uint64_t rounds = boot_parameter("rounds", 300);
  map_upper();
  use_upper_gdt();
  interrupts_install();
  interrupts_handle(VECTOR_IRQ_BASE, timer_tick);
  timer_start(TIMER_HZ);
  interrupts_enable();
  uint64_t lower = run(0, rounds);
  uint64_t upper = run(UPPER, rounds);
  interrupts_disable();
  console_printf("timer ticks: %u below, %u above\n", ticks_lower, ticks_upper);
  console_printf("results: %lx %lx\n", lower, upper);
  if (lower != upper) {
    panic("the same code gave different results");
  }
  return 0;
}
