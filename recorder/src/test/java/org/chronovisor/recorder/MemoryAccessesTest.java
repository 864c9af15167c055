package org.chronovisor.recorder;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryAccessesTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "movq 8(%rbx, %rcx, 4), %rax | 1 | 0",
        "movl $1, (%rdx) | 0 | 1",
        "addl $1, (%rdx) | 1 | 1",
        "lock cmpxchgl %ecx, (%rdx) | 1 | 1",
        "cmpq %rax, (%rdx) | 1 | 0",
        "leaq 8(%rbx), %rax | 0 | 0",
        "nopw (%rax, %rax) | 0 | 0",
        "pushq %rbp | 0 | 1",
        "popq %rbp | 1 | 0",
        "callq 0x100123 | 0 | 1",
        "callq *0x18(%rax) | 1 | 1",
        "jmpq *%rax | 0 | 0",
        "jne 0x100123 | 0 | 0",
        "retq | 1 | 0",
        "movsb (%rsi), %es:(%rdi) | 1 | 1",
        "addq $0x10, %rsp | 0 | 0",
        "imulq (%rdi), %rax | 1 | 0",
        "movl 0x10d230, %eax | 1 | 0",
      })
  void countsWhatOneExecutionAccesses(String text, int loads, int stores) {
    assertEquals(new MemoryAccesses(loads, stores), MemoryAccesses.of(text));
  }
}
