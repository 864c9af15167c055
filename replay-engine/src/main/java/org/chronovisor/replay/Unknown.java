package org.chronovisor.replay;

import java.util.List;
import java.util.TreeMap;
import org.chronovisor.trace.MemoryEvent;

/**
 * The bytes of RAM whose value at a position nobody can know: something other than the CPU changed
 * them at an unknown moment between the position and when the change was first seen.
 */
public final class Unknown {
  private final TreeMap<Long, Long> ranges = new TreeMap<>(Long::compareUnsigned);

  Unknown() {}

  void add(List<MemoryEvent> events, int from) {
    for (MemoryEvent event : events.subList(from, events.size())) {
      if (event.kind() == MemoryEvent.Kind.EXTERNAL || event.kind() == MemoryEvent.Kind.AUDIT) {
        add(event.physical(), event.physical() + event.data().length);
      }
    }
  }

  private void add(long start, long end) {
    var left = ranges.floorEntry(start);
    if (left != null && Long.compareUnsigned(left.getValue(), start) >= 0) {
      start = left.getKey();
      if (Long.compareUnsigned(left.getValue(), end) > 0) {
        end = left.getValue();
      }
    }
    var right = ranges.ceilingEntry(start);
    while (right != null && Long.compareUnsigned(right.getKey(), end) <= 0) {
      if (Long.compareUnsigned(right.getValue(), end) > 0) {
        end = right.getValue();
      }
      ranges.remove(right.getKey());
      right = ranges.ceilingEntry(start);
    }
    ranges.put(start, end);
  }

  public boolean isEmpty() {
    return ranges.isEmpty();
  }

  /** Whether the byte at a guest physical address is unknown. */
  public boolean contains(long physical) {
    var range = ranges.floorEntry(physical);
    return range != null && Long.compareUnsigned(physical, range.getValue()) < 0;
  }
}
