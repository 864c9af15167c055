# A disk image of one kilobyte. The firmware loads the first sector at 0x7c00 and starts it in real
# mode; it reads the second one by the firmware's 16-bit disk service, goes to long mode and back,
# asks the firmware once more, and then stops with interrupts off because the answer is "wrong".

  .equ PORT, 0x3f8
  .equ TABLES, 0x9000        # three pages: PML4, PDPT, PD
  .equ CODE16, 0x08
  .equ DATA16, 0x10
  .equ CODE64, 0x18
  .equ DATA, 0x20

  .code16
  .section .text
  .global _start, second, long_mode, again, failed, answer
_start:
  ljmp $0, $1f
1:
  cli
  xor %ax, %ax
  mov %ax, %ds
  mov %ax, %es
  mov %ax, %ss
  mov $0x7c00, %sp
  sti
  mov %dl, drive
  mov $hello, %si
  call print

  mov $0x0201, %ax           # read one sector ...
  mov $0x0002, %cx           # ... the second ...
  mov drive, %dl
  xor %dh, %dh
  mov $second, %bx           # ... behind this one
  int $0x13
  jc failed
  jmp second

print:
  lodsb
  test %al, %al
  jz 2f
  mov $PORT, %dx
  out %al, %dx
  jmp print
2:
  ret

failed:
  mov $wrong, %si
  call print
  cli
  hlt
  jmp failed

drive:
  .byte 0
hello:
  .asciz "16 bits\r\n"
wrong:
  .asciz "the answer is wrong\r\n"

  .balign 8
gdt:
  .quad 0
  .quad 0x00009b000000ffff   # 16-bit code
  .quad 0x000093000000ffff   # 16-bit data
  .quad 0x00af9b000000ffff   # 64-bit code
  .quad 0x00cf93000000ffff   # data
gdt_end:
gdtr:
  .word gdt_end - gdt - 1
  .long gdt
real_idtr:
  .word 0x3ff
  .long 0

  .org _start + 510
  .word 0xaa55

# ---- second sector ----

second:
  int $0x12                  # kilobytes of low memory
  mov %ax, answer

  cli
  xor %eax, %eax             # the first gigabyte as it is, in pages of 2 MiB
  mov $TABLES, %edi
  mov $0x3000 / 4, %ecx
  rep stosl
  movl $TABLES + 0x1003, TABLES
  movl $TABLES + 0x2003, TABLES + 0x1000
  mov $TABLES + 0x2000, %edi
  mov $0x83, %eax
3:
  mov %eax, (%edi)
  add $8, %edi
  add $0x200000, %eax
  cmp $0x40000083, %eax
  jb 3b

  lgdt gdtr
  mov $TABLES, %eax
  mov %eax, %cr3
  mov %cr4, %eax
  or $0x20, %eax             # PAE
  mov %eax, %cr4
  mov $0xc0000080, %ecx      # EFER
  rdmsr
  or $0x100, %eax            # LME
  wrmsr
  mov %cr0, %eax
  or $0x80000001, %eax       # PG, PE
  mov %eax, %cr0
  ljmp $CODE64, $long_mode

  .code64
long_mode:
  mov $DATA, %eax
  mov %eax, %ds
  mov %eax, %ss
  mov $0x7c00, %esp
  lea hello64(%rip), %rsi
  mov $PORT, %edx
4:
  lodsb
  test %al, %al
  jz 5f
  out %al, %dx
  jmp 4b
5:
  lea back(%rip), %rax
  push $CODE16
  push %rax
  lretq

  .code16
back:
  mov $DATA16, %eax          # 64 KiB limits for real mode
  mov %eax, %ds
  mov %eax, %es
  mov %eax, %ss
  mov %cr0, %eax
  and $0x7ffffffe, %eax
  mov %eax, %cr0
  ljmp $0, $again
again:
  xor %ax, %ax
  mov %ax, %ds
  mov %ax, %es
  mov %ax, %ss
  mov $0xc0000080, %ecx
  rdmsr
  and $~0x100, %eax
  wrmsr
  lidt real_idtr
  sti
  int $0x12
  sub %ax, answer            # zero: the answer is the same
  jmp failed

answer:
  .word 0
hello64:
  .asciz "64 bits\r\n"
  .org _start + 1024
