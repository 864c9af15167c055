/*
 * Interrupt entry stubs for the vectors 0-47: each completes the frame the CPU pushed to a
 * struct trap_frame (interrupts.h) and calls interrupt_dispatch.
 */
    .cfi_sections .debug_frame
    .text

/* The CPU pushed ss, rsp, rflags, cs, rip and, for some exceptions, an error code. */
    .macro isr_stub vector, has_error
    .type isr_\vector, @function
isr_\vector:
    .cfi_startproc simple
    .cfi_signal_frame
    .if \has_error
    .cfi_def_cfa rsp, 48
    .else
    .cfi_def_cfa rsp, 40
    .endif
    .cfi_offset rip, -40
    .cfi_offset rsp, -16
    .if !\has_error
    pushq $0
    .cfi_adjust_cfa_offset 8
    .endif
    pushq $\vector
    .cfi_adjust_cfa_offset 8
    jmp isr_common
    .cfi_endproc
    .size isr_\vector, . - isr_\vector
    .endm

    .macro save register
    pushq %\register
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset \register, 0
    .endm

    .macro restore register
    popq %\register
    .cfi_adjust_cfa_offset -8
    .cfi_restore \register
    .endm

    .irp vector, 0,1,2,3,4,5,6,7,9,15,16,18,19,20,22,23,24,25,26,27,28,31
    isr_stub \vector, 0
    .endr
    .irp vector, 8,10,11,12,13,14,17,21,29,30
    isr_stub \vector, 1
    .endr
    .irp vector, 32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47
    isr_stub \vector, 0
    .endr

    .type isr_common, @function
isr_common:
    .cfi_startproc simple
    .cfi_signal_frame
    .cfi_def_cfa rsp, 56
    .cfi_offset rip, -40
    .cfi_offset rsp, -16
    save rax
    save rbx
    save rcx
    save rdx
    save rsi
    save rdi
    save rbp
    save r8
    save r9
    save r10
    save r11
    save r12
    save r13
    save r14
    save r15
    cld
    movq %rsp, %rdi
    call interrupt_dispatch
    restore r15
    restore r14
    restore r13
    restore r12
    restore r11
    restore r10
    restore r9
    restore r8
    restore rbp
    restore rdi
    restore rsi
    restore rdx
    restore rcx
    restore rbx
    restore rax
    addq $16, %rsp
    .cfi_adjust_cfa_offset -16
    iretq
    .cfi_endproc
    .size isr_common, . - isr_common

    .section .rodata
    .balign 8
    .globl isr_table
    .type isr_table, @object
isr_table:
    .irp vector, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    .quad isr_\vector
    .endr
    .irp vector, 32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47
    .quad isr_\vector
    .endr
    .size isr_table, . - isr_table

    .section .note.GNU-stack, "", @progbits
