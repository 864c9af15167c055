package org.chronovisor.x86.lab;

/** What a template expects of its inputs, beyond edge values in every register. */
enum Operands {
  /** cl is a shift count. */
  COUNT,
  /** rcx is a small signed number, rdx a smaller one: indexes into the block. */
  INDEX,
  /** rcx is a bit number inside the block. */
  BIT,
  /** rsi and rdi point into the block, rcx is a small count. */
  STRING,
  /** rdx is often the extension of rax, so that quotients fit. */
  DIVIDE,
  /** The top of the stack holds flags that may be popped. */
  FLAGS,
  /** rax and rdx:rax often equal the destination. */
  COMPARE,
  /** rcx is a small count of iterations or zero. */
  LOOP,
  /** xmm registers and memory hold float32 edge values. */
  SINGLE,
  /** xmm registers and memory hold float64 edge values. */
  DOUBLE,
  /** Two 80-bit values stand at rbx, an operand of the other kinds at 32, control words at 40. */
  EXTENDED,
  /** ymm5 holds small signed indexes into the block. */
  VECTOR_INDEX,
  /** The block's first 32 bits at rbx are an mxcsr value that may be loaded. */
  CONTROL,
  /** A prefix was put before it: whether it has a model then does not matter. */
  PREFIXED
}
