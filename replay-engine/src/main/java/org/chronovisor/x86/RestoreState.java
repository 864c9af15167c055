package org.chronovisor.x86;

/**
 * FXRSTOR and XRSTOR (Intel SDM vol. 1, 13.8). QEMU 10.0 has the standard form only; what it
 * restores beyond AVX (bound registers, PKRU) nothing in the replay depends on.
 */
final class RestoreState extends MemoryInsn {
  private static final int X87 = 1;
  private static final int SSE = 2;
  private static final int AVX = 4;

  private static final int CONTROL = 0;
  private static final int STATUS = 2;
  private static final int TAGS = 4;
  private static final int MXCSR = 24;
  private static final int ST = 32;
  private static final int XMM = 160;
  private static final int XSTATE_BV = 512;
  private static final int YMMH = 576;

  private static final int OSFXSR = 0x200;
  private static final int FFXSR = 0x4000;
  private static final int LMA = 0x400;

  private final boolean extended;

  /** Of vector registers. */
  private final int count;

  /**
   * Either instruction.
   *
   * @param extended XRSTOR
   */
  RestoreState(DecodeContext c, boolean extended) {
    super(c.address());
    this.extended = extended;
    count = c.is64() ? 16 : 8;
  }

  @Override
  public void execute(Cpu cpu) {
    long area = linear(cpu);
    if (extended) {
      long asked = (cpu.r[Registers.RAX] & 0xffff_ffffL | cpu.r[Registers.RDX] << 32) & cpu.xcr0;
      restore(cpu, area, (int) asked, (int) cpu.mmu.load64(area + XSTATE_BV));
      return;
    }
    boolean fast = (cpu.efer & FFXSR) != 0 && cpu.privilege() == 0 && (cpu.efer & LMA) != 0;
    x87(cpu, area);
    if ((cpu.cr4 & OSFXSR) != 0) {
      cpu.mxcsr = cpu.mmu.load32(area + MXCSR);
      if (!fast) {
        lanes(cpu, 0, area + XMM);
      }
    }
  }

  /**
   * What is asked for and not in the area gets its initial value.
   *
   * @param asked set of components
   * @param stored those in the area
   */
  private void restore(Cpu cpu, long area, int asked, int stored) {
    if ((asked & X87) != 0) {
      if ((stored & X87) != 0) {
        x87(cpu, area);
      } else {
        X87Control.initialize(cpu);
        java.util.Arrays.fill(cpu.stMantissa, 0);
        java.util.Arrays.fill(cpu.stExponent, 0);
      }
    }
    if ((asked & SSE) != 0) {
      cpu.mxcsr = cpu.mmu.load32(area + MXCSR);
      component(cpu, 0, area + XMM, (stored & SSE) != 0);
    }
    if ((asked & AVX) != 0) {
      component(cpu, Cpu.UPPER, area + YMMH, (stored & AVX) != 0);
    }
  }

  private void component(Cpu cpu, int lane, long from, boolean stored) {
    if (stored) {
      lanes(cpu, lane, from);
    } else {
      java.util.Arrays.fill(cpu.xmm, 2 * lane, 2 * (lane + count), 0);
    }
  }

  private void lanes(Cpu cpu, int lane, long from) {
    for (int i = 0; i < 2 * count; i++) {
      cpu.xmm[2 * lane + i] = cpu.mmu.load64(from + 8L * i);
    }
  }

  private static void x87(Cpu cpu, long area) {
    cpu.fcw = cpu.mmu.load16(area + CONTROL);
    cpu.fsw = X87Control.status(cpu.mmu.load16(area + STATUS));
    cpu.ftw = cpu.mmu.load8(area + TAGS) & 0xff;
    for (int i = 0; i < 8; i++) {
      int physical = (cpu.fsw >> 11) + i & 7;
      cpu.stMantissa[physical] = cpu.mmu.load64(area + ST + 16L * i);
      cpu.stExponent[physical] = cpu.mmu.load16(area + ST + 16L * i + 8) & 0xffff;
    }
  }
}
