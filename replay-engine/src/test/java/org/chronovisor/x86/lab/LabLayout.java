package org.chronovisor.x86.lab;

/** Where cases and code lie in the lab guest's RAM (samples/src/insn-lab/lab.h). */
final class LabLayout {
  static final int HEADER = 0x80_0000;
  static final int HEADER_COUNT = HEADER + 8;
  static final int HEADER_DONE = HEADER + 16;
  static final int HEADER_RETURN = HEADER + 24;
  static final int HEADER_UPPER = HEADER + 40;
  static final long MAGIC = 0x31_424c_4e53_4e49L;

  /** One slot of code per template: its instructions, then a jump back. */
  static final int CODE = 0x90_0000;

  static final int SLOT_BYTES = 128;

  /** Every fourth case has a page boundary in the middle of its block. */
  static final int TABLE = 0x100_0100;

  static final int MAX_SLOTS = (TABLE - CODE) / SLOT_BYTES;

  /** One case: registers in, then a block of memory; the guest overwrites it with the results. */
  static final int CASE_BYTES = 1024;

  /**
   * Upper halves of a case's ymm registers: in the guest behind the table of cases, here behind the
   * case.
   */
  static final int UPPER = CASE_BYTES;

  static final int UPPER_BYTES = 256;

  /** A case and its upper halves. */
  static final int RECORD_BYTES = CASE_BYTES + UPPER_BYTES;

  static final int GENERAL = 0;
  static final int RFLAGS = 128;
  static final int MXCSR = 136;

  /** Vector of the exception plus one, or zero. */
  static final int FAULT = 140;

  /** Far pointer to the code: offset (32 bits), selector (16 bits). */
  static final int TARGET = 144;

  static final int XMM = 192;
  static final int XMM_END = 448;
  static final int BLOCK = 512;
  static final int BLOCK_BYTES = 512;

  static final int CODE64_SELECTOR = 0x08;
  static final int DATA_SELECTOR = 0x10;
  static final int CODE32_SELECTOR = 0x18;
  static final int TASK_SELECTOR = 0x20;

  private LabLayout() {}
}
