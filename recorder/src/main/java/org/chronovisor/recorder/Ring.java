package org.chronovisor.recorder;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.chronovisor.memory.RamRegion;

/** The ring file: the recorder's side of it. One thread at a time may {@link #drain}. */
final class Ring {
  /** Takes one record; the payload is valid during the call only. */
  @FunctionalInterface
  interface Sink {
    /**
     * A record.
     *
     * @param payload from its position to its limit, little endian
     */
    void record(int type, int aux, long position, ByteBuffer payload);
  }

  private static final VarHandle WORD =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int HEADER = 16;

  private final MappedByteBuffer file;
  private final ByteBuffer data;
  private final long size;
  private long tail;

  /**
   * Creates the file.
   *
   * @param dataSize a power of two
   */
  Ring(Path path, int dataSize) throws IOException {
    size = dataSize;
    try (FileChannel channel =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      file = channel.map(FileChannel.MapMode.READ_WRITE, 0, RingLayout.DATA_AT + size);
    }
    file.order(ByteOrder.LITTLE_ENDIAN);
    data = file.slice(RingLayout.DATA_AT, dataSize).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(RingLayout.SIZE_AT, size);
    WORD.setRelease(file, RingLayout.MAGIC_AT, RingLayout.MAGIC);
  }

  void configure(long segmentLength, long segmentBytes, boolean check, long start) {
    file.putLong(RingLayout.SEGMENT_LENGTH_AT, segmentLength);
    file.putLong(RingLayout.SEGMENT_BYTES_AT, segmentBytes);
    file.putLong(RingLayout.START_AT, start);
    file.putLong(RingLayout.FLAGS_AT, check ? RingLayout.FLAG_CHECK : 0);
  }

  /** Publishes the RAM regions and lets the plugin record from now on. */
  void arm(List<RamRegion> regions) {
    if (regions.size() > RingLayout.MAX_REGIONS) {
      throw new RecordException(
          "the guest's RAM lies in "
              + regions.size()
              + " pieces, at most "
              + RingLayout.MAX_REGIONS
              + " can be recorded: try another -machine");
    }
    file.putLong(RingLayout.REGIONS_AT, regions.size());
    for (int i = 0; i < regions.size(); i++) {
      int at = RingLayout.REGIONS_AT + 8 + 24 * i;
      file.putLong(at, regions.get(i).start());
      file.putLong(at + 8, regions.get(i).length());
      file.putLong(at + 16, regions.get(i).offset());
    }
    long flags = file.getLong(RingLayout.FLAGS_AT);
    WORD.setRelease(file, RingLayout.FLAGS_AT, flags | RingLayout.FLAG_ARMED);
  }

  /** Asks the plugin to end the segment at the next block start, or takes that back. */
  void requestStop(boolean on) {
    long flags = file.getLong(RingLayout.FLAGS_AT) & ~RingLayout.FLAG_STOP;
    WORD.setRelease(file, RingLayout.FLAGS_AT, on ? flags | RingLayout.FLAG_STOP : flags);
  }

  /** Position at the last block start. */
  long livePosition() {
    return (long) WORD.getAcquire(file, RingLayout.LIVE_POSITION_AT);
  }

  long liveHash() {
    return (long) WORD.getAcquire(file, RingLayout.LIVE_HASH_AT);
  }

  long livePc() {
    return (long) WORD.getAcquire(file, RingLayout.LIVE_PC_AT);
  }

  /**
   * What the plugin knows about its cost.
   *
   * @param ownNanos CPU time of its rare work
   * @param repAccesses memory accesses by rep instructions
   * @param speedNanos CPU time of its speed test's calls
   */
  record Costs(long ownNanos, long repAccesses, long speedNanos, long speedCalls) {}

  Costs costs() {
    return new Costs(
        file.getLong(RingLayout.COSTS_AT),
        file.getLong(RingLayout.COSTS_AT + 8),
        file.getLong(RingLayout.COSTS_AT + 16),
        file.getLong(RingLayout.COSTS_AT + 24));
  }

  /**
   * Hands all records that are complete to a sink.
   *
   * @return bytes consumed
   */
  long drain(Sink sink) {
    long head = (long) WORD.getAcquire(file, RingLayout.HEAD_AT);
    long start = tail;
    if (head - tail > size || head < tail) {
      throw new RecordException("the plugin's ring is damaged: head " + head + ", tail " + tail);
    }
    long published = tail;
    while (tail < head) {
      int at = (int) (tail & (size - 1));
      int length = data.getInt(at);
      if (length < 8 || (length & 7) != 0 || length > head - tail || at + (long) length > size) {
        throw new RecordException("the plugin's ring is damaged at " + tail);
      }
      int type = data.getShort(at + 4) & 0xffff;
      if (type != RingLayout.PAD) {
        if (length < HEADER) {
          throw new RecordException("the plugin's ring has a short record at " + tail);
        }
        data.limit(at + length).position(at + HEADER);
        sink.record(type, data.getShort(at + 6) & 0xffff, data.getLong(at + 8), data);
        data.limit((int) size);
      }
      tail += length;
      if (tail - published > size / 16) {
        published = tail;
        WORD.setRelease(file, RingLayout.TAIL_AT, tail);
      }
    }
    WORD.setRelease(file, RingLayout.TAIL_AT, tail);
    return tail - start;
  }
}
