package org.chronovisor.query;

import org.chronovisor.x86.CpuState;

/**
 * A place that an instruction reads or writes.
 *
 * @param number of the register; -1 for other kinds
 * @param offset of the first byte in the register: 1 for ah, ch, dh and bh, 8 for the high half of
 *     a vector register
 * @param size in bytes
 * @param memory of kind {@link Kind#MEMORY}, else null
 * @param value of kind {@link Kind#CONSTANT}
 */
public record Operand(
    Kind kind, int number, int offset, int size, MemoryOperand memory, long value) {
  private static final String[] BYTES = {"al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil"};
  private static final String[] HIGH = {"ah", "ch", "dh", "bh"};

  /** What a place is. */
  public enum Kind {
    /** A general register or a part of one. */
    REGISTER,
    /** An xmm register or a part of one. */
    VECTOR,
    MEMORY,
    /** Part of the instruction. */
    CONSTANT
  }

  static Operand register(int number, int size) {
    return new Operand(Kind.REGISTER, number, 0, size, null, 0);
  }

  static Operand vector(int number, int offset, int size) {
    return new Operand(Kind.VECTOR, number, offset, size, null, 0);
  }

  static Operand memory(MemoryOperand memory, int size) {
    return new Operand(Kind.MEMORY, -1, 0, size, memory, 0);
  }

  static Operand constant(long value, int size) {
    return new Operand(Kind.CONSTANT, -1, 0, size, null, value);
  }

  /** A register as an assembler names it. */
  public String name() {
    if (kind == Kind.VECTOR) {
      return "xmm" + number;
    }
    if (number >= 8) {
      return "r" + number + (size == 8 ? "" : size == 4 ? "d" : size == 2 ? "w" : "b");
    }
    String wide = CpuState.wordName(number);
    return switch (size) {
      case 8 -> wide;
      case 4 -> "e" + wide.substring(1);
      case 2 -> wide.substring(1);
      default -> offset == 1 ? HIGH[number & 3] : BYTES[number];
    };
  }
}
