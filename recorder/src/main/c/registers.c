/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Register numbers of the protocol, and reading the registers behind them. */
#include <string.h>

#include "plugin.h"

static const char *const names[CV_REGISTERS] = {
    "rax",   "rcx",   "rdx",   "rbx",   "rsp",   "rbp",   "rsi",     "rdi",     "r8",        "r9",
    "r10",   "r11",   "r12",   "r13",   "r14",   "r15",   "eflags",  "es",      "cs",        "ss",
    "ds",    "fs",    "gs",    "fs_base", "gs_base", "k_gs_base", "cr0", "cr2", "cr3",       "cr4",
    "cr8",   "efer",  "xmm0",  "xmm1",  "xmm2",  "xmm3",  "xmm4",    "xmm5",    "xmm6",      "xmm7",
    "xmm8",  "xmm9",  "xmm10", "xmm11", "xmm12", "xmm13", "xmm14",   "xmm15",   "mxcsr",     "st0",
    "st1",   "st2",   "st3",   "st4",   "st5",   "st6",   "st7",     "fctrl",   "fstat",     "ftag",
};

static struct qemu_plugin_register *handles[CV_REGISTERS];
static struct qemu_plugin_register *rip;
static GByteArray *buffer;

/* Finds the registers by name, in the vCPU's init callback; returns the set that exists. */
uint64_t cv_registers_find(void) {
  uint64_t found = 0;
  GArray *array = qemu_plugin_get_registers();
  const qemu_plugin_reg_descriptor *all = (const void *)array->data;
  for (unsigned i = 0; i < array->len; i++) {
    if (!rip && !strcmp(all[i].name, "rip")) {
      rip = all[i].handle;
    }
    for (unsigned number = 0; number < CV_REGISTERS; number++) {
      if (!handles[number] && !strcmp(all[i].name, names[number])) {
        handles[number] = all[i].handle;
        found |= 1ull << number;
      }
    }
  }
  g_array_free(array, 1);
  if (!buffer) {
    buffer = g_byte_array_new();
  }
  for (unsigned number = 0; number < CV_TRANSFER_REGISTERS; number++) {
    if (!handles[number]) {
      cv_die("this QEMU does not offer register %s to plugins", names[number]);
    }
  }
  if (!rip) {
    cv_die("this QEMU does not offer register rip to plugins");
  }
  return found;
}

int cv_register_exists(unsigned number) { return number < CV_REGISTERS && handles[number]; }

uint32_t cv_register_bytes(unsigned number) {
  int wide = number >= CV_XMM0 && number < CV_FCTRL && number != CV_MXCSR;
  return wide ? 16 : 8;
}

void cv_register_read(unsigned number, uint8_t *to) {
  uint32_t bytes = cv_register_bytes(number);
  g_byte_array_set_size(buffer, 0);
  int got = qemu_plugin_read_register(handles[number], buffer);
  if (got <= 0) {
    cv_die("register %s cannot be read", names[number]);
  }
  uint32_t size = (uint32_t)got < bytes ? (uint32_t)got : bytes;
  memcpy(to, buffer->data, size);
  memset(to + size, 0, bytes - size);
}

uint64_t cv_register(unsigned number) {
  uint64_t value[2];
  cv_register_read(number, (uint8_t *)value);
  return value[0];
}

/* Exact at a block's start only (QEMU 10.0: x86 translations are position-independent). */
uint64_t cv_register_rip(void) {
  uint64_t value = 0;
  g_byte_array_set_size(buffer, 0);
  int got = qemu_plugin_read_register(rip, buffer);
  if (got <= 0) {
    cv_die("register rip cannot be read");
  }
  memcpy(&value, buffer->data, got < 8 ? (size_t)got : 8);
  return value;
}
