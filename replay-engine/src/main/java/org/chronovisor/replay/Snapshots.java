package org.chronovisor.replay;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.chronovisor.memory.Page;
import org.chronovisor.memory.PhysicalMemory;

/** States inside one segment, one in every stretch of {@link #INTERVAL} instructions at most. */
final class Snapshots {
  /** Replayed in about a millisecond. */
  static final long INTERVAL = 1 << 16;

  private final long mostBytes;

  /** By number of the stretch. */
  private final TreeMap<Long, Snapshot> taken = new TreeMap<>();

  private int segment = -1;
  private long bytes;

  /** Makes a snapshot without the pages that are loaded. */
  @FunctionalInterface
  interface Source {
    Snapshot take();
  }

  Snapshots(long mostBytes) {
    this.mostBytes = mostBytes;
  }

  /** The last one at or before a position in a segment, or null. */
  Snapshot before(int segment, long position) {
    if (segment != this.segment) {
      return null;
    }
    Snapshot found = null;
    for (Snapshot snapshot : taken.values()) {
      if (snapshot.position() <= position) {
        found = snapshot;
      }
    }
    return found;
  }

  /** First position after the given one at which to offer a state. */
  long nextDue(int segment, long start, long position) {
    long stretch = (position - start) / INTERVAL;
    boolean full = bytes >= mostBytes;
    return !full && !(segment == this.segment && taken.containsKey(stretch))
        ? position + 1
        : start + (stretch + 1) * INTERVAL;
  }

  /** Keeps a state if its stretch has none. */
  void add(int segment, long start, Source source, long position, PhysicalMemory memory) {
    if (segment != this.segment) {
      this.segment = segment;
      taken.clear();
      bytes = 0;
    }
    long stretch = (position - start) / INTERVAL;
    if (bytes >= mostBytes || taken.containsKey(stretch)) {
      return;
    }
    var earlier = taken.lowerEntry(stretch);
    Map<Long, byte[]> shared = earlier == null ? new HashMap<>() : earlier.getValue().pages();
    Snapshot snapshot = source.take();
    memory.forEachLoaded(page -> snapshot.pages().put(page.frame, copy(page, shared)));
    taken.put(stretch, snapshot);
  }

  /** The content of a page, the same array as before when it has not changed. */
  private byte[] copy(Page page, Map<Long, byte[]> shared) {
    byte[] before = shared.get(page.frame);
    if (before != null && Arrays.equals(before, page.bytes)) {
      return before;
    }
    bytes += Page.SIZE;
    return page.bytes.clone();
  }
}
