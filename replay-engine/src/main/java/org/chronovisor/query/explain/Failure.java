package org.chronovisor.query.explain;

import org.chronovisor.query.InstructionView;
import org.chronovisor.x86.CpuState;

/**
 * How a run failed.
 *
 * @param position the instruction that failed is, or would have been, this one
 * @param instruction the one that failed; its bytes are empty when control went nowhere
 * @param cpu the registers before it
 * @param vector of the exception, -1 for none
 * @param summary one line
 * @param address the bad address, or 0
 */
public record Failure(
    Kind kind,
    long position,
    InstructionView instruction,
    CpuState cpu,
    int vector,
    String summary,
    long address) {
  /** How a run fails. */
  public enum Kind {
    /** The CPU raised an exception that nothing handled. */
    EXCEPTION,
    /** The next instruction could not be executed, and no handler ran. */
    STOPPED,
    /** The guest gave up by itself: a panic, a failed assertion. */
    PANIC,
    /** No failure is seen. */
    NONE
  }
}
