/*
 * The main loop works and logs, the timer interrupt logs too; now and then the main loop empties
 * the log. Every item put in must come out again.
 */
#include "cpu.h"
#include "interrupts.h"
#include "ring.h"
#include "runtime.h"

#define EXIT_CODE 0x13
#define DEFAULT_ITERATIONS 2500
#define DEFAULT_HZ 2000
#define DRAIN_INTERVAL 16
#define WORK_STEPS 300

static struct ring ring;
static uint32_t main_puts;
static volatile uint32_t timer_puts;
static volatile uint32_t ticks;
static uint32_t takes;

static bool timer_tick(struct trap_frame *frame) {
  (void)frame;
  ticks++;
  if (ring_put(&ring, ticks & 0xffff)) {
    timer_puts++;
  }
  timer_acknowledge();
  return true;
}

static uint32_t work(uint32_t state) {
  for (int i = 0; i < WORK_STEPS; i++) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
  }
  return state;
}

/* With interrupts off, so that what it compares belongs together. */
static uint32_t drain(uint32_t state, uint32_t iteration) {
  uint32_t value;
  interrupts_disable();
  while (ring_take(&ring, &value)) {
    takes++;
    state = state * 31 + value;
  }
  if (takes != main_puts + timer_puts) {
    console_printf("iteration %u, tick %u: %u items put by main, %u by the timer, %u taken\n",
                   iteration, ticks, main_puts, timer_puts, takes);
    panic("invariant: every item put in comes out");
  }
  interrupts_enable();
  return state;
}

int main(void) {
  panic_exit_code = EXIT_CODE;
  uint32_t iterations = (uint32_t)boot_parameter("iterations", DEFAULT_ITERATIONS);
  uint32_t hz = (uint32_t)boot_parameter("hz", DEFAULT_HZ);
  console_printf("irq race: %u iterations, timer at %u Hz\n", iterations, hz);
  interrupts_install();
  interrupts_handle(VECTOR_IRQ_BASE, timer_tick);
  timer_start(hz);
  interrupts_enable();
  uint32_t state = 1;
  for (uint32_t i = 1; i <= iterations; i++) {
    state = work(state);
    if (ring_put(&ring, state & 0xffff)) {
      main_puts++;
    }
    if (i % DRAIN_INTERVAL == 0) {
      state = drain(state, i);
    }
  }
  drain(state, iterations);
  interrupts_disable();
  console_printf("no item lost: %u by main, %u by the timer\n", main_puts, timer_puts);
  return 0;
}
