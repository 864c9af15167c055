/*
 * Waits, halted, for the 8254, the local APIC's timer and the HPET in turn, then for one of them for
 * seconds. A clock counts the ticks and prints the seconds.
 */
#include "cpu.h"
#include "interrupts.h"
#include "lapic.h"
#include "runtime.h"
#include "tables.h"

#define EXIT_CODE 0x1a
#define IDENTITY_SIZE (64ul << 20)
#define VECTOR_LAPIC_TIMER 40
#define VECTOR_HPET 41
#define VECTOR_SPURIOUS 0xff
#define PIT_HZ 100

#define IO_APIC 0xfec00000ul
#define IO_APIC_DATA 0x10
#define IO_APIC_REDIRECTION 0x10

#define HPET 0xfed00000ul
#define HPET_CAPABILITIES 0x000
#define HPET_CONFIGURATION 0x010
#define HPET_ENABLE 1
#define HPET_COUNTER 0x0f0
#define HPET_TIMER0 0x100
#define HPET_TIMER0_COMPARATOR 0x108
#define HPET_TIMER_ENABLE 4
#define HPET_TIMER_ROUTE 9
#define HPET_LINE 20

static volatile unsigned pit_ticks, lapic_ticks, hpet_ticks;

static bool pit(struct trap_frame *frame) {
  (void)frame;
  pit_ticks++;
  timer_acknowledge();
  return true;
}

static bool lapic(struct trap_frame *frame) {
  (void)frame;
  lapic_ticks++;
  lapic_write(LAPIC_END_OF_INTERRUPT, 0);
  return true;
}

static volatile uint64_t *hpet_register(uint64_t offset) {
  return (volatile uint64_t *)(HPET + offset);
}

static bool hpet(struct trap_frame *frame) {
  (void)frame;
  hpet_ticks++;
  lapic_write(LAPIC_END_OF_INTERRUPT, 0);
  return true;
}

static void io_apic_write(uint32_t number, uint32_t value) {
  *(volatile uint32_t *)IO_APIC = number;
  *(volatile uint32_t *)(IO_APIC + IO_APIC_DATA) = value;
}

/* One interrupt, `milliseconds` from now; false where there is no HPET. */
static bool hpet_once(uint64_t milliseconds) {
  uint64_t period = *hpet_register(HPET_CAPABILITIES) >> 32; /* in femtoseconds */
  if (period == 0 || period > 100000000) {
    return false;
  }
  io_apic_write(IO_APIC_REDIRECTION + 2 * HPET_LINE + 1, 0);
  io_apic_write(IO_APIC_REDIRECTION + 2 * HPET_LINE, VECTOR_HPET);
  *hpet_register(HPET_CONFIGURATION) = HPET_ENABLE;
  *hpet_register(HPET_TIMER0) = HPET_TIMER_ENABLE | HPET_LINE << HPET_TIMER_ROUTE;
  *hpet_register(HPET_TIMER0_COMPARATOR) =
      *hpet_register(HPET_COUNTER) + milliseconds * 1000000000000 / period;
  return true;
}

static void address_space(void) {
  uint64_t cr3 = tables_create();
  for (uint64_t page = 0; page < IDENTITY_SIZE; page += LARGE_PAGE_SIZE) {
    map_large_page(page, page, PAGE_WRITABLE);
  }
  for (uint64_t page = IO_APIC; page <= LAPIC_BASE; page += LARGE_PAGE_SIZE) {
    map_large_page(page, page, PAGE_WRITABLE | PAGE_UNCACHED);
  }
  write_cr3(cr3);
}

/* Halts until the counter has gone up by `ticks`. */
static void wait_for(volatile unsigned *counter, unsigned ticks) {
  unsigned end = *counter + ticks;
  interrupts_disable();
  while (*counter < end) {
    __asm__ volatile("sti; hlt; cli" : : : "memory");
  }
}

int main(void) {
  panic_exit_code = EXIT_CODE;
  unsigned seconds = (unsigned)boot_parameter("seconds", 2);
  interrupts_install();
  interrupts_handle(VECTOR_IRQ_BASE, pit);
  interrupts_handle(VECTOR_LAPIC_TIMER, lapic);
  interrupts_handle(VECTOR_HPET, hpet);
  address_space();
  lapic_enable(VECTOR_SPURIOUS);
  timer_start(PIT_HZ);
  wait_for(&pit_ticks, 5);
  console_printf("8254: 5 ticks\n");
  pic_remap();
  lapic_timer_periodic(VECTOR_LAPIC_TIMER, 10000000);
  wait_for(&lapic_ticks, 5);
  lapic_timer_periodic(VECTOR_LAPIC_TIMER, 0);
  lapic_timer_once(VECTOR_LAPIC_TIMER, 10000000);
  wait_for(&lapic_ticks, 1);
  console_printf("local APIC: 6 ticks\n");
  if (hpet_once(10)) {
    wait_for(&hpet_ticks, 1);
    console_printf("HPET: 1 tick\n");
  }
  timer_start(PIT_HZ);
  for (unsigned i = 1; i <= seconds; i++) {
    wait_for(&pit_ticks, PIT_HZ);
    console_printf("%u s\n", i);
  }
  interrupts_disable();
  for (;;) {
    __asm__ volatile("hlt");
  }
}
