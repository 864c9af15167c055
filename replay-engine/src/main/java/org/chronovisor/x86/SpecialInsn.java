package org.chronovisor.x86;

/** A control transfer whose effect on the registers comes from the recording. */
public abstract class SpecialInsn extends Insn {
  /** What flags and segments become after it depends on this. */
  public enum Kind {
    IRET,
    SYSCALL,
    SYSRET,
    SYSENTER,
    SYSEXIT,
    INTERRUPT,
    FAR
  }

  public abstract Kind kind();

  /** Operand size in bytes: 2, 4 or 8. */
  public abstract int operandSize();

  @Override
  public boolean endsBlock() {
    return true;
  }
}
