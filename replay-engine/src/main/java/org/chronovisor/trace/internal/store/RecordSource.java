package org.chronovisor.trace.internal.store;

import java.io.Closeable;

/** Records that can be read in any order. Thread-safe; damage is a {@code TraceException}. */
public interface RecordSource extends Closeable {
  int count();

  /** Length of a record in bytes. */
  int length(int record);

  /** Fills {@code target} with bytes of a record from {@code offset} on. */
  void read(int record, int offset, byte[] target);

  /** Size on disk in bytes. */
  long bytes();

  /** What this is, for messages: a path. */
  String name();

  @Override
  void close();
}
