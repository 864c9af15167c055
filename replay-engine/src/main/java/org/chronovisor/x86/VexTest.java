package org.chronovisor.x86;

/** VPTEST, VTESTPS and VTESTPD: ZF and CF from the and, and the and-not, of two registers. */
final class VexTest extends Insn {
  static final long ALL = -1L;
  static final long SINGLES = 0x8000_0000_8000_0000L;
  static final long DOUBLES = 0x8000_0000_0000_0000L;

  private final int first;
  private final VexWords second;
  private final long bits;

  private VexTest(DecodeContext c, long bits) {
    first = c.reg;
    second = VexWords.of(c);
    this.bits = bits;
  }

  /**
   * One of the three.
   *
   * @param bits those of each word that count
   */
  static Insn of(DecodeContext c, long bits) {
    c.flagsEffect = FlagsEffect.EXPLICIT;
    return c.vex.hasNoRegister() ? new VexTest(c, bits) : null;
  }

  @Override
  public void execute(Cpu cpu) {
    second.read(cpu);
    long and = 0;
    long andNot = 0;
    for (int i = 0; i < second.count(); i++) {
      long a = cpu.xmm[VexWords.index(first, i)];
      long b = second.get(cpu, i);
      and |= a & b;
      andNot |= ~a & b;
    }
    cpu.flagsExplicit(((and & bits) == 0 ? Flags.ZF : 0) | ((andNot & bits) == 0 ? Flags.CF : 0));
  }
}
