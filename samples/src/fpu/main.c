/*
 * Floating point and vectors: SSE to SSE4.2, MMX, x87, their exceptions, the state saved and
 * restored in every way, numbers no replay can know. At the end two tasks share the FPU lazily.
 */
#include "cpu.h"
#include "features.h"
#include "interrupts.h"
#include "runtime.h"
#include "string.h"

#define EXIT_CODE 0x18
#define TIMER_HZ 1000
#define CR0_TS 8ul
#define VECTOR_NO_FPU 7
#define VECTOR_X87 16
#define VECTOR_SIMD 19
#define MXCSR_DEFAULT 0x1f80
#define MXCSR_UNMASK_DIVIDE 0x0200

/* The handlers' registers are not saved for them. */
#define HANDLER __attribute__((target("general-regs-only")))

struct area {
  uint8_t bytes[512];
} __attribute__((aligned(16)));

static volatile uint32_t ticks, simd_faults, x87_faults, switches;
static uint64_t random_state = 88172645463325252;

uint64_t next_random(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return random_state;
}

uint64_t mix(uint64_t sum, const void *from, size_t size) {
  const uint8_t *bytes = from;
  for (size_t i = 0; i < size; i++) {
    sum = (sum ^ bytes[i]) * 0x100000001b3;
  }
  return sum;
}

static HANDLER bool timer_tick(struct trap_frame *frame) {
  (void)frame;
  ticks++;
  timer_acknowledge();
  return true;
}

/* Masks the exception and lets the instruction run again. */
static HANDLER bool simd_exception(struct trap_frame *frame) {
  (void)frame;
  uint32_t mxcsr = MXCSR_DEFAULT;
  __asm__ volatile("ldmxcsr %0" : : "m"(mxcsr));
  simd_faults++;
  return true;
}

static HANDLER bool x87_exception(struct trap_frame *frame) {
  (void)frame;
  __asm__ volatile("fnclex");
  x87_faults++;
  return true;
}

static void exceptions(void) {
  uint32_t mxcsr = MXCSR_DEFAULT & ~MXCSR_UNMASK_DIVIDE;
  double quotient = 3;
  const double zero = 0;
  __asm__ volatile(
      "ldmxcsr %1\n"
      "divsd %2, %0\n"
      : "+x"(quotient)
      : "m"(mxcsr), "x"(zero));
  uint16_t control = 0x037b; /* division by zero unmasked */
  __asm__ volatile(
      "fninit\n"
      "fldcw %0\n"
      "fld1\n"
      "fldz\n"
      "fdivrp\n" /* noted here */
      "fwait\n"  /* delivered here */
      "fninit\n"
      :
      : "m"(control));
  console_printf("exceptions: %u of SSE, %u of x87, quotient %lx\n", simd_faults, x87_faults,
                 mix(1, &quotient, sizeof quotient));
}

/* Nothing here can be printed: it differs in every run. */
static void unpredictable(void) {
  struct cpuid one = cpuid(1, 0), seven = cpuid(7, 0), extended = cpuid(0x80000001, 0);
  uint64_t before, after;
  uint32_t low, high, processor = 0;
  __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
  before = (uint64_t)high << 32 | low;
  if (extended.edx & CPUID_RDTSCP) {
    __asm__ volatile("rdtscp" : "=a"(low), "=d"(high), "=c"(processor));
  } else {
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
  }
  after = (uint64_t)high << 32 | low;
  unsigned given = 0;
  for (int i = 0; i < 10 && one.ecx & CPUID_RDRAND; i++) {
    uint64_t wide;
    uint16_t narrow;
    unsigned char carry, carry16;
    __asm__ volatile("rdrand %0; setc %1" : "=r"(wide), "=r"(carry) : : "cc");
    __asm__ volatile("rdrand %0; setc %1" : "=r"(narrow), "=r"(carry16) : : "cc");
    random_state ^= wide ^ narrow;
    given += carry + carry16;
  }
  for (int i = 0; i < 10 && seven.ebx & CPUID_RDSEED; i++) {
    uint32_t value;
    unsigned char carry;
    __asm__ volatile("rdseed %0; setc %1" : "=r"(value), "=r"(carry) : : "cc");
    random_state ^= value;
    given += carry;
  }
  uint64_t leaves = 0;
  for (uint32_t leaf = 0; leaf < 0x20; leaf++) {
    struct cpuid r = cpuid(leaf, 0);
    leaves = mix(leaves, &r, sizeof r);
    r = cpuid(0x80000000 + leaf, 1);
    leaves = mix(leaves, &r, sizeof r);
  }
  random_state ^= leaves;
  console_printf("unpredictable: time goes %s\n", before < after ? "forwards" : "backwards");
  if (given != 0 && given != 20 && given != 30) {
    console_printf("%u random numbers\n", given);
  }
}

/* ---- two tasks, one FPU -------------------------------------------------------------------- */

struct task {
  struct area area;
  uint32_t terms;
};

static struct task tasks[2];
static struct task *owner; /* whose state the FPU holds */
static struct task *current;
static bool saves_wrongly;

/* The first use of the FPU after a switch. */
static HANDLER bool no_fpu(struct trap_frame *frame) {
  (void)frame;
  __asm__ volatile("clts");
  if (owner != current) {
    struct task *saved = saves_wrongly && switches == 7 ? current : owner;
    __asm__ volatile("fxsave64 %0" : "=m"(saved->area));
    __asm__ volatile("fxrstor64 %0" : : "m"(current->area));
    owner = current;
  }
  return true;
}

static void switch_to(struct task *task) {
  uint64_t cr0;
  current = task;
  switches++;
  __asm__ volatile("movq %%cr0, %0" : "=r"(cr0));
  __asm__ volatile("movq %0, %%cr0" : : "r"(cr0 | CR0_TS) : "memory");
}

/* Adds terms to the sum that the task keeps on the x87 stack, and to that in xmm15. */
static __attribute__((noinline)) void work(uint32_t from, uint32_t to) {
  for (uint32_t i = from; i < to; i++) {
    uint64_t term = 2ul * i + 1;
    __asm__ volatile(
        "fildl %0\n"
        "fld1\n"
        "fdivp\n"
        "faddp\n"
        "cvtsi2sdq %1, %%xmm14\n"
        "addsd %%xmm14, %%xmm15\n"
        :
        : "m"(term), "r"(term)
        : "xmm14", "xmm15");
  }
}

static void tasks_share(void) {
  uint64_t sums[2];
  double seen[2];
  interrupts_handle(VECTOR_NO_FPU, no_fpu);
  __asm__ volatile("fninit; fldz; pxor %%xmm15, %%xmm15" : : : "xmm15");
  for (int i = 0; i < 2; i++) {
    __asm__ volatile("fxsave64 %0" : "=m"(tasks[i].area));
  }
  owner = current = &tasks[0];
  for (uint32_t turn = 0; turn < 10; turn++) {
    struct task *task = &tasks[turn % 2];
    switch_to(task);
    work(task->terms, task->terms + 10 + turn);
    task->terms += 10 + turn;
  }
  for (int i = 0; i < 2; i++) {
    switch_to(&tasks[i]);
    __asm__ volatile("movsd %%xmm15, %0; fstl %1" : "=m"(seen[i]), "=m"(sums[i]));
  }
  for (int i = 0; i < 2; i++) {
    uint64_t terms = tasks[i].terms;
    console_printf("task %d: %lu terms, odd numbers to %lu\n", i, terms, (uint64_t)seen[i]);
    if ((uint64_t)seen[i] != terms * terms) {
      panic("the sum of the first n odd numbers is n squared");
    }
  }
}

int main(void) {
  panic_exit_code = EXIT_CODE;
  interrupts_install();
  interrupts_handle(VECTOR_IRQ_BASE, timer_tick);
  interrupts_handle(VECTOR_SIMD, simd_exception);
  interrupts_handle(VECTOR_X87, x87_exception);
  timer_start(TIMER_HZ);
  interrupts_enable();
  uint32_t rounds = (uint32_t)boot_parameter("rounds", 10);
  console_printf("sse2: %lx\n", sse2(rounds));
  console_printf("mmx: %lx\n", mmx(rounds));
  console_printf("x87: %lx\n", x87(rounds));
  newer(rounds);
  states();
  exceptions();
  interrupts_disable();
  saves_wrongly = boot_parameter("careful", 0) == 0;
  unpredictable();
  tasks_share();
  return 0;
}
