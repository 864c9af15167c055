/* The local APIC. */
#include "lapic.h"

#define SOFTWARE_ENABLE 0x100
#define TIMER_PERIODIC 0x20000
#define DIVIDE_BY_1 0x0b

uint32_t lapic_read(uint32_t offset) { return *(volatile uint32_t *)(LAPIC_BASE + offset); }

void lapic_write(uint32_t offset, uint32_t value) {
  *(volatile uint32_t *)(LAPIC_BASE + offset) = value;
}

void lapic_enable(uint8_t spurious_vector) {
  lapic_write(LAPIC_SPURIOUS, SOFTWARE_ENABLE | spurious_vector);
}

static void timer(uint32_t mode, uint32_t count) {
  lapic_write(LAPIC_TIMER_DIVIDE, DIVIDE_BY_1);
  lapic_write(LAPIC_TIMER, mode);
  lapic_write(LAPIC_TIMER_COUNT, count);
}

void lapic_timer_periodic(uint8_t vector, uint32_t count) { timer(TIMER_PERIODIC | vector, count); }

void lapic_timer_once(uint8_t vector, uint32_t count) { timer(vector, count); }
