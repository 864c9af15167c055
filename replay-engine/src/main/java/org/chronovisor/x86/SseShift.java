package org.chronovisor.x86;

/** Packed shifts by an immediate or by the low half of an operand. */
final class SseShift {
  private SseShift() {}

  /** Shift of one half; the count is not larger than the element's size. */
  interface Shift {
    long apply(long value, int count);
  }

  /** A kind of shift with its element size in bits. */
  private record Kind(Shift shift, int bits) {}

  private static final Kind RIGHT_WORDS = new Kind(SseShift::rightWords, 16);
  private static final Kind ARITHMETIC_WORDS = new Kind(SseShift::arithmeticWords, 16);
  private static final Kind LEFT_WORDS = new Kind(SseShift::leftWords, 16);
  private static final Kind RIGHT_DWORDS = new Kind(SseShift::rightDwords, 32);
  private static final Kind ARITHMETIC_DWORDS =
      new Kind((v, n) -> SseLanes.join(signed((int) v, n), signed(SseLanes.high(v), n)), 32);
  private static final Kind LEFT_DWORDS = new Kind(SseShift::leftDwords, 32);
  private static final Kind RIGHT_QWORDS = new Kind(SseShift::rightQwords, 64);
  private static final Kind LEFT_QWORDS = new Kind(SseShift::leftQwords, 64);

  static long rightDwords(long v, int n) {
    return SseLanes.join(right((int) v, n), right(SseLanes.high(v), n));
  }

  static long leftDwords(long v, int n) {
    return SseLanes.join(left((int) v, n), left(SseLanes.high(v), n));
  }

  static long rightQwords(long v, int n) {
    return n > 63 ? 0 : v >>> n;
  }

  static long leftQwords(long v, int n) {
    return n > 63 ? 0 : v << n;
  }

  private static int right(int v, int n) {
    return n > 31 ? 0 : v >>> n;
  }

  private static int signed(int v, int n) {
    return v >> Math.min(n, 31);
  }

  private static int left(int v, int n) {
    return n > 31 ? 0 : v << n;
  }

  private static long rightWords(long v, int n) {
    return SseLanes.unsignedWords(v, 0, (x, y) -> x >>> n);
  }

  private static long arithmeticWords(long v, int n) {
    return SseLanes.signedWords(v, 0, (x, y) -> x >> n);
  }

  private static long leftWords(long v, int n) {
    return SseLanes.unsignedWords(v, 0, (x, y) -> x << n);
  }

  /** 66 0F D1 and the like, or null. */
  static Insn byOperand(DecodeContext c, int opcode) {
    Kind kind =
        switch (opcode) {
          case 0xd1 -> RIGHT_WORDS;
          case 0xd2 -> RIGHT_DWORDS;
          case 0xd3 -> RIGHT_QWORDS;
          case 0xe1 -> ARITHMETIC_WORDS;
          case 0xe2 -> ARITHMETIC_DWORDS;
          case 0xf1 -> LEFT_WORDS;
          case 0xf2 -> LEFT_DWORDS;
          case 0xf3 -> LEFT_QWORDS;
          default -> null;
        };
    return kind == null ? null : new Variable(kind, c.reg, SseOperand.of(c));
  }

  /** 66 0F 71, 72, 73 with a register operand, or null. */
  static Insn byImmediate(DecodeContext c, int opcode) {
    int count = c.u8();
    if (c.isMemory()) {
      return null;
    }
    int form = opcode << 4 | c.extension();
    if (form == 0x733 || form == 0x737) {
      return new Bytes(c.rm, count, form == 0x737);
    }
    Kind kind =
        switch (form) {
          case 0x712 -> RIGHT_WORDS;
          case 0x714 -> ARITHMETIC_WORDS;
          case 0x716 -> LEFT_WORDS;
          case 0x722 -> RIGHT_DWORDS;
          case 0x724 -> ARITHMETIC_DWORDS;
          case 0x726 -> LEFT_DWORDS;
          case 0x732 -> RIGHT_QWORDS;
          case 0x736 -> LEFT_QWORDS;
          default -> null;
        };
    return kind == null ? null : new Immediate(kind, c.rm, count);
  }

  /** vpsrlv, vpsrav, vpsllv: each element has a count of its own. */
  static Insn byElement(DecodeContext c, int opcode, int size) {
    SseInteger.Half half =
        switch (opcode << 4 | size) {
          case 0x454 -> (a, b) -> SseLanes.dwords(a, b, (x, n) -> right(x, bounded(n)));
          case 0x464 -> (a, b) -> SseLanes.dwords(a, b, (x, n) -> signed(x, bounded(n)));
          case 0x474 -> (a, b) -> SseLanes.dwords(a, b, (x, n) -> left(x, bounded(n)));
          case 0x458 -> (a, n) -> Long.compareUnsigned(n, 63) > 0 ? 0 : a >>> n;
          case 0x478 -> (a, n) -> Long.compareUnsigned(n, 63) > 0 ? 0 : a << n;
          default -> null;
        };
    return half == null ? null : new SseInteger.Packed(c, half);
  }

  /** A count that is larger than 31 in any way. */
  private static int bounded(int count) {
    return Integer.compareUnsigned(count, 32) > 0 ? 32 : count;
  }

  private static final class Variable extends Insn {
    private final Shift shift;
    private final int bits;
    private final int register;
    private final SseOperand source;

    Variable(Kind kind, int register, SseOperand source) {
      shift = kind.shift;
      bits = kind.bits;
      this.register = 2 * register;
      this.source = source;
    }

    @Override
    public void execute(Cpu cpu) {
      long linear = source.linear(cpu);
      long wide = source.low(cpu, linear);
      // A memory operand is read whole.
      source.high(cpu, linear);
      int count = Long.compareUnsigned(wide, bits) > 0 ? bits : (int) wide;
      cpu.xmm[register] = shift.apply(cpu.xmm[register], count);
      cpu.xmm[register + 1] = shift.apply(cpu.xmm[register + 1], count);
    }
  }

  private static final class Immediate extends Insn {
    private final Shift shift;
    private final int register;
    private final int count;

    Immediate(Kind kind, int register, int count) {
      shift = kind.shift;
      this.register = 2 * register;
      this.count = Math.min(count, kind.bits);
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.xmm[register] = shift.apply(cpu.xmm[register], count);
      cpu.xmm[register + 1] = shift.apply(cpu.xmm[register + 1], count);
    }
  }

  /** psrldq, pslldq. */
  private static final class Bytes extends Insn {
    private final int register;
    private final int bits;
    private final boolean left;

    Bytes(int register, int count, boolean left) {
      this.register = 2 * register;
      bits = 8 * Math.min(count, 16);
      this.left = left;
    }

    @Override
    public void execute(Cpu cpu) {
      long low = cpu.xmm[register];
      long high = cpu.xmm[register + 1];
      if (bits == 0) {
        return;
      }
      if (left) {
        cpu.xmm[register] = bits >= 64 ? 0 : low << bits;
        cpu.xmm[register + 1] =
            bits >= 128 ? 0 : bits >= 64 ? low << (bits - 64) : high << bits | low >>> (64 - bits);
      } else {
        cpu.xmm[register + 1] = bits >= 64 ? 0 : high >>> bits;
        cpu.xmm[register] =
            bits >= 128
                ? 0
                : bits >= 64 ? high >>> (bits - 64) : low >>> bits | high << (64 - bits);
      }
    }
  }
}
