package org.chronovisor.query;

import java.util.ArrayList;
import java.util.List;

/**
 * Who wrote each byte of a memory range last.
 *
 * @param each by byte; null where nothing has written since the recording started
 * @param ignored stores of instructions that were not to count
 * @param firstIgnored position of the first of them, -1 when there was none
 */
@SuppressWarnings("ArrayRecordComponent") // by byte is what it is about
public record ByteWriters(MemoryChange[] each, long ignored, long firstIgnored) {
  /** The different changes, the one of the lowest byte first. */
  public List<MemoryChange> changes() {
    List<MemoryChange> changes = new ArrayList<>();
    for (MemoryChange change : each) {
      if (change != null && !changes.contains(change)) {
        changes.add(change);
      }
    }
    return changes;
  }

  /** The newest change, or null when there is none. */
  public MemoryChange newest() {
    MemoryChange newest = null;
    for (MemoryChange change : each) {
      if (change != null && (newest == null || change.position() > newest.position())) {
        newest = change;
      }
    }
    return newest;
  }

  /** The offsets of the bytes that a change wrote last. */
  public List<Integer> bytesOf(MemoryChange change) {
    List<Integer> bytes = new ArrayList<>();
    for (int i = 0; i < each.length; i++) {
      if (change.equals(each[i])) {
        bytes.add(i);
      }
    }
    return bytes;
  }
}
