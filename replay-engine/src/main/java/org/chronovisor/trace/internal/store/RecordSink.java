package org.chronovisor.trace.internal.store;

import java.io.Closeable;
import java.util.List;
import org.chronovisor.trace.TraceException;

/** Takes records in order. One thread; failure is a {@code TraceException}. */
public interface RecordSink extends Closeable {
  /** Largest record in bytes. */
  int MAX_RECORD = 1 << 30;

  /** Appends one record given in pieces; it is stored whole or not at all. */
  void append(List<byte[]> pieces);

  /** Bytes written so far. */
  long bytes();

  @Override
  void close();

  /** Closes and removes what was written. */
  void delete();

  /** Total length of the pieces of a record. */
  static int length(List<byte[]> pieces) {
    long length = 0;
    for (byte[] piece : pieces) {
      length += piece.length;
    }
    if (length > MAX_RECORD) {
      throw new TraceException(
          "A record of " + length + " bytes is larger than a trace can hold: use shorter segments");
    }
    return (int) length;
  }
}
