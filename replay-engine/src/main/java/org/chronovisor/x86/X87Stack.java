package org.chronovisor.x86;

/** The register stack of the x87 FPU. QEMU 10.0 detects neither overflow nor underflow of it. */
final class X87Stack {
  private static final int TOP = 0x3800;

  private X87Stack() {}

  private static int physical(Cpu cpu, int i) {
    return (cpu.fsw >> 11) + i & 7;
  }

  /** st(i). */
  static Float80 get(Cpu cpu, int i) {
    int r = physical(cpu, i);
    return new Float80((int) cpu.stExponent[r], cpu.stMantissa[r]);
  }

  static void set(Cpu cpu, int i, Float80 value) {
    int r = physical(cpu, i);
    cpu.stExponent[r] = value.high();
    cpu.stMantissa[r] = value.mantissa();
  }

  static void push(Cpu cpu, Float80 value) {
    rotate(cpu, -1);
    cpu.ftw |= 1 << physical(cpu, 0);
    set(cpu, 0, value);
  }

  static void pop(Cpu cpu) {
    free(cpu, 0);
    rotate(cpu, 1);
  }

  /** Marks st(i) as empty. */
  static void free(Cpu cpu, int i) {
    cpu.ftw &= ~(1 << physical(cpu, i));
  }

  static boolean isEmpty(Cpu cpu, int i) {
    return (cpu.ftw >> physical(cpu, i) & 1) == 0;
  }

  /** Changes TOP only. */
  static void rotate(Cpu cpu, int by) {
    cpu.fsw = cpu.fsw & ~TOP | physical(cpu, by) << 11;
  }
}
