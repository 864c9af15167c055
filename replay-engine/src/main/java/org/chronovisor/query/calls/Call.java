package org.chronovisor.query.calls;

/**
 * A call of a function.
 *
 * @param function its name
 * @param caller the function that called it, or null for the outermost
 * @param pc where control entered it
 * @param entry position of its first instruction
 * @param exit position of the first instruction after it; -1 while it was still active
 * @param depth 0 for the outermost function of a stack
 * @param stack number of the stack it ran on
 * @param cpu number of the vCPU it ran on
 * @param instructions retired in it and in what it called, interrupts included
 * @param self retired in itself
 */
public record Call(
    String function,
    String caller,
    Kind kind,
    long pc,
    long entry,
    long exit,
    int depth,
    int stack,
    int cpu,
    long instructions,
    long self) {
  /** How control came to a function. */
  public enum Kind {
    /** It was active when the recording or its stack started. */
    ROOT,
    CALL,
    /** A jump from a function that ended with it. */
    TAIL_CALL,
    /** An interrupt or exception. */
    INTERRUPT,
    /** A system call or software interrupt. */
    SYSTEM
  }
}
