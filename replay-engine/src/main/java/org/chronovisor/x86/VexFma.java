package org.chronovisor.x86;

/**
 * Fused multiply-add: a x b + c with one rounding. The opcode tells which operand is which, and
 * which signs are changed.
 */
final class VexFma {
  private static final int PRODUCT = 1;
  private static final int ADDEND = 2;

  private VexFma() {}

  /**
   * Numbers of the three operands in one lane.
   *
   * @param a factor
   * @param b factor; when there are NaNs the order of the three decides
   * @param c addend
   */
  private record Operands(int a, int b, int c) {
    /**
     * Opcodes 9x name their operands 1, 3, 2 (destination, last, vvvv), Ax 2, 1, 3, Bx 2, 3, 1; the
     * numbers are indexes of lanes' low words.
     */
    static Operands of(DecodeContext c, int opcode) {
      int destination = 2 * c.reg;
      int middle = 2 * (c.vex.register() + c.lane * Cpu.UPPER);
      int last = 2 * c.rm;
      return switch (opcode >> 4) {
        case 9 -> new Operands(destination, last, middle);
        case 10 -> new Operands(middle, destination, last);
        default -> new Operands(middle, last, destination);
      };
    }
  }

  /** 0F 38 96-9F, A6-AF, B6-BF; the context stands behind ModRM. */
  static Insn decode(DecodeContext c, int opcode) {
    int form = opcode & 15;
    int even =
        switch (form) {
          case 6, 10, 11 -> ADDEND;
          case 7, 8, 9 -> 0;
          case 12, 13 -> PRODUCT;
          default -> PRODUCT | ADDEND;
        };
    int odd = form < 8 ? even ^ ADDEND : even;
    boolean wide = c.vex.w();
    if (form >= 8 && (form & 1) != 0) {
      return scalar(c, opcode, even);
    }
    return VexLanes.ternary(
        c,
        lane -> {
          Operands operands = Operands.of(lane, opcode);
          return wide
              ? new Doubles(operands, lane.reg, even, odd)
              : new Singles(operands, lane.reg, even, odd);
        });
  }

  private static final class Doubles extends Insn {
    private final Operands operands;
    private final int destination;
    private final int even;
    private final int odd;

    Doubles(Operands operands, int destination, int even, int odd) {
      this.operands = operands;
      this.destination = 2 * destination;
      this.even = even;
      this.odd = odd;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.xmm[destination] = apply(cpu, 0, even);
      cpu.xmm[destination + 1] = apply(cpu, 1, odd);
    }

    private long apply(Cpu cpu, int i, int signs) {
      long[] x = cpu.xmm;
      return multiplyAdd(cpu, x[operands.a + i], x[operands.b + i], x[operands.c + i], signs);
    }
  }

  private static final class Singles extends Insn {
    private final Operands operands;
    private final int destination;
    private final int even;
    private final int odd;

    Singles(Operands operands, int destination, int even, int odd) {
      this.operands = operands;
      this.destination = 2 * destination;
      this.even = even;
      this.odd = odd;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.xmm[destination] = apply(cpu, 0);
      cpu.xmm[destination + 1] = apply(cpu, 1);
    }

    private long apply(Cpu cpu, int i) {
      long a = cpu.xmm[operands.a + i];
      long b = cpu.xmm[operands.b + i];
      long c = cpu.xmm[operands.c + i];
      int low = multiplyAdd(cpu, (int) a, (int) b, (int) c, even);
      return SseLanes.join(
          low, multiplyAdd(cpu, SseLanes.high(a), SseLanes.high(b), SseLanes.high(c), odd));
    }
  }

  private static long multiplyAdd(Cpu cpu, long a, long b, long c, int signs) {
    return SseFloat.multiplyAdd(cpu, a, b, c, (signs & PRODUCT) != 0, (signs & ADDEND) != 0);
  }

  private static int multiplyAdd(Cpu cpu, int a, int b, int c, int signs) {
    return SseFloat.multiplyAdd(cpu, a, b, c, (signs & PRODUCT) != 0, (signs & ADDEND) != 0);
  }

  /** The rest of the destination's low half is kept. */
  private static Insn scalar(DecodeContext c, int opcode, int signs) {
    if (c.vex.wide()) {
      return null;
    }
    boolean wide = c.vex.w();
    SseOperand last = SseOperand.of(c);
    int d = c.reg;
    c.rm = Cpu.SCRATCH;
    Operands o = Operands.of(c, opcode);
    return VexScalar.clearing(
        new Simple(
            cpu -> {
              long[] x = cpu.xmm;
              if (wide) {
                x[2 * Cpu.SCRATCH] = last.load64(cpu);
                x[2 * d] = multiplyAdd(cpu, x[o.a], x[o.b], x[o.c], signs);
              } else {
                x[2 * Cpu.SCRATCH] = last.load32(cpu);
                int result = multiplyAdd(cpu, (int) x[o.a], (int) x[o.b], (int) x[o.c], signs);
                x[2 * d] = SseLanes.withLow(x[2 * d], result);
              }
            }),
        d);
  }
}
