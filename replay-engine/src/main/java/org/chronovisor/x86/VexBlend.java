package org.chronovisor.x86;

/** VBLENDVPS, VBLENDVPD and VPBLENDVB: a fourth register chooses between two operands. */
final class VexBlend extends Insn {
  private final int destination;
  private final int first;
  private final VexWords second;
  private final int mask;
  private final SseExtended.Unary spread;

  /**
   * Any of the three.
   *
   * @param spread makes a word of all-ones and all-zero elements of one with their sign bits
   */
  VexBlend(DecodeContext c, SseExtended.Unary spread) {
    mask = c.u8() >> 4;
    destination = c.reg;
    first = c.vex.register();
    second = VexWords.of(c);
    this.spread = spread;
  }

  @Override
  public void execute(Cpu cpu) {
    long[] x = cpu.xmm;
    second.read(cpu);
    for (int i = 0; i < 4; i++) {
      // Words depend on no others: operands may be one register.
      long result = 0;
      if (i < second.count()) {
        long chosen = spread.apply(x[VexWords.index(mask, i)]);
        result = x[VexWords.index(first, i)] & ~chosen | second.get(cpu, i) & chosen;
      }
      x[VexWords.index(destination, i)] = result;
    }
  }
}
