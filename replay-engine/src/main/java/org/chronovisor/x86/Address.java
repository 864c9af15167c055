package org.chronovisor.x86;

/** How a memory operand's linear address is computed (Intel SDM vol. 1, 3.7.5). */
final class Address {
  final int base;
  final int index;
  final int scale;
  final long displacement;

  /** Segment register whose base is added; -1: flat 64-bit address. */
  final int segment;

  /** Mask of the effective address (offset in the segment). */
  final long offsetMask;

  private final long linearMask;

  private Address(
      int base,
      int index,
      int scale,
      long displacement,
      int segment,
      long offsetMask,
      long linearMask) {
    this.base = base;
    this.index = index;
    this.scale = scale;
    this.displacement = displacement;
    this.segment = segment;
    this.offsetMask = offsetMask;
    this.linearMask = linearMask;
  }

  /**
   * @param base index into {@link Cpu#r}, 16 for none
   * @param index the same
   * @param size address size in bytes
   */
  static Address of(
      int base, int index, int scale, long displacement, int segment, int size, Mode mode) {
    boolean is64 = mode == Mode.CODE64;
    long offsetMask = size == 8 ? -1L : size == 4 ? 0xffff_ffffL : 0xffff;
    long linearMask = is64 ? -1L : 0xffff_ffffL;
    // In 64-bit mode only fs and gs have a base.
    boolean flat = is64 && size == 8 && segment < DecodeContext.FS;
    return new Address(
        base, index, scale, displacement, flat ? -1 : segment, offsetMask, linearMask);
  }

  /** The address of a field {@code bytes} further on. */
  Address plus(int bytes) {
    return new Address(base, index, scale, displacement + bytes, segment, offsetMask, linearMask);
  }

  /** Linear address. */
  long linear(Cpu cpu) {
    long[] r = cpu.r;
    long sum = r[base] + (r[index] << scale) + displacement;
    return segment < 0 ? sum : segmented(cpu, sum);
  }

  /** Linear address of an operand {@code extra} bytes further on. */
  long linear(Cpu cpu, long extra) {
    long[] r = cpu.r;
    long sum = r[base] + (r[index] << scale) + displacement + extra;
    return segment < 0 ? sum : segmented(cpu, sum);
  }

  /** Linear address of an effective address that has been summed up. */
  long segmented(Cpu cpu, long sum) {
    return ((sum & offsetMask) + cpu.segmentBase[segment]) & linearMask;
  }

  /** Offset in the segment, as LEA computes it. */
  long offset(Cpu cpu) {
    long[] r = cpu.r;
    return (r[base] + (r[index] << scale) + displacement) & offsetMask;
  }
}
