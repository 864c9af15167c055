package org.chronovisor.trace;

/**
 * A source file as it was when the recording was made.
 *
 * @param path as the line tables name it
 */
@SuppressWarnings("ArrayRecordComponent") // bytes are what it is about
public record SourceText(String path, byte[] bytes) {
  /** No file is larger. */
  public static final int MAX_BYTES = 1 << 22;

  /** Nor are all of a trace together. */
  public static final int MAX_TOTAL = 1 << 27;

  /** Nor are there more. */
  public static final int MAX_FILES = 1 << 14;
}
