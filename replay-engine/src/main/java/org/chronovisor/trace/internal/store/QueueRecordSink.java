package org.chronovisor.trace.internal.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.wire.DocumentContext;
import org.chronovisor.trace.TraceException;

/**
 * Appends records to a Chronicle Queue, a record in one or more excerpts.
 *
 * <pre>
 * excerpt:  0  u8   0x43 'C'
 *           1  u8   1: the record continues in the next excerpt, 0: it ends here
 *           2  u16  0
 *           4  u32  number of this part, 0 for the first
 *           8  bytes of the record
 * </pre>
 *
 * An excerpt is complete or absent after the process is killed; a record whose last part is missing
 * is ignored by the reader.
 */
public final class QueueRecordSink implements RecordSink {
  static final int PART_MAGIC = 0x43;
  static final int PART_HEADER = 8;

  /**
   * What must be left besides the record itself: Chronicle's index pages, and what others on this
   * machine write at the same time.
   */
  private static final long SPARE_BYTES = 16 << 20;

  private static final int TAIL_BYTES = 4096;

  private final Path directory;
  private final int partBytes;
  private final ChronicleQueue queue;
  private final ExcerptAppender appender;
  private final Bytes<?> part = Bytes.allocateElasticOnHeap();
  private long otherBytes;
  private long end;
  private boolean failed;
  private boolean closed;

  private QueueRecordSink(Path directory, int blockBytes) {
    this.directory = directory;
    partBytes = blockBytes / 4 - 4096;
    queue = QueueDirectory.open(directory, blockBytes);
    appender = queue.createAppender();
    // The recorder hands the sink from thread to thread, one after the other.
    appender.singleThreadedCheckDisabled(true);
  }

  /** Makes the directory, which must be new or empty. */
  public static QueueRecordSink create(Path directory) {
    return create(directory, QueueDirectory.BLOCK_BYTES);
  }

  static QueueRecordSink create(Path directory, int blockBytes) {
    QueueDirectory.create(directory);
    if (usableSpace(directory) < SPARE_BYTES) {
      QueueDirectory.delete(directory);
      throw new TraceException("The disk is full: " + directory);
    }
    try {
      QueueRecordSink sink = new QueueRecordSink(directory, blockBytes);
      sink.otherBytes = QueueDirectory.otherBytes(directory);
      return sink;
    } catch (IOException | RuntimeException | InternalError e) {
      throw QueueDirectory.failure("Cannot create a queue in", directory, e);
    }
  }

  @Override
  public void append(List<byte[]> pieces) {
    if (failed || closed) {
      throw new TraceException("The trace can no longer be written: " + directory);
    }
    int length = RecordSink.length(pieces);
    checkSpace(length);
    int number = 0;
    int left = length;
    startPart(number, left);
    for (byte[] piece : pieces) {
      int from = 0;
      while (from < piece.length) {
        int room = partBytes - (int) part.readRemaining();
        if (room == 0) {
          writePart();
          startPart(++number, left);
          room = partBytes - PART_HEADER;
        }
        int chunk = Math.min(room, piece.length - from);
        part.write(piece, from, chunk);
        from += chunk;
        left -= chunk;
      }
    }
    writePart();
  }

  private void startPart(int number, int left) {
    part.clear();
    part.writeByte((byte) PART_MAGIC);
    part.writeByte((byte) (left > partBytes - PART_HEADER ? 1 : 0));
    part.writeShort((short) 0);
    part.writeInt(number);
  }

  private void writePart() {
    DocumentContext document = null;
    try {
      document = appender.writingDocument();
      Bytes<?> target = document.wire().bytes();
      target.write(part);
      end = target.writePosition();
    } catch (RuntimeException | InternalError e) {
      failed = true;
      if (document != null) {
        document.rollbackOnClose();
      }
      throw QueueDirectory.failure("Cannot write the trace", directory, e);
    } finally {
      closeQuietly(document);
    }
  }

  /** Writing to a mapped file on a full disk would end in a SIGBUS: look before. */
  private void checkSpace(long length) {
    long usable = usableSpace(directory);
    if (usable < length + SPARE_BYTES) {
      failed = true;
      throw new TraceException(
          "The disk is full: " + directory + " has " + usable + " bytes left; the trace ends here");
    }
  }

  /** By the file system itself: a file store would be looked up in the table of mounts. */
  private static long usableSpace(Path directory) {
    return directory.toFile().getUsableSpace();
  }

  @Override
  public long bytes() {
    return end + otherBytes;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    closeQuietly(appender);
    closeQuietly(queue);
    part.releaseLast();
    if (!failed && end > 0) {
      trim();
    }
  }

  /** Cuts the sparse tail that Chronicle reserves, but for a page it may look into. */
  private void trim() {
    long length = (end + 2L * TAIL_BYTES - 1) / TAIL_BYTES * TAIL_BYTES;
    try {
      List<Path> files = QueueDirectory.dataFiles(directory);
      if (files.size() == 1 && Files.size(files.get(0)) > length) {
        try (FileChannel file = FileChannel.open(files.get(0), StandardOpenOption.WRITE)) {
          file.truncate(length);
        }
      }
    } catch (IOException e) {
      throw new TraceException("Cannot shorten the trace's file in " + directory, e);
    }
  }

  @Override
  public void delete() {
    close();
    QueueDirectory.delete(directory);
  }

  private static void closeQuietly(AutoCloseable resource) {
    try {
      if (resource != null) {
        resource.close();
      }
    } catch (Exception | InternalError e) {
      // The first failure has been reported; what is on disk stays readable.
    }
  }
}
