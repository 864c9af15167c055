/* Code that changes itself. All of it lies on one page, which is writable here. */
    .cfi_sections .debug_frame
    .text
    .balign 4096

/* uint32_t patch_next(uint32_t value): the instruction behind the store is the one stored to. */
    .globl patch_next
    .type patch_next, @function
patch_next:
    movl %edi, 1f + 1(%rip)
1:  movl $0x11111111, %eax
    ret
    .size patch_next, . - patch_next

/* uint64_t patch_block(uint32_t rounds): a loop of one block that patches before and behind. */
    .globl patch_block
    .type patch_block, @function
patch_block:
    xorl %eax, %eax
    movl %edi, %ecx
1:  addq $0x1000, %rax              /* patched by the store below */
    leal (%rcx, %rcx, 4), %edx
    movl %edx, 1b + 2(%rip)
    movl %ecx, 2f + 2(%rip)
2:  xorq $0x2000, %rax              /* patched by the store above */
    decl %ecx
    jnz 1b
    ret
    .size patch_block, . - patch_block

/* uint64_t patch_by_string(uint32_t length): rep stosb writes NOPs over what follows it. */
    .globl patch_by_string
    .type patch_by_string, @function
patch_by_string:
    movl %edi, %ecx
    leaq 1f(%rip), %rdi
    movl $0x90, %eax
    rep stosb
1:  incq %rax                       /* three bytes each */
    incq %rax
    incq %rax
    incq %rax
    incq %rax
    incq %rax
    ret
    .size patch_by_string, . - patch_by_string

/* Back to what patch_by_string has overwritten. */
    .globl patch_by_string_undo
    .type patch_by_string_undo, @function
patch_by_string_undo:
    leaq 1b(%rip), %rdi
    leaq 2f(%rip), %rsi
    movl $18, %ecx
    rep movsb
    ret
2:  incq %rax
    incq %rax
    incq %rax
    incq %rax
    incq %rax
    incq %rax
    .size patch_by_string_undo, . - patch_by_string_undo

/* uint64_t traced(uint64_t value): the five bytes at traced_site are a NOP or a call. */
    .globl traced
    .type traced, @function
traced:
    leaq 1(%rdi), %rax
    .globl traced_site
traced_site:
    nopl 0(%rax, %rax, 1)
    ret
    .size traced, . - traced

    .globl traced_call
    .type traced_call, @function
traced_call:
    imulq $3, %rax
    ret
    .size traced_call, . - traced_call

/* uint64_t relocatable(uint64_t value): position-independent, to be copied. */
    .globl relocatable
    .type relocatable, @function
relocatable:
    leaq relocatable(%rip), %rax
    subq %rdi, %rax
    andl $0xfff, %eax
    addq 1f(%rip), %rax
    ret
1:  .quad 0x1234
    .size relocatable, . - relocatable
    .globl relocatable_end
relocatable_end:
    .balign 4096

/*
 * uint64_t remap_self(uint64_t *entry, uint64_t value): makes the page it runs in another frame,
 * in which it goes on. Both pages hold the same code but for the last constant.
 */
    .globl remap_first, remap_second
    .macro remap constant
    movq %rsi, (%rdi)
    leaq 1f(%rip), %rax
    invlpg (%rax)
1:  movl $\constant, %eax
    ret
    .balign 4096
    .endm
remap_first:
    remap 0xaaaa
remap_second:
    remap 0xbbbb

    .section .note.GNU-stack, "", @progbits
