package org.chronovisor.query;

/**
 * A change of memory.
 *
 * @param position of the storing instruction, or the position before which the change happened
 * @param pc linear address of the storing instruction; of the next instruction when none stored
 * @param instruction at {@code pc}
 * @param source {@code file:line}, or null when unknown
 * @param storeOffset of the first changed byte from the first byte asked for; may be negative
 * @param storeSize bytes changed at once
 * @param value the bytes asked for, as they are after the change
 */
public record MemoryWrite(
    Kind kind,
    long position,
    long pc,
    InstructionView instruction,
    String source,
    int storeOffset,
    int storeSize,
    MemoryBytes value) {
  public enum Kind {
    /** An instruction stored. */
    STORE("a store"),
    /** The CPU pushed a frame to deliver an interrupt or exception. */
    FRAME("the frame of an interrupt or exception"),
    /** A device or the MMU wrote; seen when the CPU next loaded the bytes. */
    EXTERNAL("a device or the MMU, first seen here"),
    /** A device or the MMU wrote; found at a segment's end, at most a segment later. */
    AUDIT("a device or the MMU, found by the audit here");

    private final String description;

    Kind(String description) {
      this.description = description;
    }

    /** What wrote, for people. */
    public String description() {
      return description;
    }
  }

  /** Whether fewer bytes than asked for were changed. */
  public boolean isPartial() {
    return storeOffset > 0 || storeOffset + storeSize < value.length();
  }
}
