package org.chronovisor.x86;

/** Floating-point comparisons. */
final class SseCompare {
  private SseCompare() {}

  /** The predicates of CMPPD and its relatives (SDM vol. 2, CMPPD, table 3-1). */
  private static boolean holds(int predicate, int relation) {
    boolean value =
        switch (predicate & 11) {
          case 0 -> relation == SseFloat.EQUAL;
          case 1 -> relation == SseFloat.LESS;
          case 2 -> relation <= SseFloat.EQUAL;
          case 3 -> relation == SseFloat.UNORDERED;
          case 8 -> relation == SseFloat.EQUAL || relation == SseFloat.UNORDERED;
          case 9 -> relation != SseFloat.EQUAL && relation != SseFloat.GREATER;
          case 10 -> relation != SseFloat.GREATER;
          default -> false;
        };
    return value ^ (predicate & 4) != 0;
  }

  /** lt, le, nlt and nle and their like set IE for quiet NaNs, too; from 16 on the others do. */
  private static boolean isSignalling(int predicate) {
    return ((predicate & 3) == 1 || (predicate & 3) == 2) != (predicate >= 16);
  }

  private static SseScalar.DoubleFunction doubles(int predicate) {
    boolean signalling = isSignalling(predicate);
    return (cpu, a, b) -> holds(predicate, SseFloat.compare(cpu, a, b, signalling)) ? -1L : 0;
  }

  private static SseScalar.FloatFunction floats(int predicate) {
    boolean signalling = isSignalling(predicate);
    return (cpu, a, b) -> holds(predicate, SseFloat.compare(cpu, a, b, signalling)) ? -1 : 0;
  }

  /** 0F C2. Without VEX only the low three bits of the immediate count. */
  static Insn toMask(DecodeContext c, int prefix) {
    int predicate = c.u8() & (c.vex == null ? 7 : 31);
    return switch (prefix) {
      case 0xf3 -> new SseScalar.OfFloat(c, floats(predicate));
      case 0xf2 -> new SseScalar.OfDouble(c, doubles(predicate));
      case 0x66 -> new SsePacked.OfDouble(c, doubles(predicate), doubles(predicate));
      default -> new SsePacked.OfFloat(c, floats(predicate), floats(predicate));
    };
  }

  /** comisd, ucomisd, comiss, ucomiss. */
  static final class ToFlags extends Insn {
    private final int first;
    private final SseOperand second;
    private final boolean isDouble;
    private final boolean signalling;

    ToFlags(DecodeContext c, boolean isDouble, boolean signalling) {
      first = 2 * c.reg;
      second = SseOperand.of(c);
      this.isDouble = isDouble;
      this.signalling = signalling;
    }

    @Override
    public void execute(Cpu cpu) {
      long a = cpu.xmm[first];
      int relation =
          isDouble
              ? SseFloat.compare(cpu, a, second.load64(cpu), signalling)
              : SseFloat.compare(cpu, (int) a, second.load32(cpu), signalling);
      cpu.flagsExplicit(
          switch (relation) {
            case SseFloat.LESS -> Flags.CF;
            case SseFloat.EQUAL -> Flags.ZF;
            case SseFloat.GREATER -> 0;
            default -> Flags.ZF | Flags.PF | Flags.CF;
          });
    }
  }
}
