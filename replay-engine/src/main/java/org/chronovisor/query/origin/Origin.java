package org.chronovisor.query.origin;

import java.util.List;
import org.chronovisor.query.MemoryBytes;

/**
 * Where a value came from.
 *
 * @param place that was asked about, for people
 * @param position before which it had the value
 * @param value what it held there
 * @param steps newest first
 * @param end where the trail ends
 * @param text one line about the end
 */
public record Origin(
    String place, long position, MemoryBytes value, List<Step> steps, End end, String text) {
  /** What stands at the beginning of a value. */
  public enum End {
    /** A constant of the program. */
    CONSTANT,
    /** An I/O port. */
    PORT,
    /** Device memory. */
    DEVICE,
    /** The CPU: time stamp counter, identification, random numbers. */
    MACHINE,
    /** A device or the MMU wrote RAM. */
    EXTERNAL,
    /** What the CPU pushed for an interrupt or exception. */
    FRAME,
    /** In memory when the recording started, and not zero. */
    INITIAL_MEMORY,
    /** Zero when the recording started, and never written. */
    NEVER_WRITTEN,
    /** In the register when the recording started. */
    INITIAL_REGISTER,
    /** Computed from flags. */
    FLAGS,
    /** An instruction that is not understood, or bytes nobody knows. */
    UNKNOWN,
    /** More steps than asked for. */
    LIMIT
  }

  public Origin {
    steps = List.copyOf(steps);
  }

  /** The oldest step, or null when there is none. */
  public Step first() {
    return steps.isEmpty() ? null : steps.get(steps.size() - 1);
  }
}
