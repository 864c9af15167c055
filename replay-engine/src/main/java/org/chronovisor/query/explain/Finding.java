package org.chronovisor.query.explain;

import org.chronovisor.query.InstructionView;

/**
 * Something that explains a failure.
 *
 * @param position of the instruction
 * @param text one line
 */
public record Finding(Kind kind, long position, InstructionView instruction, String text) {
  /** What was found. */
  public enum Kind {
    /** A store changed a part of a value that had been stored whole. */
    OVERWRITE,
    /** A store changed the return address that a call had pushed. */
    RETURN_ADDRESS,
    /** Memory was used after it had been given back. */
    USE_AFTER_FREE,
    /** A value that an interrupt handler stored was overwritten by one computed before. */
    LOST_UPDATE,
    /** The limit of the loop that went too far. */
    LOOP_LIMIT,
    /** Where the bad value came from. */
    SOURCE,
    /** What belongs to another finding. */
    DETAIL
  }
}
