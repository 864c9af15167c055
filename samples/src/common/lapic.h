/* The local APIC through its registers in memory (Intel SDM volume 3, chapter 11). */
#ifndef LAPIC_H
#define LAPIC_H

#include <stdint.h>

#define LAPIC_BASE 0xfee00000ul

#define LAPIC_TASK_PRIORITY 0x080
#define LAPIC_END_OF_INTERRUPT 0x0b0
#define LAPIC_SPURIOUS 0x0f0
#define LAPIC_COMMAND 0x300
#define LAPIC_TIMER 0x320
#define LAPIC_TIMER_COUNT 0x380
#define LAPIC_TIMER_NOW 0x390
#define LAPIC_TIMER_DIVIDE 0x3e0

#define LAPIC_SEND_NMI_TO_SELF 0x44400
#define LAPIC_SEND_TO_SELF 0x44000 /* plus the vector */

uint32_t lapic_read(uint32_t offset);
void lapic_write(uint32_t offset, uint32_t value);

/* Switches it on; the first gigabytes must be mapped at LAPIC_BASE, too. */
void lapic_enable(uint8_t spurious_vector);

/* A periodic interrupt every `count` ticks, or one after `count` ticks; 0 stops the timer. */
void lapic_timer_periodic(uint8_t vector, uint32_t count);
void lapic_timer_once(uint8_t vector, uint32_t count);

#endif
