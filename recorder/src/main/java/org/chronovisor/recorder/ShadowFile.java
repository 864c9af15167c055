package org.chronovisor.recorder;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.chronovisor.memory.Page;
import org.chronovisor.memory.RamRegion;

/**
 * The shadow file: RAM as the CPU knows it, and which pages changed (docs/ring-protocol.md).
 *
 * <p>May be read only while the plugin waits or is gone.
 */
final class ShadowFile {
  private static final int CHUNK_SHIFT = 30;

  private final MappedByteBuffer[] chunks;
  private final MappedByteBuffer dirty;
  private final int pages;

  /** Pages in ascending order of their frames. */
  record ChangedPages(long[] frames, List<byte[]> contents) {
    static final ChangedPages NONE = new ChangedPages(new long[0], List.of());
  }

  /** Creates the file for that much RAM. */
  ShadowFile(Path path, long ramBytes) throws IOException {
    pages = Math.toIntExact((ramBytes + Page.SIZE - 1) / Page.SIZE);
    chunks = new MappedByteBuffer[(int) ((ramBytes + (1L << CHUNK_SHIFT) - 1) >> CHUNK_SHIFT)];
    try (FileChannel channel =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      dirty = channel.map(FileChannel.MapMode.READ_WRITE, ramBytes, (pages + 7L) / 8 * 8);
      for (int i = 0; i < chunks.length; i++) {
        long at = (long) i << CHUNK_SHIFT;
        chunks[i] =
            channel.map(
                FileChannel.MapMode.READ_WRITE, at, Math.min(1L << CHUNK_SHIFT, ramBytes - at));
      }
    }
    dirty.order(ByteOrder.nativeOrder());
  }

  /**
   * Copies the changed pages and marks all as unchanged.
   *
   * @param skipZero leave out pages of zeroes
   */
  ChangedPages take(List<RamRegion> regions, boolean skipZero) {
    List<Long> frames = new ArrayList<>();
    List<byte[]> contents = new ArrayList<>();
    for (RamRegion region : regions) {
      int first = (int) (region.offset() / Page.SIZE);
      int end = (int) Math.min(pages, first + region.length() / Page.SIZE);
      long frame = region.start() / Page.SIZE - first;
      for (int i = first; i < end; i++) {
        if ((i & 7) == 0) {
          while (i + 8 <= end && dirty.getLong(i) == 0) {
            i += 8;
          }
          if (i >= end) {
            break;
          }
        }
        if (dirty.get(i) != 0) {
          dirty.put(i, (byte) 0);
          byte[] content = page(i);
          if (!skipZero || !isZero(content)) {
            frames.add(frame + i);
            contents.add(content);
          }
        }
      }
    }
    return new ChangedPages(frames.stream().mapToLong(Long::longValue).toArray(), contents);
  }

  /** Takes over bytes that the plugin has not seen; within one page of RAM. */
  void store(List<RamRegion> regions, long physical, byte[] bytes) {
    for (RamRegion region : regions) {
      if (region.contains(physical)) {
        long at = region.offset() + physical - region.start();
        int in = (int) (at & ((1L << CHUNK_SHIFT) - 1));
        chunks[(int) (at >> CHUNK_SHIFT)].put(in, bytes);
        dirty.put((int) (at / Page.SIZE), (byte) 1);
      }
    }
  }

  private byte[] page(int index) {
    long at = (long) index * Page.SIZE;
    ByteBuffer chunk = chunks[(int) (at >> CHUNK_SHIFT)];
    byte[] content = new byte[Page.SIZE];
    int in = (int) (at & ((1L << CHUNK_SHIFT) - 1));
    chunk.get(in, content, 0, Math.min(Page.SIZE, chunk.capacity() - in));
    return content;
  }

  private static boolean isZero(byte[] content) {
    for (byte b : content) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }
}
