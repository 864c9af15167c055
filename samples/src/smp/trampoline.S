/*
 * Where the other CPUs start: 16-bit real mode, at a page below 1 MiB that the start-up interrupt
 * names. smp.c copies the code there. It goes to long mode in one step, with the boot CPU's page
 * tables, and calls cpu_main(number) on a stack of its own.
 */
#define CR0_LONG_MODE 0x80010033        /* PG, WP, NE, ET, MP, PE */
#define CR4_PAE (1 << 5)
#define CR4_OSFXSR (1 << 9)
#define MSR_EFER 0xc0000080
#define EFER_LME (1 << 8)
#define CODE64_SELECTOR 0x08
#define DATA_SELECTOR 0x10
#define STACK_SHIFT 14

    .section .text
    .code16
    .globl trampoline_begin
    .type trampoline_begin, @object
trampoline_begin:
    cli
    movw %cs, %ax
    movw %ax, %ds
    lgdtl trampoline_gdt_descriptor - trampoline_begin
    movl $(CR4_PAE | CR4_OSFXSR), %eax
    movl %eax, %cr4
    movl $boot_pml4, %eax
    movl %eax, %cr3
    movl $MSR_EFER, %ecx
    movl $EFER_LME, %eax
    xorl %edx, %edx
    wrmsr
    movl $CR0_LONG_MODE, %eax
    movl %eax, %cr0
    ljmpl $CODE64_SELECTOR, $start_cpu
trampoline_gdt_descriptor:
    .word 3 * 8 - 1
    .long trampoline_gdt
    .size trampoline_begin, . - trampoline_begin
    .globl trampoline_end
trampoline_end:

    .code64
    .type start_cpu, @function
start_cpu:
    .cfi_startproc
    .cfi_undefined rip
    movl $DATA_SELECTOR, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl $1, %edi
    lock xaddl %edi, cpus_started
    incl %edi                           /* the boot CPU is number 0 */
    movl %edi, %eax
    shll $STACK_SHIFT, %eax
    leaq cpu_stacks(%rax), %rsp
    xorl %ebp, %ebp
    call cpu_main
1:  cli
    hlt
    jmp 1b
    .cfi_endproc
    .size start_cpu, . - start_cpu

    .section .data
    .balign 8
    .type trampoline_gdt, @object
trampoline_gdt:
    .quad 0
    .quad 0x00af9b000000ffff            /* 64-bit code */
    .quad 0x00cf93000000ffff            /* data */
    .size trampoline_gdt, . - trampoline_gdt

    .section .note.GNU-stack, "", @progbits
