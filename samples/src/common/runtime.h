/* What every sample can use: start, end, boot parameters, console and panic. */
#ifndef RUNTIME_H
#define RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The sample itself. What it returns becomes the exit code, see guest_exit. */
int main(void);

/* The kernel command line (`qemu -append`), "" without one. */
const char *boot_command_line(void);

/* The number in `name=number` on the kernel command line, or `fallback`. */
uint64_t boot_parameter(const char *name, uint64_t fallback);

/* Bytes of usable RAM in the PVH memory map. */
uint64_t boot_ram_bytes(void);

/*
 * Ends QEMU through isa-debug-exit at port 0xf4; QEMU's own exit status is then 2 * code + 1.
 * Without that device the guest halts for ever.
 */
_Noreturn void guest_exit(uint8_t code);

/* Stops the CPU for good. */
_Noreturn void guest_halt(void);

void console_init(void);
void console_putc(char c);

/* %s %c %d %u %x %p %%, with l, a width and 0-padding. */
void console_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The code guest_exit gets when the guest panics; every sample that fails has one of its own. */
extern uint8_t panic_exit_code;

/* Prints `PANIC: message` and ends the guest. */
_Noreturn void panic(const char *message);

#endif
