package org.chronovisor.x86;

/** Packed integer arithmetic in which each half of the result depends on that half only. */
final class SseInteger {
  private SseInteger() {}

  /** Function of one 64-bit half of both operands. */
  interface Half {
    long apply(long a, long b);
  }

  /** An instruction that applies one function to both halves. */
  static final class Packed extends Insn {
    private final int destination;
    private final SseOperand source;
    private final Half function;

    Packed(DecodeContext c, Half function) {
      destination = 2 * c.reg;
      source = SseOperand.of(c);
      this.function = function;
    }

    @Override
    public void execute(Cpu cpu) {
      long linear = source.linear(cpu);
      long low = source.low(cpu, linear);
      long high = source.high(cpu, linear);
      long[] xmm = cpu.xmm;
      xmm[destination] = function.apply(xmm[destination], low);
      xmm[destination + 1] = function.apply(xmm[destination + 1], high);
    }
  }

  /** paddq, alone for speed. */
  static final class AddQwords extends Insn {
    private final int destination;
    private final SseOperand source;

    AddQwords(DecodeContext c) {
      destination = 2 * c.reg;
      source = SseOperand.of(c);
    }

    @Override
    public void execute(Cpu cpu) {
      long linear = source.linear(cpu);
      long low = source.low(cpu, linear);
      cpu.xmm[destination + 1] += source.high(cpu, linear);
      cpu.xmm[destination] += low;
    }
  }

  /** paddd, alone for speed. */
  static final class AddDwords extends Insn {
    private final int destination;
    private final SseOperand source;

    AddDwords(DecodeContext c) {
      destination = 2 * c.reg;
      source = SseOperand.of(c);
    }

    @Override
    public void execute(Cpu cpu) {
      long linear = source.linear(cpu);
      long low = source.low(cpu, linear);
      long high = source.high(cpu, linear);
      long[] xmm = cpu.xmm;
      xmm[destination] = SseLanes.addDwords(xmm[destination], low);
      xmm[destination + 1] = SseLanes.addDwords(xmm[destination + 1], high);
    }
  }

  /** Functions of 66 0F opcodes, or null. */
  static Half function(int opcode) {
    return switch (opcode) {
      case 0x64 -> (a, b) -> SseLanes.signedBytes(a, b, SseInteger::greater);
      case 0x65 -> (a, b) -> SseLanes.signedWords(a, b, SseInteger::greater);
      case 0x66 -> (a, b) -> SseLanes.dwords(a, b, SseInteger::greater);
      case 0x74 -> SseLanes::equalBytes;
      case 0x75 -> SseLanes::equalWords;
      case 0x76 -> SseInteger::equalDwords;
      case 0xd5 -> (a, b) -> SseLanes.signedWords(a, b, (x, y) -> x * y);
      case 0xd8 -> SseLanes::subtractSaturatedBytes;
      case 0xd9 ->
          (a, b) -> SseLanes.unsignedWords(a, b, (x, y) -> SseLanes.saturateUnsignedWord(x - y));
      case 0xda -> SseLanes::minimumBytes;
      case 0xdc ->
          (a, b) -> SseLanes.unsignedBytes(a, b, (x, y) -> SseLanes.saturateUnsignedByte(x + y));
      case 0xdd ->
          (a, b) -> SseLanes.unsignedWords(a, b, (x, y) -> SseLanes.saturateUnsignedWord(x + y));
      case 0xde -> SseLanes::maximumBytes;
      case 0xe0 -> (a, b) -> SseLanes.unsignedBytes(a, b, (x, y) -> (x + y + 1) >> 1);
      case 0xe3 -> (a, b) -> SseLanes.unsignedWords(a, b, (x, y) -> (x + y + 1) >> 1);
      case 0xe4 -> (a, b) -> SseLanes.unsignedWords(a, b, (x, y) -> (x * y) >>> 16);
      case 0xe5 -> (a, b) -> SseLanes.signedWords(a, b, (x, y) -> (x * y) >> 16);
      case 0xe8 ->
          (a, b) -> SseLanes.signedBytes(a, b, (x, y) -> SseLanes.saturateSignedByte(x - y));
      case 0xe9 ->
          (a, b) -> SseLanes.signedWords(a, b, (x, y) -> SseLanes.saturateSignedWord(x - y));
      case 0xea -> (a, b) -> SseLanes.signedWords(a, b, Math::min);
      case 0xec ->
          (a, b) -> SseLanes.signedBytes(a, b, (x, y) -> SseLanes.saturateSignedByte(x + y));
      case 0xed ->
          (a, b) -> SseLanes.signedWords(a, b, (x, y) -> SseLanes.saturateSignedWord(x + y));
      case 0xee -> (a, b) -> SseLanes.signedWords(a, b, Math::max);
      case 0xf4 -> SseInteger::multiplyDwords;
      case 0xf5 -> SseInteger::multiplyAndAddWords;
      case 0xf6 -> SseInteger::sumOfAbsoluteDifferences;
      case 0xf8 -> SseLanes::subtractBytes;
      case 0xf9 -> SseLanes::subtractWords;
      case 0xfa -> SseLanes::subtractDwords;
      case 0xfb -> (a, b) -> a - b;
      case 0xfc -> SseLanes::addBytes;
      case 0xfd -> SseLanes::addWords;
      default -> null;
    };
  }

  static long equalDwords(long a, long b) {
    return SseLanes.join(
        (int) a == (int) b ? -1 : 0, SseLanes.high(a) == SseLanes.high(b) ? -1 : 0);
  }

  /** pmuludq. */
  static long multiplyDwords(long a, long b) {
    return (a & 0xffff_ffffL) * (b & 0xffff_ffffL);
  }

  private static int greater(int a, int b) {
    return a > b ? -1 : 0;
  }

  /** pmaddwd. */
  private static long multiplyAndAddWords(long a, long b) {
    int low =
        SseLanes.signedWord(a, 0) * SseLanes.signedWord(b, 0)
            + SseLanes.signedWord(a, 1) * SseLanes.signedWord(b, 1);
    int high =
        SseLanes.signedWord(a, 2) * SseLanes.signedWord(b, 2)
            + SseLanes.signedWord(a, 3) * SseLanes.signedWord(b, 3);
    return SseLanes.join(low, high);
  }

  /** psadbw. */
  private static long sumOfAbsoluteDifferences(long a, long b) {
    long sum = 0;
    for (int i = 0; i < 8; i++) {
      sum += Math.abs(SseLanes.unsignedByte(a, i) - SseLanes.unsignedByte(b, i));
    }
    return sum;
  }
}
