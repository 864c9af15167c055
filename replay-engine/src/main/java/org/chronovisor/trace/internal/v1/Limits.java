package org.chronovisor.trace.internal.v1;

/** Bounds of format version 1: a writer refuses more, a reader takes more for damage. */
final class Limits {
  /** Decoded size of one section with events, captures, code or symbols. */
  static final int SECTION_BYTES = 1 << 28;

  /** Decoded size of a segment's fixed part with its frame list. */
  static final int FRAME_LIST_BYTES = 1 << 26;

  /** Pages stored in one segment: 32 GiB of memory. */
  static final int PAGES = 1 << 23;

  /** Events of one kind in a segment. */
  static final int EVENTS = 1 << 23;

  /** Blocks of a trace. */
  static final int BLOCKS = 1 << 24;

  /** Segments of a trace. */
  static final int SEGMENTS = 1 << 23;

  /** Page frame numbers: 52 bits of physical address. */
  static final long FRAMES = 1L << 40;

  static final int RAM_REGIONS = 64;

  /** All RAM of a guest. */
  static final long RAM_BYTES = 1L << 38;

  static final int STRING_BYTES = 1 << 20;
  static final int STRINGS = 1 << 16;
  static final int SYMBOLS = 1 << 22;

  /** Lines about symbol files. */
  static final int NOTES = 1000;

  /** Of one of them. */
  static final int NOTE_BYTES = 1 << 16;

  static final int INSTRUCTIONS_IN_BLOCK = 1 << 12;
  static final int INSTRUCTION_BYTES = 15;
  static final int EVENT_BYTES = 4096;
  static final int STACK_FRAME_BYTES = 128;
  static final int TRANSFER_REGISTERS = 32;

  private Limits() {}

  /** For writers: the caller's value must be in the limits. */
  static void check(boolean good, String message) {
    if (!good) {
      throw new IllegalArgumentException(message);
    }
  }
}
