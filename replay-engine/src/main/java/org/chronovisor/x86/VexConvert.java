package org.chronovisor.x86;

/** Conversions whose result is half as wide as the operand, and those of half precision (F16C). */
final class VexConvert {
  private static final int SCRATCH = 2 * Cpu.SCRATCH;

  private VexConvert() {}

  /** vcvtpd2ps, vcvtpd2dq, vcvttpd2dq: 64 bits of the result come from each lane. */
  static Insn narrow(DecodeContext c, VexLanes.Lane lane) {
    if (!c.vex.wide()) {
      return VexScalar.unary(c, lane);
    }
    if (!c.vex.hasNoRegister()) {
      return null;
    }
    int d = c.reg;
    VexWords source = VexWords.of(c);
    c.mod = 3;
    c.reg = Cpu.SCRATCH;
    c.rm = Cpu.SCRATCH;
    Insn model = lane.decode(c);
    if (model == null) {
      return null;
    }
    return new Simple(
        cpu -> {
          source.read(cpu);
          long a = source.get(cpu, 0);
          long b = source.get(cpu, 1);
          long third = source.get(cpu, 2);
          long fourth = source.get(cpu, 3);
          long low = narrow(cpu, model, a, b);
          long high = narrow(cpu, model, third, fourth);
          cpu.xmm[VexWords.index(d, 0)] = low;
          cpu.xmm[VexWords.index(d, 1)] = high;
          cpu.xmm[VexWords.index(d, 2)] = 0;
          cpu.xmm[VexWords.index(d, 3)] = 0;
        });
  }

  private static long narrow(Cpu cpu, Insn model, long low, long high) {
    cpu.xmm[SCRATCH] = low;
    cpu.xmm[SCRATCH + 1] = high;
    model.execute(cpu);
    return cpu.xmm[SCRATCH];
  }

  /** One lane of vcvtph2ps. */
  static Insn halvesToSingles(DecodeContext c) {
    return new SseShuffle.Convert(
        c,
        (cpu, v) -> {
          int low = halfToSingle(cpu, v);
          return SseLanes.join(low, halfToSingle(cpu, v >>> 16));
        });
  }

  private static int halfToSingle(Cpu cpu, long half) {
    return (int) SseSoft.convert(cpu, SseFormat.HALF, SseFormat.SINGLE, half & 0xffff);
  }

  /** vcvtps2ph. */
  static Insn singlesToHalves(DecodeContext c) {
    int control = c.u8();
    if (!c.vex.hasNoRegister()) {
      return null;
    }
    int from = c.reg;
    boolean wide = c.vex.wide();
    Address address = c.isMemory() ? c.address() : null;
    int to = c.rm;
    return new Simple(
        cpu -> {
          long low = halves(cpu, control, from, 0);
          long high = wide ? halves(cpu, control, from, 2) : 0;
          if (address == null) {
            cpu.xmm[VexWords.index(to, 0)] = low;
            cpu.xmm[VexWords.index(to, 1)] = high;
            cpu.xmm[VexWords.index(to, 2)] = 0;
            cpu.xmm[VexWords.index(to, 3)] = 0;
          } else if (wide) {
            SseStores.store128(cpu, address.linear(cpu), low, high);
          } else {
            cpu.mmu.store64(address.linear(cpu), low);
          }
        });
  }

  /** Four halves from two words of a register. */
  private static long halves(Cpu cpu, int control, int register, int word) {
    long a = halves(cpu, control, cpu.xmm[VexWords.index(register, word)]);
    return a | halves(cpu, control, cpu.xmm[VexWords.index(register, word + 1)]) << 32;
  }

  private static long halves(Cpu cpu, int control, long singles) {
    long low = half(cpu, control, singles & 0xffff_ffffL);
    return low | half(cpu, control, singles >>> 32) << 16;
  }

  private static long half(Cpu cpu, int control, long single) {
    int rounding = cpu.mxcsr & SseSoft.ROUNDING;
    if ((control & 4) == 0) {
      cpu.mxcsr = cpu.mxcsr & ~SseSoft.ROUNDING | (control & 3) << 13;
    }
    long result = SseSoft.convert(cpu, SseFormat.SINGLE, SseFormat.HALF, single);
    cpu.mxcsr = cpu.mxcsr & ~SseSoft.ROUNDING | rounding;
    return result;
  }
}
