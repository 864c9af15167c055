package org.chronovisor.trace.internal.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.wire.DocumentContext;
import org.chronovisor.trace.TraceException;

/**
 * Reads the records that were complete in a queue directory when it was opened; changes no file.
 * Layout: {@link QueueRecordSink}.
 */
public final class QueueRecordSource implements RecordSource {
  private final Path directory;
  private final ChronicleQueue queue;
  private final ExcerptTailer tailer;

  /** Excerpts of all records in order: their Chronicle index and the number of record bytes. */
  private long[] indexes = new long[64];

  private int[] sizes = new int[64];
  private int excerpts;

  /** Record i takes the excerpts from firsts[i] up to firsts[i + 1]. */
  private int[] firsts = new int[64];

  private int records;
  private long bytes;
  private boolean closed;

  private QueueRecordSource(Path directory) throws IOException {
    this.directory = directory;
    queue = QueueDirectory.open(directory, QueueDirectory.BLOCK_BYTES, true);
    tailer = queue.createTailer();
    tailer.singleThreadedCheckDisabled(true);
    try {
      scan();
    } catch (RuntimeException | Error e) {
      queue.close();
      throw e;
    }
    bytes += QueueDirectory.otherBytes(directory);
  }

  /** Opens a directory that was written here: see the warning at {@link QueueDirectory}. */
  public static QueueRecordSource open(Path directory) {
    QueueDirectory.check(directory);
    try {
      if (!QueueDirectory.hasData(directory)) {
        throw new TraceException("The trace is empty: " + directory);
      }
      return new QueueRecordSource(directory);
    } catch (TraceException e) {
      throw e;
    } catch (IOException | RuntimeException | InternalError e) {
      throw QueueDirectory.failure("Cannot open the trace", directory, e);
    }
  }

  private void scan() {
    int expected = 0;
    while (true) {
      try (DocumentContext document = tailer.readingDocument()) {
        if (!document.isPresent()) {
          return;
        }
        Bytes<?> in = document.wire().bytes();
        long size = in.readRemaining();
        if (size < QueueRecordSink.PART_HEADER || size > Integer.MAX_VALUE) {
          throw damaged("an excerpt is too short");
        }
        int magic = in.readUnsignedByte();
        int more = in.readUnsignedByte();
        int zero = in.readUnsignedShort();
        int number = in.readInt();
        if (magic != QueueRecordSink.PART_MAGIC || more > 1 || zero != 0 || number != expected) {
          throw damaged("an excerpt is not part of a trace");
        }
        add(document.index(), (int) size - QueueRecordSink.PART_HEADER);
        bytes = in.readLimit();
        expected = more == 0 ? 0 : expected + 1;
        if (more == 0) {
          if (records + 2 > firsts.length) {
            firsts = Arrays.copyOf(firsts, 2 * firsts.length);
          }
          firsts[++records] = excerpts;
        }
      }
    }
  }

  private void add(long index, int size) {
    if (excerpts == sizes.length) {
      indexes = Arrays.copyOf(indexes, 2 * excerpts);
      sizes = Arrays.copyOf(sizes, 2 * excerpts);
    }
    indexes[excerpts] = index;
    sizes[excerpts++] = size;
  }

  @Override
  public int count() {
    return records;
  }

  @Override
  public int length(int record) {
    long length = 0;
    for (int i = firsts[record]; i < firsts[record + 1]; i++) {
      length += sizes[i];
    }
    if (length > RecordSink.MAX_RECORD) {
      throw damaged("a record is too long");
    }
    return (int) length;
  }

  @Override
  public synchronized void read(int record, int offset, byte[] target) {
    if (closed) {
      throw new TraceException("The trace is closed: " + directory);
    }
    int done = 0;
    int skip = offset;
    for (int i = firsts[record]; i < firsts[record + 1] && done < target.length; i++) {
      if (skip >= sizes[i]) {
        skip -= sizes[i];
        continue;
      }
      int chunk = Math.min(sizes[i] - skip, target.length - done);
      readExcerpt(i, skip, target, done, chunk);
      done += chunk;
      skip = 0;
    }
    if (done < target.length) {
      throw damaged("a record ends too early");
    }
  }

  private void readExcerpt(int excerpt, int skip, byte[] target, int at, int length) {
    try {
      if (!tailer.moveToIndex(indexes[excerpt])) {
        throw damaged("an excerpt has gone");
      }
      try (DocumentContext document = tailer.readingDocument()) {
        if (!document.isPresent()) {
          throw damaged("an excerpt has gone");
        }
        Bytes<?> in = document.wire().bytes();
        in.readSkip(QueueRecordSink.PART_HEADER + skip);
        if (in.read(target, at, length) != length) {
          throw damaged("an excerpt ends too early");
        }
      }
    } catch (TraceException e) {
      throw e;
    } catch (RuntimeException | InternalError e) {
      throw QueueDirectory.failure("Cannot read the trace", directory, e);
    }
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public String name() {
    return directory.toString();
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      tailer.close();
      queue.close();
    }
  }

  private TraceException damaged(String detail) {
    return new TraceException("The trace is damaged: " + directory + ": " + detail);
  }
}
