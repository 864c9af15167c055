package org.chronovisor.x86;

/** Reads gates of an interrupt descriptor table (Intel SDM vol. 3, figures 6-2 and 6-8). */
public final class InterruptGate {
  private static final int PRESENT = 0x80;

  private InterruptGate() {}

  /** Bytes of a gate. */
  public static int size(boolean longMode) {
    return longMode ? 16 : 8;
  }

  /**
   * Where a gate leads, as an offset in its code segment; null when it is not present, or cannot be
   * read.
   *
   * @param table linear address of vector 0's gate
   */
  public static Long target(Mmu mmu, long table, int vector, boolean longMode) {
    int size = size(longMode);
    byte[] gate = mmu.peek(table + (long) vector * size, size);
    if (gate.length < size || (gate[5] & PRESENT) == 0) {
      return null;
    }
    long offset = word(gate, 0, 2) | word(gate, 6, 2) << 16;
    return longMode ? offset | word(gate, 8, 4) << 32 : offset;
  }

  private static long word(byte[] bytes, int at, int size) {
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << 8 | (bytes[at + i] & 0xff);
    }
    return value;
  }
}
