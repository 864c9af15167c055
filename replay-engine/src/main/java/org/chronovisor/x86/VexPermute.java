package org.chronovisor.x86;

/** Broadcasts, and instructions that move elements between the two lanes. */
final class VexPermute {
  private VexPermute() {}

  /** vpermq, vpermpd. */
  static Insn qwords(DecodeContext c) {
    int order = c.u8();
    if (!c.vex.wide() || !c.vex.hasNoRegister()) {
      return null;
    }
    int destination = c.reg;
    VexWords source = VexWords.of(c);
    return new Simple(
        cpu -> {
          source.read(cpu);
          source.set(
              cpu,
              destination,
              source.get(cpu, order & 3),
              source.get(cpu, order >> 2 & 3),
              source.get(cpu, order >> 4 & 3),
              source.get(cpu, order >> 6));
        });
  }

  /** vpermd, vpermps: VEX.vvvv holds the order. */
  static Insn dwords(DecodeContext c) {
    if (!c.vex.wide()) {
      return null;
    }
    int destination = c.reg;
    int order = c.vex.register();
    VexWords source = VexWords.of(c);
    return new Simple(
        cpu -> {
          source.read(cpu);
          source.set(
              cpu,
              destination,
              pick(cpu, order, 0, source),
              pick(cpu, order, 1, source),
              pick(cpu, order, 2, source),
              pick(cpu, order, 3, source));
        });
  }

  private static long pick(Cpu cpu, int order, int i, VexWords source) {
    long which = cpu.xmm[VexWords.index(order, i)];
    return SseLanes.join(dword(cpu, source, (int) which), dword(cpu, source, SseLanes.high(which)));
  }

  private static int dword(Cpu cpu, VexWords source, int i) {
    long word = source.get(cpu, i >> 1 & 3);
    return (i & 1) == 0 ? (int) word : SseLanes.high(word);
  }

  /** vperm2f128, vperm2i128. */
  static Insn lanes(DecodeContext c) {
    int order = c.u8();
    if (!c.vex.wide()) {
      return null;
    }
    int destination = c.reg;
    int first = c.vex.register();
    VexWords second = VexWords.of(c);
    return new Simple(
        cpu -> {
          second.read(cpu);
          second.set(
              cpu,
              destination,
              lane(cpu, order, first, second, 0),
              lane(cpu, order, first, second, 1),
              lane(cpu, order >> 4, first, second, 0),
              lane(cpu, order >> 4, first, second, 1));
        });
  }

  private static long lane(Cpu cpu, int order, int first, VexWords second, int half) {
    if ((order & 8) != 0) {
      return 0;
    }
    int i = 2 * (order & 1) + half;
    return (order & 2) == 0 ? cpu.xmm[VexWords.index(first, i)] : second.get(cpu, i);
  }

  /** vinsertf128, vinserti128. */
  static Insn insert(DecodeContext c) {
    boolean high = (c.u8() & 1) != 0;
    if (!c.vex.wide()) {
      return null;
    }
    int d = c.reg;
    int v = c.vex.register();
    SseOperand source = SseOperand.of(c);
    return new Simple(
        cpu -> {
          long[] x = cpu.xmm;
          long linear = source.linear(cpu);
          long a = source.low(cpu, linear);
          long b = source.high(cpu, linear);
          int kept = high ? 0 : 2;
          long keptA = x[VexWords.index(v, kept)];
          long keptB = x[VexWords.index(v, kept + 1)];
          x[VexWords.index(d, kept)] = keptA;
          x[VexWords.index(d, kept + 1)] = keptB;
          x[VexWords.index(d, 2 - kept)] = a;
          x[VexWords.index(d, 3 - kept)] = b;
        });
  }

  /** vextractf128, vextracti128. */
  static Insn extract(DecodeContext c) {
    int word = (c.u8() & 1) != 0 ? 2 : 0;
    if (!c.vex.wide() || !c.vex.hasNoRegister()) {
      return null;
    }
    int low = VexWords.index(c.reg, word);
    if (c.isMemory()) {
      Address address = c.address();
      return new Simple(
          cpu -> SseStores.store128(cpu, address.linear(cpu), cpu.xmm[low], cpu.xmm[low + 1]));
    }
    int d = c.rm;
    return new Simple(
        cpu -> {
          long[] x = cpu.xmm;
          x[VexWords.index(d, 1)] = x[low + 1];
          x[VexWords.index(d, 0)] = x[low];
          x[VexWords.index(d, 2)] = 0;
          x[VexWords.index(d, 3)] = 0;
        });
  }

  /**
   * vbroadcastss, vpbroadcastb and their like.
   *
   * @param size of the element in bytes
   */
  static Insn broadcast(DecodeContext c, int size) {
    if (!c.vex.hasNoRegister()) {
      return null;
    }
    int d = c.reg;
    boolean wide = c.vex.wide();
    SseOperand source = SseOperand.of(c);
    return new Simple(
        cpu -> {
          long value =
              switch (size) {
                case 1 -> (source.load8(cpu) & 0xffL) * 0x0101_0101_0101_0101L;
                case 2 -> (source.load16(cpu) & 0xffffL) * 0x0001_0001_0001_0001L;
                case 4 -> (source.load32(cpu) & 0xffff_ffffL) * 0x1_0000_0001L;
                default -> source.load64(cpu);
              };
          for (int i = 0; i < 4; i++) {
            cpu.xmm[VexWords.index(d, i)] = wide || i < 2 ? value : 0;
          }
        });
  }

  /** vbroadcastf128, vbroadcasti128. */
  static Insn broadcastLane(DecodeContext c) {
    if (!c.vex.wide() || !c.vex.hasNoRegister() || !c.isMemory()) {
      return null;
    }
    int d = c.reg;
    Address address = c.address();
    return new Simple(
        cpu -> {
          long linear = address.linear(cpu);
          long low = cpu.mmu.load64(linear);
          long high = cpu.mmu.load64(linear + 8);
          for (int i = 0; i < 4; i++) {
            cpu.xmm[VexWords.index(d, i)] = (i & 1) == 0 ? low : high;
          }
        });
  }
}
