package org.chronovisor.trace.internal.store;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.chronovisor.trace.TraceException;

/**
 * Reads the records that were complete in a queue directory when it was opened; changes no file.
 *
 * <p>It reads the file's documents itself: Chronicle's own reader obeys the class names in the
 * file's header, takes a second to start, and crashes on a file that was cut off. Documents of a
 * {@code .cq4} file stand one behind the other, aligned to 4 bytes:
 *
 * <pre>
 * 0  u32  bits 0-29 length, bit 30 Chronicle's own (header, index), bit 31 not complete;
 *         0 or at the file's end: nothing yet
 * 4  length bytes; ours are the excerpts of {@link QueueRecordSink}
 * </pre>
 */
public final class QueueRecordSource implements RecordSource {
  private static final int LENGTH = 0x3fff_ffff;
  private static final int CHRONICLES_OWN = 1 << 30;
  private static final int PREFIX = 4 + QueueRecordSink.PART_HEADER;

  private final Path directory;

  /** Not a FileChannel: that would be closed by an interrupt of a reading thread. */
  private final RandomAccessFile file;

  private final long fileSize;

  /** Excerpts of all records in order: where their record bytes are, and how many. */
  private long[] places = new long[64];

  private int[] sizes = new int[64];
  private int excerpts;

  /** Record i takes the excerpts from firsts[i] up to firsts[i + 1]. */
  private int[] firsts = new int[64];

  private int records;
  private long bytes;

  private QueueRecordSource(Path directory, Path data) throws IOException {
    this.directory = directory;
    file = new RandomAccessFile(data.toFile(), "r");
    try {
      fileSize = file.length();
      scan();
      bytes += QueueDirectory.otherBytes(directory);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /** Opens a directory with the marker of {@link QueueDirectory}. */
  public static QueueRecordSource open(Path directory) {
    QueueDirectory.check(directory);
    try {
      List<Path> files = QueueDirectory.dataFiles(directory);
      if (files.size() > 1) {
        throw new TraceException("The trace is damaged: more than one data file in " + directory);
      }
      if (files.isEmpty()) {
        throw new TraceException("The trace is empty: " + directory);
      }
      return new QueueRecordSource(directory, files.get(0));
    } catch (IOException e) {
      throw QueueDirectory.failure("Cannot open the trace", directory, e);
    }
  }

  private void scan() throws IOException {
    byte[] bytesOfPrefix = new byte[PREFIX];
    ByteBuffer prefix = ByteBuffer.wrap(bytesOfPrefix).order(ByteOrder.LITTLE_ENDIAN);
    int expected = 0;
    long at = 0;
    while (fill(bytesOfPrefix, 0, PREFIX, at) >= 4) {
      int word = prefix.getInt(0);
      if (word <= 0) {
        break;
      }
      int length = word & LENGTH;
      if (length > fileSize - at - 4) {
        throw new TraceException("The trace's file is cut off: " + directory);
      }
      if ((word & CHRONICLES_OWN) == 0) {
        if (length < QueueRecordSink.PART_HEADER) {
          throw damaged("an excerpt is too short");
        }
        int more = prefix.get(5);
        if (prefix.get(4) != QueueRecordSink.PART_MAGIC
            || (more & ~1) != 0
            || prefix.getShort(6) != 0
            || prefix.getInt(8) != expected) {
          throw damaged("an excerpt is not part of a trace");
        }
        add(at + PREFIX, length - QueueRecordSink.PART_HEADER);
        bytes = at + 4 + length;
        expected = more == 0 ? 0 : expected + 1;
        if (more == 0) {
          endRecord();
        }
      }
      at += 4 + ((length + 3L) & ~3L);
    }
  }

  private void add(long place, int size) {
    if (excerpts == sizes.length) {
      places = Arrays.copyOf(places, 2 * excerpts);
      sizes = Arrays.copyOf(sizes, 2 * excerpts);
    }
    places[excerpts] = place;
    sizes[excerpts++] = size;
  }

  private void endRecord() {
    if (records + 2 > firsts.length) {
      firsts = Arrays.copyOf(firsts, 2 * firsts.length);
    }
    firsts[++records] = excerpts;
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
  public void read(int record, int offset, byte[] target) {
    int done = 0;
    int skip = offset;
    for (int i = firsts[record]; i < firsts[record + 1] && done < target.length; i++) {
      if (skip >= sizes[i]) {
        skip -= sizes[i];
        continue;
      }
      int chunk = Math.min(sizes[i] - skip, target.length - done);
      try {
        if (fill(target, done, chunk, places[i] + skip) < chunk) {
          throw new TraceException("The trace's file is cut off: " + directory);
        }
      } catch (IOException e) {
        throw QueueDirectory.failure("Cannot read the trace", directory, e);
      }
      done += chunk;
      skip = 0;
    }
    if (done < target.length) {
      throw damaged("a record ends too early");
    }
  }

  /** Reads {@code length} bytes, or what is left of the file; returns their number. */
  private synchronized int fill(byte[] target, int from, int length, long at) throws IOException {
    file.seek(at);
    int done = 0;
    while (done < length) {
      int read = file.read(target, from + done, length - done);
      if (read < 0) {
        break;
      }
      done += read;
    }
    return done;
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
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw QueueDirectory.failure("Cannot close the trace", directory, e);
    }
  }

  private TraceException damaged(String detail) {
    return new TraceException("The trace is damaged: " + directory + ": " + detail);
  }
}
