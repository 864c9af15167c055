/* The serial console: a 16550 at 0x3f8, polled, and a small printf on top of it. */
#include <stdarg.h>

#include "cpu.h"
#include "runtime.h"

#define SERIAL_PORT 0x3f8
#define LINE_CONTROL (SERIAL_PORT + 3)
#define LINE_STATUS (SERIAL_PORT + 5)
#define DIVISOR_LATCH 0x80
#define EIGHT_BITS_NO_PARITY 0x03
#define TRANSMITTER_EMPTY 0x20
#define DIVISOR_115200 1

void console_init(void) {
  outb(SERIAL_PORT + 1, 0); /* no interrupts */
  outb(LINE_CONTROL, DIVISOR_LATCH);
  outb(SERIAL_PORT, DIVISOR_115200);
  outb(SERIAL_PORT + 1, 0);
  outb(LINE_CONTROL, EIGHT_BITS_NO_PARITY);
}

void console_putc(char c) {
  while ((inb(LINE_STATUS) & TRANSMITTER_EMPTY) == 0) {
  }
  outb(SERIAL_PORT, (uint8_t)c);
}

static void put_string(const char *text) {
  while (*text != '\0') {
    console_putc(*text++);
  }
}

static void put_number(uint64_t value, unsigned base, bool negative, int width, char padding) {
  char digits[20];
  int count = 0;
  do {
    digits[count++] = "0123456789abcdef"[value % base];
    value /= base;
  } while (value != 0);
  if (negative) {
    console_putc('-');
    width--;
  }
  for (int i = count; i < width; i++) {
    console_putc(padding);
  }
  while (count > 0) {
    console_putc(digits[--count]);
  }
}

void console_printf(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  for (const char *p = format; *p != '\0'; p++) {
    if (*p != '%') {
      console_putc(*p);
      continue;
    }
    char padding = ' ';
    int width = 0;
    bool is_long = false;
    p++;
    if (*p == '0') {
      padding = '0';
    }
    for (; *p >= '0' && *p <= '9'; p++) {
      width = width * 10 + (*p - '0');
    }
    for (; *p == 'l'; p++) {
      is_long = true;
    }
    switch (*p) {
      case 'c':
        console_putc((char)va_arg(arguments, int));
        break;
      case 's':
        put_string(va_arg(arguments, const char *));
        break;
      case 'd': {
        int64_t value = is_long ? va_arg(arguments, int64_t) : va_arg(arguments, int);
        uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
        put_number(magnitude, 10, value < 0, width, padding);
        break;
      }
      case 'u':
      case 'x': {
        uint64_t value = is_long ? va_arg(arguments, uint64_t) : va_arg(arguments, unsigned);
        put_number(value, *p == 'x' ? 16 : 10, false, width, padding);
        break;
      }
      case 'p':
        put_string("0x");
        put_number((uint64_t)va_arg(arguments, void *), 16, false, width, padding);
        break;
      default:
        console_putc(*p);
        break;
    }
  }
  va_end(arguments);
}
