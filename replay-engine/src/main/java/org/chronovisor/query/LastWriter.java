package org.chronovisor.query;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.chronovisor.replay.Replayer;
import org.chronovisor.symbols.AddressExpression;
import org.chronovisor.trace.MemoryEvent;
import org.chronovisor.trace.SegmentEvents;
import org.chronovisor.trace.TraceEnd;
import org.chronovisor.trace.TraceReader;

/**
 * Finds who wrote memory last.
 *
 * <p>Goes backwards over the segments, skips those whose next keyframe does not list the page, and
 * replays the others with the page watched. The range is followed by its physical address: writes
 * through another mapping are found too.
 */
public final class LastWriter {
  /** Longest range that can be followed. */
  public static final int LONGEST = 1 << 16;

  private final TraceSession session;
  private final TraceReader trace;
  private final List<PhysicalRange> parts;

  private LastWriter(TraceSession session, List<PhysicalRange> parts) {
    this.session = session;
    this.trace = session.trace();
    this.parts = parts;
  }

  /**
   * The last change of memory that the state at a position shows.
   *
   * @param before the change happened before this instruction
   * @param expression evaluated and translated at {@code before}
   * @return empty when the range was not written since the recording started
   * @throws NotMappedException when it is not mapped
   * @throws QueryException when there is no such position
   */
  public static Optional<MemoryWrite> find(
      TraceSession session,
      long before,
      AddressExpression expression,
      int length,
      ProgressListener progress) {
    session.seek(before);
    long address = session.evaluate(expression);
    return find(session, before, address, expression.physical(), length, progress);
  }

  static Optional<MemoryWrite> find(
      TraceSession session,
      long before,
      long address,
      boolean physical,
      int length,
      ProgressListener progress) {
    if (length < 1 || length > LONGEST) {
      throw new QueryException("a length must be from 1 to " + LONGEST + " bytes");
    }
    session.seek(before);
    List<PhysicalRange> parts =
        PhysicalRange.split(physical ? null : session.replayer().cpu().mmu, address, length);
    if (parts == null) {
      throw new NotMappedException(address, before);
    }
    return new LastWriter(session, parts).search(before, progress);
  }

  private Optional<MemoryWrite> search(long before, ProgressListener progress) {
    Replayer replayer = session.replayer();
    int newest = replayer.segment();
    for (int i = newest; i >= 0; i--) {
      progress.progress(newest - i, newest + 1L);
      if (mayHaveWritten(i)) {
        MemoryChange change = lastChange(i, Math.min(before, trace.segment(i).end()), progress);
        if (change != null) {
          return Optional.of(describe(change));
        }
      }
    }
    return Optional.empty();
  }

  /**
   * All changes of a range in one segment, in order.
   *
   * @param limit changes before this position only; not beyond the segment's end
   */
  public static List<MemoryChange> changes(
      TraceSession session,
      List<PhysicalRange> parts,
      int segment,
      long limit,
      ProgressListener progress) {
    LastWriter writer = new LastWriter(session, parts);
    List<MemoryChange> all = new ArrayList<>();
    if (writer.mayHaveWritten(segment)) {
      writer.watch(segment, limit, (change, range) -> all.add(change), progress);
    }
    return all;
  }

  /** Whether a segment may have changed the range: the next keyframe lists what changed. */
  private boolean mayHaveWritten(int segment) {
    long[] changed;
    if (segment + 1 < trace.segmentCount()) {
      changed = trace.segment(segment + 1).frames();
    } else {
      Optional<TraceEnd> end = trace.end();
      if (end.isEmpty()) {
        return true;
      }
      changed = end.get().frames();
    }
    for (PhysicalRange part : parts) {
      if (Arrays.binarySearch(changed, part.frame()) >= 0 || !isRam(part)) {
        return true;
      }
    }
    return false;
  }

  private boolean isRam(PhysicalRange part) {
    return trace.header().ram().stream().anyMatch(region -> region.contains(part.physical()));
  }

  private SegmentWatch watch(
      int segment, long limit, SegmentWatch.Listener all, ProgressListener progress) {
    SegmentWatch watch =
        new SegmentWatch(trace, session.replayer(), parts, trace.events(segment), all);
    session.replayer().setCancelled(progress::isCancelled);
    try {
      watch.run(segment, limit);
    } finally {
      session.replayer().setCancelled(() -> false);
    }
    return watch;
  }

  /** The last change in a segment up to a position, or null. */
  private MemoryChange lastChange(int segment, long limit, ProgressListener progress) {
    MemoryChange change = watch(segment, limit, null, progress).last();
    if (parts.stream().allMatch(this::isRam)) {
      return change;
    }
    MemoryChange device = lastDeviceStore(trace.events(segment), limit);
    return change == null || (device != null && device.position() >= change.position())
        ? device
        : change;
  }

  /** The last store to the parts outside RAM. */
  private MemoryChange lastDeviceStore(SegmentEvents events, long limit) {
    MemoryChange last = null;
    for (MemoryEvent event : events.memory()) {
      if (event.kind() == MemoryEvent.Kind.MMIO_STORE && event.position() < limit) {
        for (PhysicalRange part : parts) {
          if (part.overlaps(event.physical(), event.data().length)) {
            last =
                new MemoryChange(
                    MemoryWrite.Kind.STORE,
                    event.position(),
                    part,
                    event.physical(),
                    event.data().length,
                    null);
          }
        }
      }
    }
    return last;
  }

  private MemoryWrite describe(MemoryChange change) {
    session.seek(change.position());
    long pc = change.pc(session);
    InstructionView instruction = InstructionView.at(session, pc);
    if (change.kind() == MemoryWrite.Kind.STORE && change.interrupted() == null) {
      session.seek(change.position() + 1);
    }
    return new MemoryWrite(
        change.kind(),
        change.position(),
        pc,
        instruction,
        change.kind() == MemoryWrite.Kind.STORE ? instruction.source() : null,
        change.offset(),
        change.size(),
        MemoryQuery.physical(session, parts));
  }
}
