package org.chronovisor.query;

import java.util.List;

/**
 * Memory whose changes, or uses, stop a run; it is followed by its physical address.
 *
 * @param kind what stops the run
 * @param address linear, of the first byte
 * @param length in bytes
 */
public record Watchpoint(Kind kind, long address, int length, List<PhysicalRange> parts) {
  /** What stops a run. */
  public enum Kind {
    /** A change of the value. */
    CHANGE,
    /** An instruction loads from it; those that were captured are not seen to. */
    READ,
    /** An instruction loads from it or anything stores to it, the same value too. */
    ACCESS
  }

  /** Longest watched range. */
  public static final int LONGEST = 4096;

  /**
   * Watches a range by where it is mapped at the session's position.
   *
   * @throws NotMappedException when it is not mapped
   * @throws QueryException when it is too long or not RAM
   */
  public static Watchpoint at(TraceSession session, long address, int length) {
    return at(session, Kind.CHANGE, address, length);
  }

  /**
   * Watches a range by where it is mapped at the session's position.
   *
   * @throws NotMappedException when it is not mapped
   * @throws QueryException when it is too long or not RAM
   */
  public static Watchpoint at(TraceSession session, Kind kind, long address, int length) {
    if (length < 1 || length > LONGEST) {
      throw new QueryException("a watched length must be from 1 to " + LONGEST + " bytes");
    }
    List<PhysicalRange> parts = PhysicalRange.split(session.replayer().cpu().mmu, address, length);
    if (parts == null) {
      throw new NotMappedException(address, session.replayer().position());
    }
    for (PhysicalRange part : parts) {
      if (session.replayer().memory().page(part.frame()) == null) {
        throw new QueryException("only RAM can be watched");
      }
    }
    return new Watchpoint(kind, address, length, parts);
  }
}
