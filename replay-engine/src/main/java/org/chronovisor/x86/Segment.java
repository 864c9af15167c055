package org.chronovisor.x86;

/**
 * A segment register with its hidden part.
 *
 * @param selector 16 bits, unsigned
 * @param base linear base address
 * @param limit in bytes, unsigned 32 bits (granularity already applied)
 * @param attributes bits 8-15 and 20-23 of the descriptor's high word, in place, as QEMU's {@code
 *     info registers} prints them (for example 0x00af9b00)
 */
public record Segment(int selector, long base, long limit, int attributes) {
  public static final Segment NULL = new Segment(0, 0, 0, 0);

  private static final int LONG = 1 << 21;
  private static final int DEFAULT_32 = 1 << 22;

  /** L bit: 64-bit code. */
  public boolean isLong() {
    return (attributes & LONG) != 0;
  }

  /** D/B bit: 32-bit code or stack. */
  public boolean isDefault32() {
    return (attributes & DEFAULT_32) != 0;
  }
}
