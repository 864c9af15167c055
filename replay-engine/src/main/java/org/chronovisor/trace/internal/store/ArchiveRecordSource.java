package org.chronovisor.trace.internal.store;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Arrays;
import org.chronovisor.trace.TraceException;

/** Reads a trace archive from anywhere; layout: {@link ArchiveRecordSink}. */
public final class ArchiveRecordSource implements RecordSource {
  private static final int MAX_BLOCKS = 1 << 24;

  private final Path file;

  /** Not a FileChannel: that would be closed by an interrupt of a reading thread. */
  private final RandomAccessFile in;

  private final long size;
  private long[] offsets;
  private int[] lengths;
  private int blocks;

  private ArchiveRecordSource(Path file, RandomAccessFile in) throws IOException {
    this.file = file;
    this.in = in;
    size = in.length();
    checkHeader();
  }

  /** Opens an intact archive; one that is cut off is refused. */
  public static ArchiveRecordSource open(Path file) {
    return open(file, ArchiveRecordSource::readIndex);
  }

  /**
   * Opens an archive that was cut off or damaged: the records before the first bad block. Reads the
   * whole file.
   */
  public static ArchiveRecordSource openDamaged(Path file) {
    return open(file, ArchiveRecordSource::scan);
  }

  private interface Opening {
    void run(ArchiveRecordSource source);
  }

  private static ArchiveRecordSource open(Path file, Opening opening) {
    RandomAccessFile in = null;
    try {
      in = new RandomAccessFile(file.toFile(), "r");
      ArchiveRecordSource source = new ArchiveRecordSource(file, in);
      opening.run(source);
      return source;
    } catch (IOException | TraceException e) {
      closeQuietly(in);
      if (e instanceof TraceException known) {
        throw known;
      }
      throw new TraceException("Cannot read the archive " + file + ": " + e.getMessage(), e);
    }
  }

  private void checkHeader() {
    if (size < ArchiveRecordSink.HEADER_BYTES) {
      throw new TraceException("Not a Chronovisor archive (too short): " + file);
    }
    byte[] bytes = readAt(0, ArchiveRecordSink.HEADER_BYTES);
    BytesIn header = new BytesIn(bytes, file.toString());
    if (header.u64() != ArchiveRecordSink.MAGIC) {
      throw new TraceException("Not a Chronovisor archive: " + file);
    }
    int version = header.u16();
    int zero = header.u16();
    checkSeal(bytes, "the header");
    if (version != ArchiveRecordSink.VERSION || zero != 0) {
      throw new TraceException("The archive has version " + version + ", not 1: " + file);
    }
  }

  private void readIndex() {
    if (size < ArchiveRecordSink.HEADER_BYTES + ArchiveRecordSink.FOOTER_BYTES) {
      throw cutOff();
    }
    long footerAt = size - ArchiveRecordSink.FOOTER_BYTES;
    byte[] bytes = readAt(footerAt, ArchiveRecordSink.FOOTER_BYTES);
    BytesIn footer = new BytesIn(bytes, file.toString());
    if (footer.u32() != ArchiveRecordSink.FOOTER_MAGIC) {
      throw cutOff();
    }
    checkSeal(bytes, "the footer");
    blocks = footer.u32();
    long indexAt = footer.u64();
    int checksum = footer.u32();
    if (blocks < 0 || blocks > MAX_BLOCKS || indexAt != footerAt - 8L * blocks || indexAt < 0) {
      throw damaged("its index");
    }
    byte[] index = readAt(indexAt, 8 * blocks);
    if (RecordBuilder.crc(index) != checksum) {
      throw damaged("its index");
    }
    BytesIn entries = new BytesIn(index, file.toString());
    offsets = new long[blocks];
    lengths = new int[blocks];
    long expected = ArchiveRecordSink.HEADER_BYTES;
    for (int i = 0; i < blocks; i++) {
      offsets[i] = entries.u64();
      int length = offsets[i] == expected ? blockLength(i, expected, indexAt) : -1;
      if (length < 0) {
        throw damaged("block " + i);
      }
      lengths[i] = length;
      expected += ArchiveRecordSink.BLOCK_HEADER_BYTES + length;
    }
    if (expected != indexAt) {
      throw damaged("its index");
    }
  }

  private void scan() {
    offsets = new long[64];
    lengths = new int[64];
    long at = ArchiveRecordSink.HEADER_BYTES;
    while (blocks < MAX_BLOCKS) {
      int length = blockLength(blocks, at, size);
      if (length < 0) {
        return;
      }
      if (blocks == lengths.length) {
        offsets = Arrays.copyOf(offsets, 2 * blocks);
        lengths = Arrays.copyOf(lengths, 2 * blocks);
      }
      offsets[blocks] = at;
      lengths[blocks] = length;
      try {
        Record.open(this, blocks).check();
      } catch (TraceException e) {
        return;
      }
      at += ArchiveRecordSink.BLOCK_HEADER_BYTES + length;
      blocks++;
    }
  }

  /** Length of the record of a block that ends at or before {@code limit}; -1 if it is bad. */
  private int blockLength(int number, long at, long limit) {
    if (at + ArchiveRecordSink.BLOCK_HEADER_BYTES > limit) {
      return -1;
    }
    byte[] bytes = readAt(at, ArchiveRecordSink.BLOCK_HEADER_BYTES);
    BytesIn header = new BytesIn(bytes, file.toString());
    int magic = header.u32();
    int found = header.u32();
    int length = header.u32();
    boolean good =
        isSealed(bytes)
            && magic == ArchiveRecordSink.BLOCK_MAGIC
            && found == number
            && length >= 0
            && length <= RecordSink.MAX_RECORD
            && length <= limit - at - ArchiveRecordSink.BLOCK_HEADER_BYTES;
    return good ? length : -1;
  }

  @Override
  public int count() {
    return blocks;
  }

  @Override
  public int length(int record) {
    return lengths[record];
  }

  @Override
  public void read(int record, int offset, byte[] target) {
    if (offset < 0 || target.length > lengths[record] - offset) {
      throw damaged("block " + record);
    }
    fill(offsets[record] + ArchiveRecordSink.BLOCK_HEADER_BYTES + offset, target);
  }

  private byte[] readAt(long at, int length) {
    byte[] bytes = new byte[length];
    fill(at, bytes);
    return bytes;
  }

  private synchronized void fill(long at, byte[] target) {
    try {
      in.seek(at);
      in.readFully(target);
    } catch (IOException e) {
      throw new TraceException("Cannot read the archive " + file + ": " + e.getMessage(), e);
    }
  }

  @Override
  public long bytes() {
    return size;
  }

  @Override
  public String name() {
    return file.toString();
  }

  @Override
  public synchronized void close() {
    closeQuietly(in);
  }

  private static void closeQuietly(RandomAccessFile in) {
    try {
      if (in != null) {
        in.close();
      }
    } catch (IOException e) {
      // Nothing was written.
    }
  }

  private void checkSeal(byte[] bytes, String what) {
    if (!isSealed(bytes)) {
      throw damaged(what);
    }
  }

  /** The last four bytes are the checksum of those before. */
  private static boolean isSealed(byte[] bytes) {
    int covered = bytes.length - 4;
    byte[] checksum = Arrays.copyOfRange(bytes, covered, bytes.length);
    return new BytesIn(checksum, "").u32() == RecordBuilder.crc(Arrays.copyOf(bytes, covered));
  }

  private TraceException cutOff() {
    return new TraceException(
        "The archive is cut off or damaged at its end, get it again: " + file);
  }

  private TraceException damaged(String what) {
    return new TraceException("The archive is damaged: " + file + ": " + what);
  }
}
