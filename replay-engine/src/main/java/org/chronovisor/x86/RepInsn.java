package org.chronovisor.x86;

/** A repeated string instruction; {@link #execute} completes it. */
public abstract class RepInsn extends Insn {
  /** Runs iterations until rcx, in the address size, is {@code remaining}. */
  public abstract void executeUntil(Cpu cpu, long remaining);

  @Override
  public boolean endsBlock() {
    return true;
  }
}
