/*
 * The ways from user mode into the kernel and back. In the kernel gs:0 holds the stack that a
 * system call switches to and gs:8 keeps the user's.
 */
#define GS_BASE_MSR 0xc0000101
#define USER_DATA 0x1b
#define USER_CODE 0x23

    .cfi_sections .debug_frame
    .text

/* Completes the frame to a struct trap_frame (interrupts.h). */
    .macro gate name, vector, has_error
    .globl \name
    .type \name, @function
\name:
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
    jmp entry_common
    .cfi_endproc
    .size \name, . - \name
    .endm

    gate entry_debug, 1, 0
    gate entry_nmi, 2, 0
    gate entry_breakpoint, 3, 0
    gate entry_undefined, 6, 0
    gate entry_double_fault, 8, 1
    gate entry_protection, 13, 1
    gate entry_page_fault, 14, 1
    gate entry_timer, 32, 0
    gate entry_lapic_timer, 0x50, 0
    gate entry_low, 0x51, 0
    gate entry_high, 0x60, 0
    gate entry_call, 0x80, 0
    gate entry_call_trap, 0x81, 0

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

    .type entry_common, @function
entry_common:
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
    /* An NMI can hit the instructions around swapgs: only the base itself tells whose it is. */
    xorl %ebx, %ebx
    movl $GS_BASE_MSR, %ecx
    rdmsr
    testl %edx, %edx
    jz 1f
    swapgs
    incl %ebx
1:  movq %rsp, %rdi
    call interrupt_dispatch
    testl %ebx, %ebx
    jz 2f
    swapgs
2:  restore r15
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
    .size entry_common, . - entry_common

/* syscall: number in rax, arguments in rdi, rsi, rdx; the result in rax. */
    .globl entry_syscall
    .type entry_syscall, @function
entry_syscall:
    .cfi_startproc simple
    .cfi_signal_frame
    .cfi_def_cfa rsp, 0
    .cfi_register rip, rcx
    swapgs
    movq %rsp, %gs:8
    movq %gs:0, %rsp
    pushq %gs:8
    pushq %r11
    pushq %rcx
    pushq %rbp
    movq %rsp, %rbp
    .cfi_def_cfa rbp, 32
    .cfi_offset rip, -24
    .cfi_offset rbp, -32
    sti
    movq %rdx, %rcx
    movq %rsi, %rdx
    movq %rdi, %rsi
    movq %rax, %rdi
    call kernel_call
    cli
    /* Nothing of the kernel's stays in the registers that a call may change. */
    xorl %edx, %edx
    xorl %esi, %esi
    xorl %edi, %edi
    xorl %r8d, %r8d
    xorl %r9d, %r9d
    xorl %r10d, %r10d
    popq %rbp
    popq %rcx
    popq %r11
    popq %rsp
    swapgs
    sysretq
    .cfi_endproc
    .size entry_syscall, . - entry_syscall

/* void enter_user(entry, stack, argument): by iretq, with interrupts on. */
    .globl enter_user
    .type enter_user, @function
enter_user:
    .cfi_startproc
    movq %rdx, %rax
    pushq $USER_DATA
    pushq %rsi
    pushq $0x202
    pushq $USER_CODE
    pushq %rdi
    movq %rax, %rdi
    swapgs
    iretq
    .cfi_endproc
    .size enter_user, . - enter_user


/*
 * An interrupt that is waiting comes between an exception's delivery and the first instruction of
 * its handler: sti holds it back until behind the next instruction, which goes through a trap gate.
 */
    .globl two_at_once_trap
    .type two_at_once_trap, @function
two_at_once_trap:
    sti
    int $0x81
    cli
    ret
    .size two_at_once_trap, . - two_at_once_trap

    .globl two_at_once_undefined
    .type two_at_once_undefined, @function
two_at_once_undefined:
    sti
    ud2
    cli
    ret
    .size two_at_once_undefined, . - two_at_once_undefined

/* void two_at_once_fault(address) */
    .globl two_at_once_fault
    .type two_at_once_fault, @function
two_at_once_fault:
    sti
    movb $1, (%rdi)
    cli
    ret
    .size two_at_once_fault, . - two_at_once_fault

/*
 * Behind each of these instructions the interrupt comes at once: sti holds it back for one
 * instruction. void interrupt_behind_NAME(void *scratch)
 */
    .macro behind name, instruction, second
    .globl interrupt_behind_\name
    .type interrupt_behind_\name, @function
interrupt_behind_\name:
    pushq %rbx
    movl $2, %ecx
    xorl %eax, %eax
    movq %rdi, %rsi
    movl $0x3f8 + 7, %edx       /* the serial port's scratch register */
    movl $0xfee00030, %r8d      /* the local APIC's version */
    sti
    \instruction
    \second
    cli
    popq %rbx
    ret
    .size interrupt_behind_\name, . - interrupt_behind_\name
    .endm

    behind cpuid, "cpuid"
    behind rdtsc, "rdtsc"
    behind in, "inb %dx, %al"
    behind out, "outb %al, %dx"
    behind ins, "insb"
    behind outs, "outsb"
    behind rep_ins, "rep insb"
    behind rep_outs, "rep outsb"
    behind rep_movs, "rep movsb"
    behind rep_stos, "rep stosq"
    behind fnsave, "fnsave (%rdi)"
    behind frstor, "frstor (%rdi)"
    behind fldenv, "fldenv (%rdi)"
    behind fxsave, "fxsave (%rdi)"
    behind pushf, "pushfq", "popq %rbx"
    behind mmio, "movl (%r8), %eax"
    behind cr8, "movq %rax, %cr8"
    behind hlt, "hlt"
    behind swapgs, "swapgs", "swapgs"
    behind call, "call just_return"
    behind jump, "jmp *jump_target"
    .globl interrupt_behind_iret
    .type interrupt_behind_iret, @function
interrupt_behind_iret:
    movq %rsp, %rax
    pushq $0x10
    pushq %rax
    pushfq
    pushq $0x08
    pushq $1f
    sti
    iretq                       /* to interrupts off: it comes behind the next sti */
1:  sti
    nop
    cli
    ret
    .size interrupt_behind_iret, . - interrupt_behind_iret

    .globl interrupt_behind_iret_on
    .type interrupt_behind_iret_on, @function
interrupt_behind_iret_on:
    movq %rsp, %rax
    pushq $0x10
    pushq %rax
    pushq $0x202
    pushq $0x08
    pushq $1f
    iretq
1:  cli
    ret
    .size interrupt_behind_iret_on, . - interrupt_behind_iret_on

/* The frame lies on two pages. */
    .globl interrupt_behind_crossing
    .type interrupt_behind_crossing, @function
interrupt_behind_crossing:
    movq %rsp, %rax
    leaq crossing_stack + 4096 + 16, %rsp
    sti
    nop
    cli
    movq %rax, %rsp
    ret
    .size interrupt_behind_crossing, . - interrupt_behind_crossing

    .globl interrupt_behind_popf
    .type interrupt_behind_popf, @function
interrupt_behind_popf:
    pushq $0xad7                /* all arithmetic flags and IF */
    popfq
    cld
    cli
    ret
    .size interrupt_behind_popf, . - interrupt_behind_popf

    .globl interrupt_behind_ss
    .type interrupt_behind_ss, @function
interrupt_behind_ss:
    movl $0x10, %eax
    sti
    movl %eax, %ss
    nop
    cli
    ret
    .size interrupt_behind_ss, . - interrupt_behind_ss

    .globl interrupt_behind_far_return
    .type interrupt_behind_far_return, @function
interrupt_behind_far_return:
    pushq $0x08
    pushq $1f
    sti
    lretq
1:  cli
    ret
    .size interrupt_behind_far_return, . - interrupt_behind_far_return

just_return:
    nop
    ret

    .section .bss.noinit, "aw", @nobits
    .balign 4096
crossing_stack:
    .skip 8192
    .section .data
jump_target:
    .quad jump_landing
    .text
jump_landing:
    cli
    popq %rbx
    ret

    .section .rodata
    .balign 8
    .globl interrupt_behind_all
interrupt_behind_all:
    .irp name, cpuid,rdtsc,in,out,ins,outs,rep_ins,rep_outs,rep_movs,rep_stos,fnsave,frstor,fldenv
    .quad interrupt_behind_\name
    .endr
    .irp name, fxsave,pushf,mmio,cr8,hlt,swapgs,call,jump,iret,iret_on,crossing,popf,ss,far_return
    .quad interrupt_behind_\name
    .endr
    .quad 0

    .section .note.GNU-stack, "", @progbits
