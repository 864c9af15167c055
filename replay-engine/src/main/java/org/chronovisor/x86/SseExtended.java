package org.chronovisor.x86;

/** SSSE3, SSE4.1 and SSE4.2: the opcode maps 0F 38 and 0F 3A with prefix 66. */
final class SseExtended {
  private SseExtended() {}

  // ---- 0F 38 ---------------------------------------------------------------------------------

  /** Decodes an opcode of map 2; the context stands behind ModRM. */
  static Insn map2(DecodeContext c, int opcode) {
    SseInteger.Half half = half(opcode);
    if (half != null) {
      return new SseInteger.Packed(c, half);
    }
    return switch (opcode) {
      case 0x00 -> new SseShuffle.Full(c, SseExtended::shuffleBytes);
      case 0x01 -> horizontalWords(c, (a, b) -> a + b);
      case 0x02 -> horizontalDwords(c, (a, b) -> a + b);
      case 0x03 -> horizontalWords(c, (a, b) -> SseLanes.saturateSignedWord(a + b));
      case 0x05 -> horizontalWords(c, (a, b) -> a - b);
      case 0x06 -> horizontalDwords(c, (a, b) -> a - b);
      case 0x07 -> horizontalWords(c, (a, b) -> SseLanes.saturateSignedWord(a - b));
      case 0x10 -> blend(c, SseExtended::signsOfBytes);
      case 0x14 -> blend(c, SseExtended::signsOfSingles);
      case 0x15 -> blend(c, v -> v >> 63);
      case 0x17 -> {
        c.flagsEffect = FlagsEffect.EXPLICIT;
        yield new Test(c);
      }
      case 0x20 -> widen(c, 8, v -> extendBytesToWords(v));
      case 0x21 -> widen(c, 4, v -> SseLanes.join((byte) v, (byte) (v >> 8)), 16);
      case 0x22 -> widen(c, 2, v -> (byte) v, 8);
      case 0x23 -> widen(c, 8, v -> SseLanes.join((short) v, (short) (v >> 16)), 32);
      case 0x24 -> widen(c, 4, v -> (short) v, 16);
      case 0x25 -> widen(c, 8, v -> (int) v, 32);
      case 0x2a -> c.isMemory() ? SseMoves.load128(c) : null;
      case 0x2b ->
          new SseShuffle.Full(
              c,
              (x, d, l, h) -> {
                x[d] = SseShuffle.packUnsignedWords(x[d], x[d + 1]);
                x[d + 1] = SseShuffle.packUnsignedWords(l, h);
              });
      case 0x30 -> widen(c, 8, SseShuffle::spreadBytes);
      case 0x31 -> widen(c, 4, v -> SseLanes.join((int) v & 0xff, (int) (v >> 8) & 0xff), 16);
      case 0x32 -> widen(c, 2, v -> v & 0xff, 8);
      case 0x33 -> widen(c, 8, SseShuffle::spreadWords);
      case 0x34 -> widen(c, 4, v -> v & 0xffff, 16);
      case 0x35 -> widen(c, 8, v -> v & 0xffff_ffffL, 32);
      case 0x41 -> new SseShuffle.Full(c, SseExtended::horizontalMinimum);
      default -> null;
    };
  }

  private static SseInteger.Half half(int opcode) {
    return switch (opcode) {
      case 0x04 -> SseExtended::multiplyAndAddBytes;
      case 0x08 -> (a, b) -> SseLanes.signedBytes(a, b, SseExtended::sign);
      case 0x09 -> (a, b) -> SseLanes.signedWords(a, b, SseExtended::sign);
      case 0x0a -> (a, b) -> SseLanes.dwords(a, b, SseExtended::sign);
      case 0x0b -> (a, b) -> SseLanes.signedWords(a, b, (x, y) -> (x * y + 0x4000) >> 15);
      case 0x1c -> (a, b) -> SseLanes.signedBytes(a, b, (x, y) -> Math.abs(y));
      case 0x1d -> (a, b) -> SseLanes.signedWords(a, b, (x, y) -> Math.abs(y));
      case 0x1e -> (a, b) -> SseLanes.dwords(a, b, (x, y) -> Math.abs(y));
      case 0x28 -> (a, b) -> (long) (int) a * (int) b;
      case 0x29 -> (a, b) -> a == b ? -1L : 0;
      case 0x37 -> (a, b) -> a > b ? -1L : 0;
      case 0x38 -> (a, b) -> SseLanes.signedBytes(a, b, Math::min);
      case 0x39 -> (a, b) -> SseLanes.dwords(a, b, Math::min);
      case 0x3a -> (a, b) -> SseLanes.unsignedWords(a, b, Math::min);
      case 0x3b ->
          (a, b) -> SseLanes.dwords(a, b, (x, y) -> Integer.compareUnsigned(x, y) < 0 ? x : y);
      case 0x3c -> (a, b) -> SseLanes.signedBytes(a, b, Math::max);
      case 0x3d -> (a, b) -> SseLanes.dwords(a, b, Math::max);
      case 0x3e -> (a, b) -> SseLanes.unsignedWords(a, b, Math::max);
      case 0x3f ->
          (a, b) -> SseLanes.dwords(a, b, (x, y) -> Integer.compareUnsigned(x, y) > 0 ? x : y);
      case 0x40 -> (a, b) -> SseLanes.dwords(a, b, (x, y) -> x * y);
      default -> null;
    };
  }

  private static int sign(int a, int b) {
    return b < 0 ? -a : b == 0 ? 0 : a;
  }

  /** pmaddubsw: unsigned bytes of a times signed bytes of b. */
  private static long multiplyAndAddBytes(long a, long b) {
    long result = 0;
    for (int i = 0; i < 8; i += 2) {
      int sum =
          SseLanes.unsignedByte(a, i) * SseLanes.signedByte(b, i)
              + SseLanes.unsignedByte(a, i + 1) * SseLanes.signedByte(b, i + 1);
      result |= (SseLanes.saturateSignedWord(sum) & 0xffffL) << (8 * i);
    }
    return result;
  }

  /** pshufb. */
  private static void shuffleBytes(long[] x, int d, long low, long high) {
    long a = x[d];
    long b = x[d + 1];
    x[d] = pickBytes(a, b, low);
    x[d + 1] = pickBytes(a, b, high);
  }

  private static long pickBytes(long low, long high, long order) {
    long result = 0;
    for (int i = 0; i < 8; i++) {
      int which = SseLanes.unsignedByte(order, i);
      if (which < 0x80) {
        int value = SseLanes.unsignedByte((which & 8) == 0 ? low : high, which & 7);
        result |= (long) value << (8 * i);
      }
    }
    return result;
  }

  private static Insn horizontalWords(DecodeContext c, SseLanes.Element e) {
    return new SseShuffle.Full(
        c,
        (x, d, l, h) -> {
          x[d] = pairsOfWords(x[d], x[d + 1], e);
          x[d + 1] = pairsOfWords(l, h, e);
        });
  }

  private static long pairsOfWords(long low, long high, SseLanes.Element e) {
    long result = 0;
    for (int i = 0; i < 2; i++) {
      int first = e.apply(SseLanes.signedWord(low, 2 * i), SseLanes.signedWord(low, 2 * i + 1));
      int second = e.apply(SseLanes.signedWord(high, 2 * i), SseLanes.signedWord(high, 2 * i + 1));
      result |= (first & 0xffffL) << (16 * i) | (second & 0xffffL) << (32 + 16 * i);
    }
    return result;
  }

  private static Insn horizontalDwords(DecodeContext c, SseLanes.Element e) {
    return new SseShuffle.Full(
        c,
        (x, d, l, h) -> {
          x[d] =
              SseLanes.join(
                  e.apply((int) x[d], SseLanes.high(x[d])),
                  e.apply((int) x[d + 1], SseLanes.high(x[d + 1])));
          x[d + 1] =
              SseLanes.join(e.apply((int) l, SseLanes.high(l)), e.apply((int) h, SseLanes.high(h)));
        });
  }

  /** Function of one half. */
  interface Unary {
    long apply(long value);
  }

  static long signsOfBytes(long v) {
    return ((v & SseLanes.SIGN_BYTES) >>> 7) * 0xff;
  }

  static long signsOfSingles(long v) {
    return SseLanes.join((int) v >> 31, SseLanes.high(v) >> 31);
  }

  /** Variable blends: xmm0's sign bits choose the source. */
  private static Insn blend(DecodeContext c, Unary mask) {
    return new SseShuffle.Full(
        c,
        (x, d, l, h) -> {
          long low = mask.apply(x[0]);
          long high = mask.apply(x[1]);
          x[d] = x[d] & ~low | l & low;
          x[d + 1] = x[d + 1] & ~high | h & high;
        });
  }

  /** pmovsx, pmovzx from 8 bytes: the halves come from 32 bits each. */
  private static Insn widen(DecodeContext c, int size, Unary function) {
    return widen(c, size, function, 32);
  }

  private static Insn widen(DecodeContext c, int size, Unary function, int shift) {
    return new SseShuffle.Narrow(
        c,
        size,
        (x, d, l, h) -> {
          x[d] = function.apply(l);
          x[d + 1] = function.apply(l >> shift);
        });
  }

  private static long extendBytesToWords(long v) {
    return SseLanes.signedWords(SseShuffle.spreadBytes(v), 0, (x, y) -> (byte) x);
  }

  /** phminposuw. */
  private static void horizontalMinimum(long[] x, int d, long low, long high) {
    int best = SseLanes.unsignedWord(low, 0);
    int index = 0;
    for (int i = 1; i < 8; i++) {
      int value = SseLanes.unsignedWord(i < 4 ? low : high, i & 3);
      if (value < best) {
        best = value;
        index = i;
      }
    }
    x[d] = best | (long) index << 16;
    x[d + 1] = 0;
  }

  /** ptest. */
  private static final class Test extends Insn {
    private final int destination;
    private final SseOperand source;

    Test(DecodeContext c) {
      destination = 2 * c.reg;
      source = SseOperand.of(c);
    }

    @Override
    public void execute(Cpu cpu) {
      long linear = source.linear(cpu);
      long low = source.low(cpu, linear);
      long high = source.high(cpu, linear);
      long a = cpu.xmm[destination];
      long b = cpu.xmm[destination + 1];
      boolean zero = ((a & low) | (b & high)) == 0;
      boolean carry = ((~a & low) | (~b & high)) == 0;
      cpu.flagsExplicit((zero ? Flags.ZF : 0) | (carry ? Flags.CF : 0));
    }
  }

  // ---- 0F 3A ---------------------------------------------------------------------------------

  /** Decodes an opcode of map 3; the context stands behind ModRM. */
  static Insn map3(DecodeContext c, int opcode) {
    int immediate = c.u8();
    return switch (opcode) {
      case 0x08 -> {
        SseScalar.FloatFunction f = (cpu, a, b) -> SseFloat.round(cpu, b, immediate);
        yield new SsePacked.OfFloat(c, f, f);
      }
      case 0x09 -> {
        SseScalar.DoubleFunction f = (cpu, a, b) -> SseFloat.round(cpu, b, immediate);
        yield new SsePacked.OfDouble(c, f, f);
      }
      case 0x0a -> new SseScalar.OfFloat(c, (cpu, a, b) -> SseFloat.round(cpu, b, immediate));
      case 0x0b -> new SseScalar.OfDouble(c, (cpu, a, b) -> SseFloat.round(cpu, b, immediate));
      case 0x0c -> blendDwords(c, immediate >> 4 * c.lane);
      case 0x0d -> blendQwords(c, immediate >> 2 * c.lane);
      case 0x0e -> fixedBlend(c, wordMask(immediate), wordMask(immediate >> 4));
      case 0x0f -> new SseShuffle.Full(c, SseShuffle.align(immediate));
      case 0x14 -> extract(c, 1, immediate);
      case 0x15 -> extract(c, 2, immediate);
      case 0x16 -> extract(c, c.rexW() ? 8 : 4, immediate);
      case 0x17 -> extract(c, 4, immediate);
      case 0x20 -> new SseShuffle.Insert(c, 1, immediate);
      case 0x21 -> new InsertSingle(c, immediate);
      case 0x22 -> new SseShuffle.Insert(c, c.rexW() ? 8 : 4, immediate);
      case 0x60, 0x61, 0x62, 0x63 -> {
        c.flagsEffect = FlagsEffect.EXPLICIT;
        yield new SseStrings(c, opcode, immediate);
      }
      default -> null;
    };
  }

  private static Insn extract(DecodeContext c, int size, int index) {
    return new SseShuffle.Extract(c.reg, c.rm, c.isMemory() ? c.address() : null, size, index);
  }

  private static long dwordMask(int bits) {
    return SseLanes.join(-(bits & 1), -(bits >> 1 & 1));
  }

  private static long wordMask(int bits) {
    long mask = 0;
    for (int i = 0; i < 4; i++) {
      mask |= (-(bits >> i & 1) & 0xffffL) << (16 * i);
    }
    return mask;
  }

  /** blendps, vpblendd. */
  static Insn blendDwords(DecodeContext c, int bits) {
    return fixedBlend(c, dwordMask(bits), dwordMask(bits >> 2));
  }

  /** blendpd. */
  private static Insn blendQwords(DecodeContext c, int bits) {
    return fixedBlend(c, -(bits & 1L), -(bits >> 1 & 1L));
  }

  /** blendps, blendpd, pblendw. */
  private static Insn fixedBlend(DecodeContext c, long low, long high) {
    return new SseShuffle.Full(
        c,
        (x, d, l, h) -> {
          x[d] = x[d] & ~low | l & low;
          x[d + 1] = x[d + 1] & ~high | h & high;
        });
  }

  /** insertps. */
  private static final class InsertSingle extends Insn {
    private final int destination;
    private final SseOperand source;
    private final int sourceHalf;
    private final int sourceShift;
    private final boolean memory;
    private final int half;
    private final int shift;
    private final long keepLow;
    private final long keepHigh;

    InsertSingle(DecodeContext c, int immediate) {
      destination = 2 * c.reg;
      source = SseOperand.of(c);
      memory = c.isMemory();
      sourceHalf = immediate >> 7;
      sourceShift = 32 * (immediate >> 6 & 1);
      half = immediate >> 5 & 1;
      shift = 32 * (immediate >> 4 & 1);
      keepLow = ~dwordMask(immediate);
      keepHigh = ~dwordMask(immediate >> 2);
    }

    @Override
    public void execute(Cpu cpu) {
      long element;
      if (memory) {
        element = source.load32(cpu) & 0xffff_ffffL;
      } else {
        long from = sourceHalf == 0 ? source.low(cpu, 0) : source.high(cpu, 0);
        element = from >>> sourceShift & 0xffff_ffffL;
      }
      int target = destination + half;
      cpu.xmm[target] = cpu.xmm[target] & ~(0xffff_ffffL << shift) | element << shift;
      cpu.xmm[destination] &= keepLow;
      cpu.xmm[destination + 1] &= keepHigh;
    }
  }
}
