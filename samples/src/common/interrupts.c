/* The IDT, and what happens on an exception nobody handles. */
#include "interrupts.h"

#include "cpu.h"
#include "runtime.h"

#define CODE_SELECTOR 0x08
#define ERROR_WRITE 2
#define ERROR_FETCH 16

struct gate {
  uint16_t offset_low;
  uint16_t selector;
  uint8_t stack;
  uint8_t type;
  uint16_t offset_middle;
  uint32_t offset_high;
  uint32_t reserved;
};

struct __attribute__((packed)) descriptor_table {
  uint16_t limit;
  uint64_t base;
};

extern const uint64_t isr_table[VECTOR_COUNT];

static struct gate idt[IDT_SIZE];
static interrupt_handler *handlers[IDT_SIZE];

static const char *const exception_names[] = {
    [0] = "divide error",     [1] = "debug",           [3] = "breakpoint",
    [6] = "invalid opcode",   [8] = "double fault",    [10] = "invalid TSS",
    [11] = "missing segment", [12] = "stack fault",    [13] = "general protection",
    [14] = "page fault",      [16] = "x87 exception",  [17] = "alignment check",
    [18] = "machine check",   [19] = "SSE exception",
};

static const char *exception_name(uint64_t vector) {
  if (vector < sizeof exception_names / sizeof exception_names[0] &&
      exception_names[vector] != NULL) {
    return exception_names[vector];
  }
  return "unexpected interrupt";
}

void interrupts_gate(unsigned vector, uint64_t entry, uint8_t type, uint8_t stack) {
  idt[vector] = (struct gate){
      .offset_low = (uint16_t)entry,
      .selector = CODE_SELECTOR,
      .stack = stack,
      .type = type,
      .offset_middle = (uint16_t)(entry >> 16),
      .offset_high = (uint32_t)(entry >> 32),
  };
}

void interrupts_install(void) {
  for (unsigned vector = 0; vector < VECTOR_COUNT; vector++) {
    interrupts_gate(vector, isr_table[vector], GATE_INTERRUPT, 0);
  }
  struct descriptor_table table = {.limit = sizeof idt - 1, .base = (uint64_t)idt};
  __asm__ volatile("lidt %0" : : "m"(table));
}

void interrupts_handle(unsigned vector, interrupt_handler *handler) { handlers[vector] = handler; }

void interrupts_report(const struct trap_frame *f) {
  if (f->vector == VECTOR_PAGE_FAULT) {
    const char *access = f->error & ERROR_WRITE ? "write" : "read";
    uint64_t address = read_cr2();
    if (f->error & ERROR_FETCH || address == f->rip) {
      access = "fetch";
    }
    console_printf("PANIC: page fault at 0x%lx (%s) rip=0x%lx error=0x%lx\n", address, access,
                   f->rip, f->error);
  } else {
    console_printf("PANIC: %s (vector %lu) rip=0x%lx error=0x%lx\n", exception_name(f->vector),
                   f->vector, f->rip, f->error);
  }
  console_printf("  rax=%016lx rbx=%016lx rcx=%016lx rdx=%016lx\n", f->rax, f->rbx, f->rcx, f->rdx);
  console_printf("  rsi=%016lx rdi=%016lx rbp=%016lx rsp=%016lx\n", f->rsi, f->rdi, f->rbp, f->rsp);
  console_printf("  r8 =%016lx r9 =%016lx r10=%016lx r11=%016lx\n", f->r8, f->r9, f->r10, f->r11);
  console_printf("  r12=%016lx r13=%016lx r14=%016lx r15=%016lx\n", f->r12, f->r13, f->r14, f->r15);
  console_printf("  rflags=%08lx cs=%lx ss=%lx\n", f->rflags, f->cs, f->ss);
}

void interrupt_dispatch(struct trap_frame *frame);

void interrupt_dispatch(struct trap_frame *frame) {
  interrupt_handler *handler = handlers[frame->vector];
  if (handler != NULL && handler(frame)) {
    return;
  }
  interrupts_report(frame);
  guest_exit(panic_exit_code);
}
