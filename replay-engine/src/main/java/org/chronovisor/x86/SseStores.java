package org.chronovisor.x86;

/** 16-byte stores. */
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
}
