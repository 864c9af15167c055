package org.chronovisor.x86;

/** A string instruction with a repeat prefix. */
public final class RepInsn extends Insn {
  /** The condition of REP: repeats until the counter is zero. */
  static final int ALWAYS = -1;

  private final Strings.Step step;
  private final int whileZero;

  /**
   * @param whileZero 1 for REPE, 0 for REPNE, {@link #ALWAYS} for REP
   */
  RepInsn(Strings.Step step, int whileZero) {
    this.step = step;
    this.whileZero = whileZero;
  }

  /** Runs to its end: the counter is zero or the condition fails. */
  @Override
  public void execute(Cpu cpu) {
    run(cpu, 0);
    // QEMU sets RF between iterations and clears it after the last.
    cpu.systemFlags &= ~Flags.RF;
  }

  /**
   * Runs until the counter (rcx in the address size) is {@code remaining}: where an interrupt cut
   * the instruction. Ends earlier only if the instruction itself ends.
   */
  public void executeUntil(Cpu cpu, long remaining) {
    if (run(cpu, remaining & step.addressMask)) {
      cpu.systemFlags |= Flags.RF;
    }
  }

  /** The counter as the instruction sees it. */
  public long counter(Cpu cpu) {
    return cpu.r[Strings.RCX] & step.addressMask;
  }

  @Override
  public boolean endsBlock() {
    return true;
  }

  /** Returns true when at least one iteration was done. */
  private boolean run(Cpu cpu, long until) {
    boolean any = false;
    for (long counter = counter(cpu); counter != until && counter != 0; ) {
      long left = Long.compareUnsigned(counter, until) < 0 ? counter : counter - until;
      long done = left > 1 ? step.many(cpu, Math.min(left & Long.MAX_VALUE, 4096)) : 0;
      if (done == 0) {
        step.once(cpu);
        done = 1;
      }
      any = true;
      counter -= done;
      step.set(cpu, Strings.RCX, counter);
      if (whileZero != ALWAYS && cpu.isZero() != (whileZero == 1)) {
        break;
      }
    }
    return any;
  }
}
