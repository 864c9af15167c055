/* A periodic timer interrupt: channel 0 of the 8254 through the 8259 pair. */
#include "cpu.h"
#include "interrupts.h"

#define MASTER_COMMAND 0x20
#define MASTER_DATA 0x21
#define SLAVE_COMMAND 0xa0
#define SLAVE_DATA 0xa1
#define END_OF_INTERRUPT 0x20
#define INITIALISE_WITH_ICW4 0x11
#define MODE_8086 0x01
#define ONLY_IRQ0 0xfe
#define NONE 0xff

#define PIT_CHANNEL0 0x40
#define PIT_COMMAND 0x43
#define RATE_GENERATOR 0x34
#define PIT_HZ 1193182

void pic_remap(void) {
  outb(MASTER_COMMAND, INITIALISE_WITH_ICW4);
  outb(SLAVE_COMMAND, INITIALISE_WITH_ICW4);
  outb(MASTER_DATA, VECTOR_IRQ_BASE);
  outb(SLAVE_DATA, VECTOR_IRQ_BASE + 8);
  outb(MASTER_DATA, 1 << 2); /* the slave hangs on IRQ 2 */
  outb(SLAVE_DATA, 2);
  outb(MASTER_DATA, MODE_8086);
  outb(SLAVE_DATA, MODE_8086);
  outb(MASTER_DATA, NONE);
  outb(SLAVE_DATA, NONE);
}

void timer_start(uint32_t hz) {
  uint32_t divisor = PIT_HZ / hz;
  pic_remap();
  outb(PIT_COMMAND, RATE_GENERATOR);
  outb(PIT_CHANNEL0, (uint8_t)divisor);
  outb(PIT_CHANNEL0, (uint8_t)(divisor >> 8));
  outb(MASTER_DATA, ONLY_IRQ0);
}

void timer_acknowledge(void) { outb(MASTER_COMMAND, END_OF_INTERRUPT); }
