package org.chronovisor.x86;

/** Told of each instruction right before it executes; the CPU stands as the one before left it. */
public interface InsnListener {
  /**
   * @param position retired instructions before it
   */
  void before(Insn insn, long position);
}
