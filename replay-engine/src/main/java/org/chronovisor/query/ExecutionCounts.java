package org.chronovisor.query;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.chronovisor.query.search.SegmentScan;
import org.chronovisor.replay.Replayer;
import org.chronovisor.symbols.SortedAddresses;
import org.chronovisor.trace.TraceReader;

/**
 * How often each instruction retired in a part of a run. Counted are the straight stretches between
 * control transfers, not single instructions. Immutable.
 */
public final class ExecutionCounts {
  /** Addresses at which the count changes, ascending without sign, and the count from there on. */
  private final long[] addresses;

  private final long[] counts;

  private ExecutionCounts(Map<Long, Long> changes) {
    addresses = new long[changes.size()];
    counts = new long[changes.size()];
    int size = 0;
    long count = 0;
    for (Map.Entry<Long, Long> change : changes.entrySet()) {
      count += change.getValue();
      addresses[size] = change.getKey();
      counts[size++] = count;
    }
  }

  /** Counts from one position to another, several segments at a time. */
  public static ExecutionCounts of(
      TraceReader trace, long from, long to, ProgressListener progress) {
    List<Integer> segments = new ArrayList<>();
    for (int i = 0; i < trace.segmentCount(); i++) {
      if (trace.segment(i).start() < to && trace.segment(i).end() > from) {
        segments.add(i);
      }
    }
    TreeMap<Long, Long> changes = new TreeMap<>(Long::compareUnsigned);
    new SegmentScan<>(
            trace, (replayer, segment) -> count(trace, replayer, segment, from, to), progress)
        .run(
            segments,
            stretches -> {
              stretches.addTo(changes);
              return true;
            });
    changes.values().removeIf(change -> change == 0);
    return new ExecutionCounts(changes);
  }

  private static Stretches count(
      TraceReader trace, Replayer replayer, int segment, long from, long to) {
    replayer.enter(segment);
    if (from > replayer.position()) {
      replayer.runWithin(from);
    }
    Stretches stretches = new Stretches(pc(replayer), replayer.position());
    replayer.tellTransfers(
        (last, target, position) -> {
          if (last != null && position > stretches.since) {
            stretches.add(last.next());
          }
          stretches.start = target;
          stretches.since = position;
        });
    try {
      replayer.runWithin(Math.min(to, trace.segment(segment).end()));
    } finally {
      replayer.tellTransfers(null);
    }
    if (replayer.position() > stretches.since) {
      stretches.add(pc(replayer));
    }
    return stretches;
  }

  private static long pc(Replayer replayer) {
    return replayer.cpu().rip + replayer.cpu().segmentBase[1];
  }

  /** How often the instruction at an address retired. */
  public long at(long address) {
    int count = SortedAddresses.countUpTo(addresses, addresses.length, address);
    return count == 0 ? 0 : counts[count - 1];
  }

  /** Stretches by where they begin and end, in an open hash table. */
  private static final class Stretches {
    private static final long MIX = 0x9e3779b97f4a7c15L;

    private long start;

    /** Position at which the present stretch began. */
    private long since;

    private long[] starts = new long[1 << 10];
    private long[] ends = new long[1 << 10];
    private long[] counts = new long[1 << 10];
    private int size;

    Stretches(long start, long since) {
      this.start = start;
      this.since = since;
    }

    /** The present stretch has come to its end, an address behind its last instruction. */
    void add(long end) {
      int slot = slot(start, end);
      if (counts[slot]++ == 0) {
        starts[slot] = start;
        ends[slot] = end;
        if (++size > starts.length / 2) {
          grow();
        }
      }
    }

    private int slot(long from, long to) {
      int slot = (int) ((from * MIX ^ to) * MIX >>> 40) & (starts.length - 1);
      while (counts[slot] != 0 && (starts[slot] != from || ends[slot] != to)) {
        slot = (slot + 1) & (starts.length - 1);
      }
      return slot;
    }

    private void grow() {
      long[] oldStarts = starts;
      long[] oldEnds = ends;
      long[] oldCounts = counts;
      int length = 2 * oldStarts.length;
      starts = new long[length];
      ends = new long[length];
      counts = new long[length];
      for (int i = 0; i < oldStarts.length; i++) {
        if (oldCounts[i] != 0) {
          int slot = slot(oldStarts[i], oldEnds[i]);
          starts[slot] = oldStarts[i];
          ends[slot] = oldEnds[i];
          counts[slot] = oldCounts[i];
        }
      }
    }

    void addTo(Map<Long, Long> changes) {
      for (int i = 0; i < starts.length; i++) {
        if (counts[i] != 0) {
          changes.merge(starts[i], counts[i], Long::sum);
          changes.merge(ends[i], -counts[i], Long::sum);
        }
      }
    }
  }
}
