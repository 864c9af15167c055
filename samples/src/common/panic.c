/* The end of a guest that cannot go on. */
#include "cpu.h"
#include "runtime.h"

#define UNNAMED_PANIC 0x1f

uint8_t panic_exit_code = UNNAMED_PANIC;

void panic(const char *message) {
  interrupts_disable();
  console_printf("PANIC: %s\n", message);
  guest_exit(panic_exit_code);
}
