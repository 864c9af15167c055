/*
 * Exceptions and legacy-PIC interrupts. A guest that never calls interrupts_install has no IDT.
 * The entry stubs save no SSE registers: a sample whose handlers return is compiled with
 * -mgeneral-regs-only (its file `cflags`).
 */
#ifndef INTERRUPTS_H
#define INTERRUPTS_H

#include <stdbool.h>
#include <stdint.h>

#define VECTOR_DIVIDE_ERROR 0
#define VECTOR_PAGE_FAULT 14
#define VECTOR_IRQ_BASE 32
#define VECTOR_COUNT 48

/* What isr.S leaves on the stack; the last five are the CPU's own frame. */
struct trap_frame {
  uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
  uint64_t rbp, rdi, rsi, rdx, rcx, rbx, rax;
  uint64_t vector, error;
  uint64_t rip, cs, rflags, rsp, ss;
};

/* Returns whether the exception was dealt with; if not, the guest panics. */
typedef bool interrupt_handler(struct trap_frame *frame);

/* Loads an IDT in which every exception leads to a panic. */
void interrupts_install(void);

void interrupts_handle(unsigned vector, interrupt_handler *handler);

/* Prints `PANIC: what happened` and all registers. */
void interrupts_report(const struct trap_frame *frame);

/* Remaps the legacy PICs to VECTOR_IRQ_BASE and lets only IRQ 0 through, at about `hz`. */
void timer_start(uint32_t hz);

/* Tells the master PIC that its interrupt has been served. */
void timer_acknowledge(void);

#endif
