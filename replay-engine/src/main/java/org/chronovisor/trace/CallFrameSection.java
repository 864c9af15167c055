package org.chronovisor.trace;

/**
 * A section of one ELF file that says how to unwind the stack, as it stands in the file: nothing in
 * it has been checked.
 *
 * @param kind which of the two layouts it has
 * @param address where it is loaded; addresses inside may be relative to it
 * @param addressSize 4 or 8 bytes, of an address in it that says nothing else
 */
@SuppressWarnings("ArrayRecordComponent") // bytes are what it is about
public record CallFrameSection(Kind kind, long address, int addressSize, byte[] bytes) {
  /** The same for code that runs elsewhere; only addresses relative to the section follow. */
  public CallFrameSection movedBy(long bias) {
    return bias == 0 ? this : new CallFrameSection(kind, address + bias, addressSize, bytes);
  }

  /** The layouts; the order is part of the format. */
  public enum Kind {
    /** {@code .eh_frame} (Linux Standard Base, 10.6). */
    EH_FRAME,
    /** {@code .debug_frame} (DWARF 5, 6.4). */
    DEBUG_FRAME
  }
}
