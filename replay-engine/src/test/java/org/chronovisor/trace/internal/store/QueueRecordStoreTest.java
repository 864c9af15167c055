package org.chronovisor.trace.internal.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import org.chronovisor.trace.TraceException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QueueRecordStoreTest {
  private static final int SMALL_BLOCK = 1 << 20;
  private static final int PART = SMALL_BLOCK / 4 - 4096 - QueueRecordSink.PART_HEADER;

  @TempDir Path directory;

  @Test
  void recordsOfAnyLengthAreSplitAndJoined() {
    Random random = new Random(4);
    List<byte[]> records = new ArrayList<>();
    for (int length :
        new int[] {0, 1, PART - 1, PART, PART + 1, 2 * PART, 2 * PART + 1, 3_000_000, 5}) {
      byte[] record = new byte[length];
      random.nextBytes(record);
      records.add(record);
    }
    try (QueueRecordSink sink = QueueRecordSink.create(directory, SMALL_BLOCK)) {
      for (byte[] record : records) {
        sink.append(pieces(record, random));
      }
    }
    try (QueueRecordSource source = QueueRecordSource.open(directory)) {
      assertEquals(records.size(), source.count());
      for (int i = 0; i < source.count(); i++) {
        byte[] record = records.get(i);
        assertEquals(record.length, source.length(i));
        byte[] whole = new byte[record.length];
        source.read(i, 0, whole);
        assertArrayEquals(record, whole);
        for (int n = 0; n < 20 && record.length > 0; n++) {
          int from = random.nextInt(record.length);
          byte[] some = new byte[random.nextInt(record.length - from + 1)];
          source.read(i, from, some);
          assertArrayEquals(java.util.Arrays.copyOfRange(record, from, from + some.length), some);
        }
      }
    }
  }

  @Test
  void recordWithoutItsLastPartIsIgnored() {
    try (QueueRecordSink sink = QueueRecordSink.create(directory, SMALL_BLOCK)) {
      sink.append(List.of(new byte[] {7}));
    }
    appendExcerpt((byte) 'C', 1, 0);
    appendExcerpt((byte) 'C', 1, 1);
    try (QueueRecordSource source = QueueRecordSource.open(directory)) {
      assertEquals(1, source.count());
    }
  }

  @Test
  void excerptsOfOthersAreDamage() {
    QueueRecordSink.create(directory, SMALL_BLOCK).close();
    appendExcerpt((byte) 'X', 0, 0);
    assertThrows(TraceException.class, () -> QueueRecordSource.open(directory));
  }

  @Test
  void missingPartIsDamage() {
    QueueRecordSink.create(directory, SMALL_BLOCK).close();
    appendExcerpt((byte) 'C', 1, 0);
    appendExcerpt((byte) 'C', 0, 2);
    assertThrows(TraceException.class, () -> QueueRecordSource.open(directory));
  }

  private void appendExcerpt(byte magic, int more, int number) {
    Bytes<?> excerpt = Bytes.allocateElasticOnHeap();
    excerpt.writeByte(magic).writeByte((byte) more).writeShort((short) 0).writeInt(number);
    excerpt.writeLong(0);
    try (ChronicleQueue queue = QueueDirectory.open(directory, SMALL_BLOCK);
        ExcerptAppender appender = queue.createAppender()) {
      appender.writeBytes(excerpt);
    }
  }

  private static List<byte[]> pieces(byte[] record, Random random) {
    List<byte[]> pieces = new ArrayList<>();
    int from = 0;
    while (from < record.length) {
      int to = Math.min(record.length, from + random.nextInt(200_000));
      pieces.add(java.util.Arrays.copyOfRange(record, from, to));
      from = to;
    }
    return pieces;
  }
}
