package org.chronovisor.query.calls;

/** Hears of calls while a run is walked. */
interface CallVisitor {
  /** A function begins. */
  default void entered(Frame frame) {}

  /** A function has ended, or the run has while it was active. */
  default void left(Call call) {}

  /**
   * Instructions were executed in the innermost function.
   *
   * @param frame the innermost function
   */
  default void executed(Frame frame, long instructions) {}
}
