package org.chronovisor.trace;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.chronovisor.trace.internal.store.ArchiveRecordSink;
import org.chronovisor.trace.internal.store.ArchiveRecordSource;
import org.chronovisor.trace.internal.store.QueueRecordSink;
import org.chronovisor.trace.internal.store.QueueRecordSource;
import org.chronovisor.trace.internal.store.Record;
import org.chronovisor.trace.internal.store.RecordCopy;
import org.chronovisor.trace.internal.store.RecordSink;
import org.chronovisor.trace.internal.store.RecordSource;
import org.chronovisor.trace.internal.store.RecordType;
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

  /**
   * Opens what is good of a damaged or cut-off archive: everything before the first bad record.
   * Only for people who asked for it: the trace may look like one whose recording was cut off.
   */
  public static TraceReader openDamaged(Path archive) {
    return reader(ArchiveRecordSource.openDamaged(archive));
  }

  /** Told how far a long operation is, in bytes. */
  @FunctionalInterface
  public interface Progress {
    Progress NONE = (done, total) -> {};

    void update(long done, long total);
  }

  /**
   * Packs a trace into one file that can be given away; nothing is lost or changed. A file of that
   * name is replaced once the new one is complete.
   */
  public static void pack(Path trace, Path file, Progress progress) {
    pack(trace, file, null, progress);
  }

  /**
   * Packs a trace with what somebody noted about it.
   *
   * @param bookmarks take the place of those in the trace; empty: none; null: those in the trace
   */
  public static void pack(Path trace, Path file, String bookmarks, Progress progress) {
    List<byte[]> record =
        bookmarks == null || bookmarks.isEmpty() ? null : Writer.bookmarks(bookmarks);
    try (RecordSource source = source(trace);
        ArchiveRecordSink sink = ArchiveRecordSink.create(file)) {
      reader(source);
      long all = length(source);
      RecordCopy.copy(
          source,
          sink,
          bookmarks == null ? null : RecordType.BOOKMARKS,
          record,
          done -> progress.update(done, all));
      sink.finish();
    }
  }

  /**
   * Unpacks an archive into a directory, which must be new or empty. The archive is checked wholly;
   * when it is damaged nothing stays behind.
   */
  public static void unpack(Path file, Path directory, Progress progress) {
    if (Files.isDirectory(file)) {
      throw new TraceException("Not an archive but a directory: " + file);
    }
    try (RecordSource source = source(file)) {
      validate(reader(source));
      QueueRecordSink sink = QueueRecordSink.create(directory);
      try (sink) {
        copy(source, sink, progress);
      } catch (RuntimeException | Error e) {
        sink.delete();
        throw e;
      }
    }
  }

  private static void validate(TraceReader reader) {
    reader.symbols();
    reader.blocks();
    reader.plans();
    for (int i = 0; i < reader.segmentCount(); i++) {
      reader.events(i);
    }
  }

  private static long length(RecordSource source) {
    long total = 0;
    for (int i = 0; i < source.count(); i++) {
      total += source.length(i);
    }
    return total;
  }

  private static void copy(RecordSource source, RecordSink sink, Progress progress) {
    long all = length(source);
    RecordCopy.copy(source, sink, done -> progress.update(done, all));
  }

  private static RecordSource source(Path trace) {
    if (!Files.exists(trace)) {
      throw new TraceException("There is no trace at " + trace);
    }
    return Files.isDirectory(trace)
        ? QueueRecordSource.open(trace)
        : ArchiveRecordSource.open(trace);
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
