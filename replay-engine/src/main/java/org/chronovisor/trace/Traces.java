package org.chronovisor.trace;

import java.nio.file.Files;
import java.nio.file.Path;
import org.chronovisor.trace.internal.store.QueueRecordSink;
import org.chronovisor.trace.internal.store.QueueRecordSource;
import org.chronovisor.trace.internal.store.Record;
import org.chronovisor.trace.internal.store.RecordSource;
import org.chronovisor.trace.internal.v1.Reader;
import org.chronovisor.trace.internal.v1.Writer;

/** Makes, opens, packs and unpacks traces. */
public final class Traces {
  private Traces() {}

  /**
   * Starts a trace in a directory, which must be new or empty.
   *
   * @throws TraceException when it is not, or cannot be written
   */
  public static TraceWriter create(Path directory) {
    return new Writer(QueueRecordSink.create(directory));
  }

  /**
   * Opens a trace as it stands now: a directory that is still being written shows the segments
   * complete at this moment. Only open a directory that was recorded or unpacked on this machine:
   * its files can run code. An archive from anywhere is safe to open.
   *
   * @param trace a directory or a .cvt archive
   */
  public static TraceReader open(Path trace) {
    return reader(source(trace));
  }

  private static RecordSource source(Path trace) {
    if (!Files.exists(trace)) {
      throw new TraceException("There is no trace at " + trace);
    }
    return QueueRecordSource.open(trace);
  }

  private static TraceReader reader(RecordSource source) {
    try {
      if (source.count() == 0) {
        throw new TraceException("The trace is empty: " + source.name());
      }
      int version = Record.open(source, 0).version();
      if (version == Reader.VERSION) {
        return new Reader(source);
      }
      throw new TraceException(
          "The trace has format version " + version + ", this program reads " + Reader.VERSION);
    } catch (RuntimeException | Error e) {
      source.close();
      throw e;
    }
  }
}
