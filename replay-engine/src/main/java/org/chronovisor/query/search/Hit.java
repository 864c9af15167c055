package org.chronovisor.query.search;

/**
 * Something a search has found.
 *
 * @param position of the instruction, or the position before which something else did it
 * @param pc linear address of the instruction; of the next one when none did it
 * @param offset of the first byte accessed in the range searched; 0 for executions
 * @param size bytes accessed, 0 for executions
 * @param value of the range searched: after a write, before a read, else empty
 */
@SuppressWarnings("ArrayRecordComponent") // bytes are what it is about
public record Hit(Kind kind, long position, long pc, int offset, int size, byte[] value) {
  private static final byte[] NONE = {};

  /** What happened. */
  public enum Kind {
    EXECUTED("executed"),
    READ("read"),
    STORE("stored"),
    FRAME("frame of an interrupt or exception"),
    EXTERNAL("device or MMU, first seen here"),
    AUDIT("device or MMU, found by the audit here");

    private final String description;

    Kind(String description) {
      this.description = description;
    }

    /** For people. */
    public String description() {
      return description;
    }
  }

  static Hit executed(long position, long pc) {
    return new Hit(Kind.EXECUTED, position, pc, 0, 0, NONE);
  }
}
