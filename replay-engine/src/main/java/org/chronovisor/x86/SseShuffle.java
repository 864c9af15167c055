package org.chronovisor.x86;

/** Unpack, pack, shuffle and other instructions that move elements across the halves. */
final class SseShuffle {
  private SseShuffle() {}

  /** Function of both operands; it stores its result at {@code xmm[d]} and {@code xmm[d + 1]}. */
  interface Whole {
    void apply(long[] xmm, int d, long low, long high);
  }

  /** An instruction with a 16-byte source. */
  static final class Full extends Insn {
    private final int destination;
    private final SseOperand source;
    private final Whole function;

    Full(DecodeContext c, Whole function) {
      destination = 2 * c.reg;
      source = SseOperand.of(c);
      this.function = function;
    }

    @Override
    public void execute(Cpu cpu) {
      long linear = source.linear(cpu);
      long low = source.low(cpu, linear);
      function.apply(cpu.xmm, destination, low, source.high(cpu, linear));
    }
  }

  /** An instruction with a source of 8, 4 or 2 bytes. */
  static final class Narrow extends Insn {
    private final int destination;
    private final SseOperand source;
    private final int size;
    private final Whole function;

    Narrow(DecodeContext c, int size, Whole function) {
      destination = 2 * c.reg;
      source = SseOperand.of(c);
      this.size = size;
      this.function = function;
    }

    @Override
    public void execute(Cpu cpu) {
      long value =
          switch (size) {
            case 8 -> source.load64(cpu);
            case 4 -> source.load32(cpu) & 0xffff_ffffL;
            default -> source.load16(cpu);
          };
      function.apply(cpu.xmm, destination, value, 0);
    }
  }

  /** Function of 32 bits that gives 64. */
  interface Widening {
    long apply(Cpu cpu, long value);
  }

  /** Both halves of the result come from 32 bits each of an 8-byte source. */
  static final class Convert extends Insn {
    private final int destination;
    private final SseOperand source;
    private final Widening function;

    Convert(DecodeContext c, Widening function) {
      destination = 2 * c.reg;
      source = SseOperand.of(c);
      this.function = function;
    }

    @Override
    public void execute(Cpu cpu) {
      long value = source.load64(cpu);
      cpu.xmm[destination] = function.apply(cpu, value);
      cpu.xmm[destination + 1] = function.apply(cpu, value >>> 32);
    }
  }

  /** punpcklqdq and unpcklpd, alone for speed. */
  static final class UnpackLowQwords extends Insn {
    private final int destination;
    private final SseOperand source;

    UnpackLowQwords(DecodeContext c) {
      destination = 2 * c.reg;
      source = SseOperand.of(c);
    }

    @Override
    public void execute(Cpu cpu) {
      long linear = source.linear(cpu);
      long low = source.low(cpu, linear);
      source.high(cpu, linear);
      cpu.xmm[destination + 1] = low;
    }
  }

  private static void set(long[] xmm, int d, long low, long high) {
    xmm[d] = low;
    xmm[d + 1] = high;
  }

  /** Functions of 66 0F opcodes without an immediate, or null. */
  static Whole function(int opcode) {
    return switch (opcode) {
      case 0x60 -> (x, d, l, h) -> set(x, d, mixBytes(x[d], l), mixBytes(x[d] >>> 32, l >>> 32));
      case 0x61 -> (x, d, l, h) -> set(x, d, mixWords(x[d], l), mixWords(x[d] >>> 32, l >>> 32));
      case 0x62 -> SseShuffle::unpackLowDwords;
      case 0x63 ->
          (x, d, l, h) -> set(x, d, packSignedBytes(x[d], x[d + 1]), packSignedBytes(l, h));
      case 0x67 ->
          (x, d, l, h) -> set(x, d, packUnsignedBytes(x[d], x[d + 1]), packUnsignedBytes(l, h));
      case 0x68 ->
          (x, d, l, h) -> set(x, d, mixBytes(x[d + 1], h), mixBytes(x[d + 1] >>> 32, h >>> 32));
      case 0x69 ->
          (x, d, l, h) -> set(x, d, mixWords(x[d + 1], h), mixWords(x[d + 1] >>> 32, h >>> 32));
      case 0x6a -> SseShuffle::unpackHighDwords;
      case 0x6b ->
          (x, d, l, h) -> set(x, d, packSignedWords(x[d], x[d + 1]), packSignedWords(l, h));
      case 0x6d -> (x, d, l, h) -> set(x, d, x[d + 1], h);
      default -> null;
    };
  }

  /** unpcklps, punpckldq. */
  static void unpackLowDwords(long[] x, int d, long l, long h) {
    set(
        x,
        d,
        SseLanes.join((int) x[d], (int) l),
        SseLanes.join(SseLanes.high(x[d]), SseLanes.high(l)));
  }

  /** unpckhps, punpckhdq. */
  static void unpackHighDwords(long[] x, int d, long l, long h) {
    set(
        x,
        d,
        SseLanes.join((int) x[d + 1], (int) h),
        SseLanes.join(SseLanes.high(x[d + 1]), SseLanes.high(h)));
  }

  /** Interleaves the low four bytes. */
  private static long mixBytes(long a, long b) {
    return spreadBytes(a) | spreadBytes(b) << 8;
  }

  /** The low four bytes as zero-extended words. */
  static long spreadBytes(long v) {
    v &= 0xffff_ffffL;
    v = (v | v << 16) & 0x0000_ffff_0000_ffffL;
    return (v | v << 8) & 0x00ff_00ff_00ff_00ffL;
  }

  private static long mixWords(long a, long b) {
    return spreadWords(a) | spreadWords(b) << 16;
  }

  /** The low two words as zero-extended doublewords. */
  static long spreadWords(long v) {
    v &= 0xffff_ffffL;
    return (v | v << 16) & 0x0000_ffff_0000_ffffL;
  }

  private static long packSignedBytes(long low, long high) {
    long result = 0;
    for (int i = 0; i < 4; i++) {
      result |= (SseLanes.saturateSignedByte(SseLanes.signedWord(low, i)) & 0xffL) << (8 * i);
      result |= (SseLanes.saturateSignedByte(SseLanes.signedWord(high, i)) & 0xffL) << (32 + 8 * i);
    }
    return result;
  }

  private static long packUnsignedBytes(long low, long high) {
    long result = 0;
    for (int i = 0; i < 4; i++) {
      result |= (long) SseLanes.saturateUnsignedByte(SseLanes.signedWord(low, i)) << (8 * i);
      result |= (long) SseLanes.saturateUnsignedByte(SseLanes.signedWord(high, i)) << (32 + 8 * i);
    }
    return result;
  }

  private static long packSignedWords(long low, long high) {
    return words(
        SseLanes.saturateSignedWord((int) low),
        SseLanes.saturateSignedWord(SseLanes.high(low)),
        SseLanes.saturateSignedWord((int) high),
        SseLanes.saturateSignedWord(SseLanes.high(high)));
  }

  static long packUnsignedWords(long low, long high) {
    return words(
        SseLanes.saturateUnsignedWord((int) low),
        SseLanes.saturateUnsignedWord(SseLanes.high(low)),
        SseLanes.saturateUnsignedWord((int) high),
        SseLanes.saturateUnsignedWord(SseLanes.high(high)));
  }

  private static long words(int a, int b, int c, int d) {
    return (a & 0xffffL) | (b & 0xffffL) << 16 | (c & 0xffffL) << 32 | (d & 0xffffL) << 48;
  }

  // ---- with an immediate ---------------------------------------------------------------------

  private static int dword(long low, long high, int i) {
    long half = (i & 2) == 0 ? low : high;
    return (int) ((i & 1) == 0 ? half : half >>> 32);
  }

  /** pshufd. */
  static Whole dwords(int order) {
    return (x, d, l, h) -> set(x, d, twoDwords(l, h, order), twoDwords(l, h, order >> 4));
  }

  /** Two of four double words, by two bits of the order each. */
  static long twoDwords(long low, long high, int order) {
    return SseLanes.join(dword(low, high, order), dword(low, high, order >> 2));
  }

  private static long shuffleWords(long v, int order) {
    return words(
        SseLanes.unsignedWord(v, order & 3),
        SseLanes.unsignedWord(v, order >> 2 & 3),
        SseLanes.unsignedWord(v, order >> 4 & 3),
        SseLanes.unsignedWord(v, order >> 6 & 3));
  }

  /** pshuflw. */
  static Whole lowWords(int order) {
    return (x, d, l, h) -> set(x, d, shuffleWords(l, order), h);
  }

  /** pshufhw. */
  static Whole highWords(int order) {
    return (x, d, l, h) -> set(x, d, l, shuffleWords(h, order));
  }

  /** shufps. */
  static Whole singles(int order) {
    return (x, d, l, h) ->
        set(
            x,
            d,
            SseLanes.join(dword(x[d], x[d + 1], order), dword(x[d], x[d + 1], order >> 2)),
            SseLanes.join(dword(l, h, order >> 4), dword(l, h, order >> 6)));
  }

  /** shufpd. */
  static Whole doubles(int order) {
    return (x, d, l, h) -> set(x, d, (order & 1) == 0 ? x[d] : x[d + 1], (order & 2) == 0 ? l : h);
  }

  /** vpermilps. */
  static Insn permuteSingles(DecodeContext c) {
    return new Full(
        c,
        (x, d, l, h) -> {
          long a = x[d];
          long b = x[d + 1];
          set(
              x,
              d,
              SseLanes.join(dword(a, b, (int) l), dword(a, b, SseLanes.high(l))),
              SseLanes.join(dword(a, b, (int) h), dword(a, b, SseLanes.high(h))));
        });
  }

  /** vpermilpd. */
  static Insn permuteDoubles(DecodeContext c) {
    return new Full(
        c,
        (x, d, l, h) -> set(x, d, (l & 2) == 0 ? x[d] : x[d + 1], (h & 2) == 0 ? x[d] : x[d + 1]));
  }

  /** vpermilpd; each lane has two bits of its own. */
  static Insn permuteDoublesByImmediate(DecodeContext c) {
    int order = c.u8() >> 2 * c.lane;
    return new Full(
        c, (x, d, l, h) -> set(x, d, (order & 1) == 0 ? l : h, (order & 2) == 0 ? l : h));
  }

  /** palignr: bytes {@code shift} to shift + 15 of destination:source. */
  static Whole align(int shift) {
    return (x, d, l, h) -> {
      long[] words = {l, h, x[d], x[d + 1], 0, 0};
      set(x, d, qwordAt(words, shift), qwordAt(words, shift + 8));
    };
  }

  private static long qwordAt(long[] words, int offset) {
    if (offset >= 32) {
      return 0;
    }
    int i = offset >> 3;
    int bits = 8 * (offset & 7);
    return bits == 0 ? words[i] : words[i] >>> bits | words[i + 1] << (64 - bits);
  }

  // ---- elements and general registers --------------------------------------------------------

  /** pinsrw, pinsrb, pinsrd, pinsrq. */
  static final class Insert extends Insn {
    private final int half;
    private final int shift;
    private final long mask;
    private final int size;
    private final int source;
    private final Address address;

    Insert(DecodeContext c, int size, int index) {
      int element = index & 16 / size - 1;
      half = 2 * c.reg + (element * size >> 3);
      shift = element * size * 8 & 63;
      mask = size == 8 ? -1L : (1L << 8 * size) - 1;
      this.size = size;
      source = c.rm;
      address = c.isMemory() ? c.address() : null;
    }

    @Override
    public void execute(Cpu cpu) {
      long value;
      if (address == null) {
        value = cpu.r[source];
      } else {
        long linear = address.linear(cpu);
        value =
            switch (size) {
              case 1 -> cpu.mmu.load8(linear);
              case 2 -> cpu.mmu.load16(linear);
              case 4 -> cpu.mmu.load32(linear);
              default -> cpu.mmu.load64(linear);
            };
      }
      cpu.xmm[half] = cpu.xmm[half] & ~(mask << shift) | (value & mask) << shift;
    }
  }

  /** pextrw, pextrb, pextrd, pextrq, extractps; zero-extends into a register. */
  static final class Extract extends Insn {
    private final int half;
    private final int shift;
    private final long mask;
    private final int size;
    private final int destination;
    private final Address address;

    Extract(int xmm, int destination, Address address, int size, int index) {
      int element = index & 16 / size - 1;
      half = 2 * xmm + (element * size >> 3);
      shift = element * size * 8 & 63;
      mask = size == 8 ? -1L : (1L << 8 * size) - 1;
      this.size = size;
      this.destination = destination;
      this.address = address;
    }

    @Override
    public void execute(Cpu cpu) {
      long value = cpu.xmm[half] >>> shift & mask;
      if (address == null) {
        cpu.r[destination] = value;
        return;
      }
      long linear = address.linear(cpu);
      switch (size) {
        case 1 -> cpu.mmu.store8(linear, (int) value);
        case 2 -> cpu.mmu.store16(linear, (int) value);
        case 4 -> cpu.mmu.store32(linear, (int) value);
        default -> cpu.mmu.store64(linear, value);
      }
    }
  }

  /** Sign bits of the elements. */
  interface Mask {
    int apply(long low, long high);
  }

  /** movmskps, movmskpd, pmovmskb. */
  static final class SignMask extends Insn {
    private final int destination;
    private final int source;
    private final Mask mask;

    SignMask(DecodeContext c, Mask mask) {
      destination = c.reg;
      source = 2 * c.rm;
      this.mask = mask;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.r[destination] = mask.apply(cpu.xmm[source], cpu.xmm[source + 1]);
    }
  }

  static int byteMask(long low, long high) {
    return SseLanes.signMask(low) | SseLanes.signMask(high) << 8;
  }

  static int singleMask(long low, long high) {
    return doubleMask(low << 32, low) | doubleMask(high << 32, high) << 2;
  }

  static int doubleMask(long low, long high) {
    return (int) (low >>> 63 | (high >>> 63) << 1);
  }
}
