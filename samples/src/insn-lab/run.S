/*
 * lab_run: executes one case. Everything but mov, ldmxcsr and popfq between the load of the flags
 * and their store is avoided, so that the case's own instructions alone make the difference.
 */
#include "lab.h"

    .text
    .globl lab_run
    .type lab_run, @function
lab_run:                                /* rdi = struct lab_case, rsi = upper halves of ymm */
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rdi, current
    movq %rsi, upper
    movq CASE_TARGET(%rdi), %rax
    movq %rax, target
    ldmxcsr CASE_MXCSR(%rdi)
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    movups CASE_XMM + 16 * \n(%rdi), %xmm\n
    vinsertf128 $1, 16 * \n(%rsi), %ymm\n, %ymm\n
    .endr
    pushq CASE_RFLAGS(%rdi)
    popfq
    movq %rsp, own_stack
    movq 0(%rdi), %rax
    movq 8(%rdi), %rcx
    movq 16(%rdi), %rdx
    movq 24(%rdi), %rbx
    movq 32(%rdi), %rsp
    movq 40(%rdi), %rbp
    movq 48(%rdi), %rsi
    movq 64(%rdi), %r8
    movq 72(%rdi), %r9
    movq 80(%rdi), %r10
    movq 88(%rdi), %r11
    movq 96(%rdi), %r12
    movq 104(%rdi), %r13
    movq 112(%rdi), %r14
    movq 120(%rdi), %r15
    movq 56(%rdi), %rdi
    ljmpl *target

    .globl lab_return
lab_return:                             /* 64-bit code segment again; all registers are the case's */
    movq %rdi, own_rdi
    movq current, %rdi
    movq %rax, 0(%rdi)
    movq %rcx, 8(%rdi)
    movq %rdx, 16(%rdi)
    movq %rbx, 24(%rdi)
    movq %rsp, 32(%rdi)
    movq %rbp, 40(%rdi)
    movq %rsi, 48(%rdi)
    movq %r8, 64(%rdi)
    movq %r9, 72(%rdi)
    movq %r10, 80(%rdi)
    movq %r11, 88(%rdi)
    movq %r12, 96(%rdi)
    movq %r13, 104(%rdi)
    movq %r14, 112(%rdi)
    movq %r15, 120(%rdi)
    movq own_rdi, %rax
    movq %rax, 56(%rdi)
    movq own_stack, %rsp
    pushfq
    popq CASE_RFLAGS(%rdi)
    stmxcsr CASE_MXCSR(%rdi)
    movq upper, %rsi
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    movups %xmm\n, CASE_XMM + 16 * \n(%rdi)
    vextractf128 $1, %ymm\n, 16 * \n(%rsi)
    .endr
back:
    pushq $2
    popfq
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbp
    popq %rbx
    ret
    .size lab_run, . - lab_run

/* Exceptions run on the interrupt stack 1: the case's stack pointer may be anything. */
    .irp vector, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
fault_\vector:
    movl $\vector + 1, %eax
    jmp fault
    .endr
    .irp vector, 16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
fault_\vector:
    movl $\vector + 1, %eax
    jmp fault
    .endr

fault:
    movq current, %rdi
    movl %eax, CASE_FAULT(%rdi)
    movl $DATA_SELECTOR, %eax           /* the interrupt left a null selector, 16-bit for 32-bit code */
    movl %eax, %ss
    movq own_stack, %rsp
    jmp back

    .section .rodata
    .balign 8
    .globl lab_faults
lab_faults:
    .irp vector, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    .quad fault_\vector
    .endr
    .irp vector, 16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    .quad fault_\vector
    .endr

    .bss
    .balign 8
current:
    .skip 8
upper:
    .skip 8
own_stack:
    .skip 8
own_rdi:
    .skip 8
target:
    .skip 8

    .section .note.GNU-stack, "", @progbits
