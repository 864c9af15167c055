package org.chronovisor.x86;

/** Stores of more than 8 bytes. */
final class SseStores {
  private SseStores() {}

  /** Stores both halves, or faults before either. */
  static void store128(Cpu cpu, long linear, long low, long high) {
    if ((linear & 4095) > 4096 - 16) {
      cpu.mmu.translate(linear);
      cpu.mmu.translate(linear + 15);
    }
    cpu.mmu.store64(linear, low);
    cpu.mmu.store64(linear + 8, high);
  }

  /** Stores four words, or faults before any. */
  static void store256(Cpu cpu, long linear, long a, long b, long c, long d) {
    if ((linear & 4095) > 4096 - 32) {
      cpu.mmu.translate(linear);
      cpu.mmu.translate(linear + 31);
    }
    cpu.mmu.store64(linear, a);
    cpu.mmu.store64(linear + 8, b);
    cpu.mmu.store64(linear + 16, c);
    cpu.mmu.store64(linear + 24, d);
  }
}
