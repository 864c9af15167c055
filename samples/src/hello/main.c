/* The smallest guest: prints a greeting and a few numbers, then ends QEMU. */
#include "runtime.h"

static uint64_t factorial(uint64_t n) { return n < 2 ? 1 : n * factorial(n - 1); }

static void print_powers(void) {
  for (unsigned exponent = 0; exponent <= 8; exponent++) {
    console_printf("2^%u = %u\n", exponent, 1u << exponent);
  }
}

int main(void) {
  console_printf("Hello from a unikernel.\n");
  console_printf("command line: \"%s\"\n", boot_command_line());
  console_printf("RAM: %lu KiB\n", boot_ram_bytes() / 1024);
  print_powers();
  console_printf("12! = %lu = 0x%lx\n", factorial(12), factorial(12));
  console_printf("-7 / 2 = %d\n", -7 / 2);
  console_printf("Goodbye.\n");
  return 0;
}
