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
#define VECTOR_COUNT 48 /* with a stub in isr.S */
#define IDT_SIZE 256

#define GATE_INTERRUPT 0x8e
#define GATE_TRAP 0x8f
#define GATE_FOR_USER 0x60

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

/* Sets one entry of the IDT; `stack` is 0 or the number of a stack in the TSS. */
void interrupts_gate(unsigned vector, uint64_t entry, uint8_t type, uint8_t stack);

/* Prints `PANIC: what happened` and all registers. */
void interrupts_report(const struct trap_frame *frame);

/* Moves the legacy PICs to VECTOR_IRQ_BASE and lets nothing through. */
void pic_remap(void);

/* Remaps the legacy PICs to VECTOR_IRQ_BASE and lets only IRQ 0 through, at about `hz`. */
void timer_start(uint32_t hz);

/* Tells the master PIC that its interrupt has been served. */
void timer_acknowledge(void);

#endif
