package org.chronovisor.x86;

/** Gives a captured instruction its effect, and compares a checked one with its capture. */
public interface CaptureSink {
  /**
   * The instruction at the current position was captured: apply the recorded registers and stores.
   * For a modelled plan (check recording) the model has just run: compare.
   */
  void captured(CapturedInsn insn, Cpu cpu);
}
