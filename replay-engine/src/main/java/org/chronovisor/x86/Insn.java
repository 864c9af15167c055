package org.chronovisor.x86;

/** One decoded instruction at one address, ready to execute. */
public abstract class Insn {
  private long pc;
  private byte length;
  private byte flagsEffect;
  private short index;

  /**
   * Executes it. {@link Cpu#rip} already holds the address after the block; only control transfers
   * set it.
   *
   * @throws GuestFault when it cannot complete; it must not have changed anything then
   */
  public abstract void execute(Cpu cpu);

  /** True when no instruction may follow in the same block. */
  public boolean endsBlock() {
    return false;
  }

  /** Pushes a return address and goes elsewhere. */
  public boolean isCall() {
    return false;
  }

  /** Pops a return address and goes there. */
  public boolean isReturn() {
    return false;
  }

  /** This and a conditional jump behind it as one, or null; 64-bit code only. */
  Insn fusedWith(int condition, long target) {
    return null;
  }

  public final long pc() {
    return pc;
  }

  public final int length() {
    return length;
  }

  /** Address of the next instruction in sequence. */
  public final long next() {
    return pc + length;
  }

  /** Its number in its block. */
  final int index() {
    return index;
  }

  final void setIndex(int index) {
    this.index = (short) index;
  }

  final void place(long pc, int length) {
    this.pc = pc;
    this.length = (byte) length;
  }

  /** What it does to the flags, see {@link FlagsEffect}. */
  final int flagsEffect() {
    return flagsEffect;
  }

  final void setFlagsEffect(int effect) {
    flagsEffect = (byte) effect;
  }
}
