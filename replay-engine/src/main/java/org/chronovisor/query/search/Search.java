package org.chronovisor.query.search;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.chronovisor.memory.Page;
import org.chronovisor.query.ExecutedBlocks;
import org.chronovisor.query.MemoryWrite;
import org.chronovisor.query.PhysicalRange;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.SegmentWatch;
import org.chronovisor.query.TraceSession;
import org.chronovisor.replay.Replayer;
import org.chronovisor.trace.MemoryEvent;
import org.chronovisor.trace.SegmentEvents;
import org.chronovisor.trace.TraceEnd;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.x86.StopSet;

/**
 * Finds executions of instructions and accesses to memory over a run, in both directions.
 *
 * <p>Segments that cannot have a hit are skipped by their sets of blocks and changed pages; the
 * others are replayed several at a time.
 */
public final class Search {
  private static final byte[] NOTHING = {};

  /** Instructions between two looks whether the search was given up. */
  private static final long SLICE = 1_000_000;

  private final TraceSession session;
  private final TraceReader trace;
  private final Range range;
  private final Condition condition;
  private final ProgressListener progress;

  /**
   * @param condition that a hit must meet, or null
   */
  public Search(TraceSession session, Range range, Condition condition, ProgressListener progress) {
    this.session = session;
    trace = session.trace();
    this.range = range;
    this.condition = condition;
    this.progress = progress;
  }

  private boolean accepts(Replayer replayer, byte[] value) {
    return condition == null || condition.test(replayer, value);
  }

  private void run(List<Integer> segments, SegmentScan.Task<Range.Hits> task, Predicate<Hit> sink) {
    long[] left = {range.most()};
    new SegmentScan<>(trace, task, progress)
        .run(
            segments,
            hits -> {
              for (Hit hit : hits.get()) {
                if (left[0]-- <= 0 || !sink.test(hit)) {
                  return false;
                }
              }
              return left[0] > 0;
            });
  }

  // ---- executions ------------------------------------------------------------------------------

  /**
   * Finds executions of instructions at some linear addresses.
   *
   * @param sink gets the hits in the order of the search and says whether it wants more
   */
  public void executions(Collection<Long> addresses, Predicate<Hit> sink) {
    StopSet stops = new StopSet(addresses);
    ExecutedBlocks executed = new ExecutedBlocks(trace);
    BitSet blocks = executed.blocksWith(stops);
    run(
        range.segments(session, i -> executed.any(i, blocks)),
        (replayer, segment) -> executions(replayer, segment, stops),
        sink);
  }

  private Range.Hits executions(Replayer replayer, int segment, StopSet stops) {
    Range.Hits hits = range.new Hits();
    long end = trace.segment(segment).end();
    replayer.enter(segment);
    if (replayer.position() < range.from()) {
      replayer.runWithin(Math.min(end, range.from()));
    }
    boolean stopped = stops.contains(pc(replayer));
    while (!hits.isFull() && replayer.position() < range.to()) {
      if (replayer.position() >= end) {
        break; // what is next there is the next segment's to tell
      }
      if (stopped && accepts(replayer, NOTHING)) {
        hits.add(Hit.executed(replayer.position(), pc(replayer)));
      }
      stopped = replayer.runToStop(Math.min(end, replayer.position() + SLICE), stops);
      if (Thread.currentThread().isInterrupted()) {
        break;
      }
    }
    return hits;
  }

  private static long pc(Replayer replayer) {
    return replayer.cpu().rip + replayer.cpu().segmentBase[1];
  }

  // ---- writes ----------------------------------------------------------------------------------

  /** Finds everything that wrote a range of memory. */
  public void writes(List<PhysicalRange> parts, Predicate<Hit> sink) {
    run(
        range.segments(session, i -> mayHaveWritten(i, parts)),
        (replayer, segment) -> writes(replayer, segment, parts),
        sink);
  }

  private Range.Hits writes(Replayer replayer, int segment, List<PhysicalRange> parts) {
    Range.Hits hits = range.new Hits();
    SegmentEvents events = trace.events(segment);
    SegmentWatch watch =
        new SegmentWatch(
            trace,
            replayer,
            parts,
            events,
            (change, value) -> {
              if (range.contains(change.position()) && accepts(replayer, value)) {
                long pc =
                    change.kind() == MemoryWrite.Kind.STORE
                        ? change.interrupted() == null ? replayer.storingPc() : pc(replayer)
                        : pc(replayer);
                hits.add(
                    new Hit(
                        Hit.Kind.valueOf(change.kind().name()),
                        change.position(),
                        pc,
                        change.offset(),
                        change.size(),
                        value.clone()));
              }
            });
    watch.run(segment, Math.min(range.to(), trace.segment(segment).end()));
    deviceEvents(events, MemoryEvent.Kind.MMIO_STORE, Hit.Kind.STORE, parts, hits);
    return hits;
  }

  private void deviceEvents(
      SegmentEvents events,
      MemoryEvent.Kind kind,
      Hit.Kind as,
      List<PhysicalRange> parts,
      Range.Hits hits) {
    for (MemoryEvent event : events.memory()) {
      if (event.kind() == kind && range.contains(event.position())) {
        for (PhysicalRange part : parts) {
          if (part.overlaps(event.physical(), event.data().length)) {
            int offset = (int) (event.physical() - part.physical()) + part.offset();
            hits.add(new Hit(as, event.position(), -1, offset, event.data().length, event.data()));
            break;
          }
        }
      }
    }
  }

  private boolean mayHaveWritten(int segment, List<PhysicalRange> parts) {
    long[] changed;
    if (segment + 1 < trace.segmentCount()) {
      changed = trace.segment(segment + 1).frames();
    } else {
      Optional<TraceEnd> end = trace.end();
      if (end.isEmpty() || end.get().state() == null) {
        return true;
      }
      changed = end.get().frames();
    }
    return parts.stream()
        .anyMatch(part -> Arrays.binarySearch(changed, part.frame()) >= 0 || !isRam(part));
  }

  private boolean isRam(PhysicalRange part) {
    return trace.header().ram().stream().anyMatch(region -> region.contains(part.physical()));
  }

  // ---- reads -----------------------------------------------------------------------------------

  /** Finds the instructions that read a range of memory; the MMU's own reads are not among them. */
  public void reads(List<PhysicalRange> parts, Predicate<Hit> sink) {
    run(
        range.segments(session, i -> true),
        (replayer, segment) -> reads(replayer, segment, parts),
        sink);
  }

  private Range.Hits reads(Replayer replayer, int segment, List<PhysicalRange> parts) {
    Range.Hits hits = range.new Hits();
    PhysicalRange last = parts.get(parts.size() - 1);
    int length = last.offset() + last.length();
    long[] before = {-1};
    for (PhysicalRange part : parts) {
      replayer.watchLoads(
          part.frame(),
          (page, offset, size) -> {
            long physical = page.frame * Page.SIZE + offset;
            long position = replayer.position();
            boolean counts =
                part.overlaps(physical, size)
                    && position != before[0]
                    && range.contains(position)
                    && !replayer.isBetweenInstructions();
            if (counts) {
              byte[] value = content(replayer, parts, length);
              if (accepts(replayer, value)) {
                before[0] = position; // the halves of a wide load are one
                int at = (int) (physical - part.physical()) + part.offset();
                hits.add(new Hit(Hit.Kind.READ, position, replayer.storingPc(), at, size, value));
              }
            }
          });
    }
    try {
      replayer.enter(segment);
      replayer.runWithin(Math.min(range.to(), trace.segment(segment).end()));
    } finally {
      replayer.unwatch();
    }
    deviceEvents(trace.events(segment), MemoryEvent.Kind.MMIO_LOAD, Hit.Kind.READ, parts, hits);
    return hits;
  }

  private static byte[] content(Replayer replayer, List<PhysicalRange> parts, int length) {
    byte[] value = new byte[length];
    for (PhysicalRange part : parts) {
      Page page = replayer.memory().page(part.frame());
      if (page != null) {
        int offset = (int) part.physical() & (Page.SIZE - 1);
        System.arraycopy(page.bytes, offset, value, part.offset(), part.length());
      }
    }
    return value;
  }
}
