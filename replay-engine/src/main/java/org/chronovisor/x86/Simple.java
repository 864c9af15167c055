package org.chronovisor.x86;

/** An instruction without operands of its own, or whose operands its effect knows. */
final class Simple extends Insn {
  /** What it does. */
  interface Effect {
    void apply(Cpu cpu);
  }

  private final Effect effect;
  private final boolean endsBlock;

  Simple(Effect effect) {
    this(effect, false);
  }

  Simple(Effect effect, boolean endsBlock) {
    this.effect = effect;
    this.endsBlock = endsBlock;
  }

  /** An instruction that changes nothing the replay knows. */
  static Insn nop() {
    return new Nop();
  }

  private static final class Nop extends Insn {
    @Override
    public void execute(Cpu cpu) {}
  }

  @Override
  public void execute(Cpu cpu) {
    effect.apply(cpu);
  }

  @Override
  public boolean endsBlock() {
    return endsBlock;
  }
}
