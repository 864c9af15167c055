package org.chronovisor.trace.internal.store;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/** Copies all records from a source to a sink unchanged, checking every checksum. */
public final class RecordCopy {
  private static final int PIECE_BYTES = 4 << 20;

  private RecordCopy() {}

  /**
   * @param done told the number of record bytes copied so far, after each record
   */
  public static void copy(RecordSource source, RecordSink sink, LongConsumer done) {
    copy(source, sink, null, null, done);
  }

  /**
   * Copies all records, but puts another one in place of those of a type.
   *
   * @param replaced that are left out, or null
   * @param instead pieces of a record to be put before the end, or null
   * @param done told the number of record bytes copied so far, after each record
   */
  public static void copy(
      RecordSource source,
      RecordSink sink,
      RecordType replaced,
      List<byte[]> instead,
      LongConsumer done) {
    long copied = 0;
    boolean missing = instead != null;
    for (int i = 0; i < source.count(); i++) {
      Record record = Record.open(source, i);
      record.check();
      if (missing && record.type() == RecordType.END) {
        sink.append(instead);
        missing = false;
      }
      int length = source.length(i);
      if (record.type() == replaced) {
        copied += length;
        continue;
      }
      List<byte[]> pieces = new ArrayList<>();
      for (int at = 0; at < length; at += PIECE_BYTES) {
        byte[] piece = new byte[Math.min(PIECE_BYTES, length - at)];
        source.read(i, at, piece);
        pieces.add(piece);
      }
      sink.append(pieces);
      copied += length;
      done.accept(copied);
    }
    if (missing) {
      sink.append(instead);
    }
  }
}
