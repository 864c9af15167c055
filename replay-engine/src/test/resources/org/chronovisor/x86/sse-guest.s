# A PVH guest that runs the stubs over the records at 16 MiB, in place, and leaves QEMU.
        .intel_syntax noprefix
        .section .note.pvh, "a", @note
        .long 4, 4, 18
        .asciz "Xen"
        .long start32

        .text
        .code32
        .globl start32
start32:
        cli
        mov     esp, offset stack_top
        # Identity map of the first GiB with 2 MiB pages.
        mov     edi, offset directory
        mov     eax, 0x83
        mov     ecx, 512
1:      mov     [edi], eax
        mov     dword ptr [edi + 4], 0
        add     eax, 0x200000
        add     edi, 8
        loop    1b
        mov     dword ptr [pointers], offset directory + 3
        mov     dword ptr [level4], offset pointers + 3
        mov     eax, offset level4
        mov     cr3, eax
        mov     eax, cr4
        or      eax, 0x620              # PAE, OSFXSR, OSXMMEXCPT
        mov     cr4, eax
        mov     ecx, 0xc0000080
        rdmsr
        or      eax, 0x100
        wrmsr
        mov     eax, cr0
        and     eax, 0xfffffffb         # no x87 emulation
        or      eax, 0x80000003
        mov     cr0, eax
        lgdt    [table]
        .byte   0xea
        .long   start64
        .word   8

        .code64
start64:
        mov     ax, 16
        mov     ss, ax
        mov     ds, ax
        mov     es, ax
        call    run
        mov     dx, 0xf4
        xor     eax, eax
        out     dx, eax
        hlt

run:
        mov     rbx, 0x1000000
        mov     r12, [rbx]
        add     rbx, 64
1:      test    r12, r12
        jz      2f
        mov     eax, [rbx]
        mov     rdi, rbx
        lea     rsi, [rbx + 48]
        lea     r13, stubs[rip]
        call    [r13 + rax * 8]
        add     rbx, 96
        dec     r12
        jmp     1b
2:      ret

        .data
        .balign 16
descriptors:
        .quad   0, 0x00af9b000000ffff, 0x00cf93000000ffff
table:
        .word   23
        .long   descriptors
        .bss
        .balign 4096
level4: .skip   4096
pointers:
        .skip   4096
directory:
        .skip   4096
        .skip   4096
stack_top:
