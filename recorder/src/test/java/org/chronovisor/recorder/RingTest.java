package org.chronovisor.recorder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RingTest {
  private static final int SIZE = 256;

  @TempDir Path directory;
  private Ring ring;
  private ByteBuffer file;
  private final List<String> seen = new ArrayList<>();

  @BeforeEach
  void create() throws IOException {
    ring = new Ring(directory.resolve("ring"), SIZE);
    try (FileChannel channel =
        FileChannel.open(
            directory.resolve("ring"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      file =
          channel
              .map(FileChannel.MapMode.READ_WRITE, 0, RingLayout.DATA_AT + SIZE)
              .order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  private void put(long at, int size, int type, int aux, long position, long value) {
    int to = RingLayout.DATA_AT + (int) (at % SIZE);
    file.putInt(to, size).putShort(to + 4, (short) type).putShort(to + 6, (short) aux);
    if (size > 8) {
      file.putLong(to + 8, position).putLong(to + 16, value);
    }
    file.putLong(RingLayout.HEAD_AT, at + size);
  }

  private long drain() {
    return ring.drain(
        (type, aux, position, payload) ->
            seen.add(type + "/" + aux + "@" + position + "=" + payload.getLong()));
  }

  @Test
  void handsOutRecordsAcrossThePaddingAtTheEnd() {
    put(0, 200, RingLayout.PATH, 0, 1, 10);
    assertEquals(200, drain());
    put(200, 32, RingLayout.PATH, 3, 2, 20);
    put(232, 24, RingLayout.PAD, 0, 0, 0);
    put(256, 24, RingLayout.PATH, 0, 3, 30);
    drain();
    assertEquals(List.of("9/0@1=10", "9/3@2=20", "9/0@3=30"), seen);
    assertEquals(280, file.getLong(RingLayout.TAIL_AT));
  }

  @Test
  void acceptsPaddingOfEightBytes() {
    put(0, 248, RingLayout.PATH, 0, 1, 10);
    drain();
    put(248, 8, RingLayout.PAD, 0, 0, 0);
    drain();
    assertEquals(1, seen.size());
  }

  @Test
  void refusesMoreThanItHolds() {
    file.putLong(RingLayout.HEAD_AT, SIZE + 8);
    assertThrows(RecordException.class, this::drain);
  }

  @Test
  void refusesDamage() {
    put(0, 12, RingLayout.PATH, 0, 1, 10);
    assertThrows(RecordException.class, this::drain);
  }
}
