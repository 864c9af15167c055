package org.chronovisor.x86;

/** Told of each control transfer that does not go to the next instruction in memory. */
public interface TransferListener {
  /**
   * @param last the instruction that retired last, which made the transfer unless an interrupt or
   *     exception did; null when none has retired since the machine was placed
   * @param target linear address control has gone to
   * @param position retired instructions before the one there
   */
  void transferred(Insn last, long target, long position);

  /**
   * Another vCPU goes on.
   *
   * @param pc linear address at which it does
   * @param restarted something has replaced its registers
   */
  default void switched(int vcpu, long pc, boolean restarted, long position) {}
}
