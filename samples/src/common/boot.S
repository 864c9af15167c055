/*
 * From the PVH entry (32-bit protected mode, paging off, ebx = struct hvm_start_info) to
 * kernel_main in long mode, with the first gigabyte mapped one to one and SSE switched on.
 */
#define STACK_SIZE 16384
#define CODE64_SELECTOR 0x08
#define DATA_SELECTOR 0x10

#define CR0_MP (1 << 1)
#define CR0_EM (1 << 2)
#define CR0_TS (1 << 3)
#define CR0_NE (1 << 5)
#define CR0_WP (1 << 16)
#define CR0_PG (1 << 31)
#define CR4_PAE (1 << 5)
#define CR4_OSFXSR (1 << 9)
#define CR4_OSXMMEXCPT (1 << 10)
#define MSR_EFER 0xc0000080
#define EFER_LME (1 << 8)

#define PAGE_PRESENT_WRITABLE 0x003
#define PAGE_LARGE 0x080

    .cfi_sections .debug_frame

/* Xen note 18, XEN_ELFNOTE_PHYS32_ENTRY: what makes `qemu -kernel` start this file. */
    .section .note.Xen, "a", @note
    .balign 4
    .long 4                             /* size of the name */
    .long 8                             /* size of the value */
    .long 18
    .asciz "Xen"
    .quad _start

    .section .text.boot, "ax", @progbits
    .code32
    .globl _start
    .type _start, @function
_start:
    cli
    cld
    movl $stack_top, %esp
    movl $bss_start, %edi
    movl $bss_end, %ecx
    subl %edi, %ecx
    shrl $2, %ecx
    xorl %eax, %eax
    rep stosl

    call map_first_gigabyte
    lgdt gdt_descriptor
    lidt no_idt_descriptor              /* any fault before an IDT exists is a triple fault */

    movl %cr4, %eax
    orl $(CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT), %eax
    movl %eax, %cr4
    movl $boot_pml4, %eax
    movl %eax, %cr3
    movl $MSR_EFER, %ecx
    rdmsr
    orl $EFER_LME, %eax
    wrmsr
    movl %cr0, %eax
    andl $~(CR0_EM | CR0_TS), %eax
    orl $(CR0_PG | CR0_WP | CR0_NE | CR0_MP), %eax
    movl %eax, %cr0
    ljmpl $CODE64_SELECTOR, $start64
    .size _start, . - _start

    .type map_first_gigabyte, @function
map_first_gigabyte:
    movl $(boot_pdpt + PAGE_PRESENT_WRITABLE), boot_pml4
    movl $(boot_pd + PAGE_PRESENT_WRITABLE), boot_pdpt
    movl $boot_pd, %edi
    movl $(PAGE_PRESENT_WRITABLE | PAGE_LARGE), %eax
1:  movl %eax, (%edi)
    addl $(2 << 20), %eax
    addl $8, %edi
    cmpl $(boot_pd + 4096), %edi
    jne 1b
    ret
    .size map_first_gigabyte, . - map_first_gigabyte

    .code64
    .type start64, @function
start64:
    .cfi_startproc
    .cfi_undefined rip                  /* the outermost frame: unwinding ends here */
    movl $DATA_SELECTOR, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    xorl %eax, %eax
    movl %eax, %fs
    movl %eax, %gs
    movl $stack_top, %esp
    xorl %ebp, %ebp
    movl %ebx, %edi                     /* clears the upper half of rdi */
    call kernel_main
2:  cli
    hlt
    jmp 2b
    .cfi_endproc
    .size start64, . - start64

    .section .data
    .balign 8
    .type gdt, @object
gdt:
    .quad 0
    .quad 0x00af9b000000ffff            /* 64-bit code */
    .quad 0x00cf93000000ffff            /* data */
    .size gdt, . - gdt

    .type gdt_descriptor, @object
gdt_descriptor:
    .word . - gdt - 1
    .long gdt
    .size gdt_descriptor, . - gdt_descriptor

    .type no_idt_descriptor, @object
no_idt_descriptor:
    .word 0
    .long 0
    .size no_idt_descriptor, . - no_idt_descriptor

    .section .bss
    .balign 4096
    .globl boot_pml4
    .type boot_pml4, @object
boot_pml4:
    .skip 4096
    .size boot_pml4, . - boot_pml4
    .type boot_pdpt, @object
boot_pdpt:
    .skip 4096
    .size boot_pdpt, . - boot_pdpt
    .type boot_pd, @object
boot_pd:
    .skip 4096
    .size boot_pd, . - boot_pd

    .section .bss.noinit, "aw", @nobits
    .balign 4096
    .globl stack_bottom
    .type stack_bottom, @object
stack_bottom:
    .skip STACK_SIZE
    .size stack_bottom, . - stack_bottom
    .globl stack_top
stack_top:

    .section .note.GNU-stack, "", @progbits
