package org.chronovisor.query;

import org.chronovisor.x86.CpuState;

/**
 * The memory operand of an instruction.
 *
 * @param base general register or -1
 * @param index general register or -1
 * @param scale of the index: 1, 2, 4 or 8
 * @param segment register in encoding order whose base is added: 4 fs, 5 gs, -1 none
 * @param relative to the next instruction
 * @param addressSize in bytes: the sum is cut to it before the segment's base is added
 */
public record MemoryOperand(
    int base,
    int index,
    int scale,
    long displacement,
    int segment,
    boolean relative,
    int addressSize) {
  /** The memory that one register points at. */
  static MemoryOperand at(int register, long displacement, boolean wide) {
    return new MemoryOperand(register, -1, 1, displacement, -1, false, wide ? 8 : 4);
  }

  /**
   * Linear address, with registers as they are before the instruction.
   *
   * @param next linear address of the next instruction
   */
  public long address(CpuState cpu, long next) {
    long sum = offset(cpu, next);
    return segment >= 0 ? sum + cpu.segments[segment].base() : sum;
  }

  /** The address without the segment's base: what {@code lea} computes. */
  public long offset(CpuState cpu, long next) {
    long sum = displacement;
    if (relative) {
      sum += next;
    }
    if (base >= 0) {
      sum += cpu.words[base];
    }
    if (index >= 0) {
      sum += cpu.words[index] * scale;
    }
    return addressSize == 8 ? sum : sum & 0xffff_ffffL;
  }
}
