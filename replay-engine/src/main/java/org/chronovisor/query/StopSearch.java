package org.chronovisor.query;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.chronovisor.replay.Replayer;
import org.chronovisor.trace.TraceEnd;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.x86.StopSet;

/**
 * Continues a run to the nearest breakpoint or watchpoint, forwards or backwards.
 *
 * <p>Forwards the machine stops before the instruction at a breakpoint and behind the change of a
 * watched value. Backwards it stops at the same breakpoints, and before the change. Segments that
 * executed no block with a breakpoint and changed no watched page are skipped.
 */
public final class StopSearch {
  /** Instructions between two looks at the cancel flag: some milliseconds. */
  private static final long SLICE = 200_000;

  private final TraceSession session;
  private final TraceReader trace;
  private final Replayer replayer;
  private final ExecutedBlocks executed;
  private StopSet stops = new StopSet(List.of());
  private BitSet blocks = new BitSet();
  private List<Watchpoint> watchpoints = List.of();
  private BooleanSupplier cancelled = () -> false;

  /**
   * @param session stands at the search's position
   */
  public StopSearch(TraceSession session) {
    this.session = session;
    trace = session.trace();
    replayer = session.replayer();
    executed = new ExecutedBlocks(trace);
  }

  /** Asked about every few milliseconds. */
  public void setCancelled(BooleanSupplier cancelled) {
    this.cancelled = cancelled;
  }

  /**
   * Sets where to stop.
   *
   * @param breakpoints linear addresses of instructions
   */
  public void stopAt(Collection<Long> breakpoints, List<Watchpoint> watchpoints) {
    stops = new StopSet(breakpoints);
    blocks = executed.blocksWith(stops);
    this.watchpoints = List.copyOf(watchpoints);
  }

  /** Whether the machine stands at a breakpoint. */
  public boolean isAtBreakpoint() {
    return stops.contains(session.pc());
  }

  /** Executes one instruction. */
  public Stop step() {
    long position = replayer.position();
    if (position == session.end()) {
      return new Stop(Stop.Reason.END, position, null);
    }
    return move(position + 1);
  }

  /** Takes one instruction back. */
  public Stop stepBack() {
    long position = replayer.position();
    if (position == 0) {
      return new Stop(Stop.Reason.BEGIN, 0, null);
    }
    return move(position - 1);
  }

  /** Goes to a neighbouring position; null as the reason when there is none but the step. */
  private Stop move(long target) {
    Watchpoint used = usedBetween(Math.min(target, replayer.position()));
    byte[][] before = watchpoints.stream().map(this::content).toArray(byte[][]::new);
    replayer.seek(target);
    if (used != null) {
      return new Stop(Stop.Reason.WATCHPOINT, target, used);
    }
    for (int i = 0; i < before.length; i++) {
      if (!Arrays.equals(before[i], content(watchpoints.get(i)))) {
        return new Stop(Stop.Reason.WATCHPOINT, target, watchpoints.get(i));
      }
    }
    return new Stop(isAtBreakpoint() ? Stop.Reason.BREAKPOINT : null, target, null);
  }

  /** The watchpoint whose use by the instruction at a position stops the run; null for none. */
  private Watchpoint usedBetween(long position) {
    if (watchpoints.stream().allMatch(w -> w.kind() == Watchpoint.Kind.CHANGE)) {
      return null;
    }
    long here = replayer.position();
    replayer.seek(position);
    ChangeWatch uses = new ChangeWatch(trace, replayer, watchpoints);
    uses.armHere();
    try {
      replayer.runTo(position + 1);
    } finally {
      replayer.unwatch();
    }
    replayer.seek(here);
    ChangeWatch.Change use = uses.last();
    boolean other = use != null && use.watchpoint().kind() != Watchpoint.Kind.CHANGE;
    return other ? use.watchpoint() : null;
  }

  private byte[] content(Watchpoint watchpoint) {
    return MemoryQuery.physical(session, watchpoint.parts()).bytes();
  }

  /** Continues forwards. */
  public Stop forwards() {
    long origin = replayer.position();
    int first = replayer.segmentOf(origin);
    replayer.seek(origin);
    for (int i = first; i < trace.segmentCount(); i++) {
      if (i > first && cancelled.getAsBoolean()) {
        return at(new Stop(Stop.Reason.CANCELLED, trace.segment(i).start(), null));
      }
      if (trace.segment(i).instructions() > 0 && isInteresting(i)) {
        Stop stop = forwards(i, origin);
        if (stop != null) {
          return at(stop);
        }
      }
    }
    return at(new Stop(Stop.Reason.END, session.end(), null));
  }

  private Stop forwards(int segment, long origin) {
    ChangeWatch changes = new ChangeWatch(trace, replayer, watchpoints);
    long end = trace.segment(segment).end();
    try {
      if (trace.segment(segment).start() > origin) {
        changes.armForSegment(segment);
        replayer.enter(segment);
        Stop stop = firstOf(changes, stops.contains(session.pc()));
        if (stop != null) {
          return stop;
        }
      } else {
        changes.armHere();
      }
      while (replayer.position() < end) {
        boolean hit = replayer.runToStop(Math.min(end, replayer.position() + SLICE), stops);
        // What happens at a segment's end is the next one's to tell.
        Stop stop = firstOf(changes, hit && (replayer.position() < end || isLast(segment)));
        if (stop != null) {
          return stop;
        }
        if (cancelled.getAsBoolean()) {
          return new Stop(Stop.Reason.CANCELLED, replayer.position(), null);
        }
      }
    } finally {
      replayer.unwatch();
    }
    return null;
  }

  private boolean isLast(int segment) {
    return segment == trace.segmentCount() - 1;
  }

  private Stop firstOf(ChangeWatch changes, boolean breakpoint) {
    ChangeWatch.Change change = changes.first();
    if (change != null) {
      return new Stop(Stop.Reason.WATCHPOINT, change.after(), change.watchpoint());
    }
    return breakpoint ? new Stop(Stop.Reason.BREAKPOINT, replayer.position(), null) : null;
  }

  /** Continues backwards. */
  public Stop backwards() {
    long origin = replayer.position();
    long searched = origin;
    for (int i = replayer.segmentOf(origin); i >= 0; i--) {
      if (trace.segment(i).start() < origin && isInteresting(i)) {
        Stop stop = backwards(i, origin);
        if (stop != null && stop.reason() == Stop.Reason.CANCELLED) {
          return at(new Stop(Stop.Reason.CANCELLED, searched, null));
        }
        if (stop != null) {
          return at(stop);
        }
      }
      searched = Math.min(searched, trace.segment(i).start());
      if (cancelled.getAsBoolean()) {
        return at(new Stop(Stop.Reason.CANCELLED, searched, null));
      }
    }
    return at(new Stop(Stop.Reason.BEGIN, 0, null));
  }

  private Stop backwards(int segment, long origin) {
    ChangeWatch changes = new ChangeWatch(trace, replayer, watchpoints);
    long end = Math.min(origin, trace.segment(segment).end());
    long breakpoint = -1;
    try {
      changes.armForSegment(segment);
      replayer.enter(segment);
      if (stops.contains(session.pc()) && replayer.position() < end) {
        breakpoint = replayer.position();
      }
      while (replayer.position() < end) {
        boolean hit = replayer.runToStop(Math.min(end, replayer.position() + SLICE), stops);
        if (hit && replayer.position() < end) {
          breakpoint = replayer.position();
        }
        if (cancelled.getAsBoolean()) {
          return new Stop(Stop.Reason.CANCELLED, origin, null);
        }
      }
    } finally {
      replayer.unwatch();
    }
    ChangeWatch.Change change = changes.last();
    if (change != null && change.after() - 1 >= breakpoint) {
      return new Stop(Stop.Reason.WATCHPOINT, change.after() - 1, change.watchpoint());
    }
    return breakpoint < 0 ? null : new Stop(Stop.Reason.BREAKPOINT, breakpoint, null);
  }

  private Stop at(Stop stop) {
    replayer.seek(stop.position());
    return stop;
  }

  private boolean isInteresting(int segment) {
    return executed.any(segment, blocks) || (!watchpoints.isEmpty() && mayHaveChanged(segment));
  }

  /** Whether a segment may have changed watched memory: the next keyframe lists what changed. */
  private boolean mayHaveChanged(int segment) {
    if (watchpoints.stream().anyMatch(w -> w.kind() != Watchpoint.Kind.CHANGE)) {
      return true; // which pages were read, no list says
    }
    long[] changed;
    if (!isLast(segment)) {
      changed = trace.segment(segment + 1).frames();
    } else {
      Optional<TraceEnd> end = trace.end();
      if (end.isEmpty() || end.get().state() == null) {
        return true;
      }
      changed = end.get().frames();
    }
    return watchpoints.stream()
        .flatMap(watchpoint -> watchpoint.parts().stream())
        .anyMatch(part -> Arrays.binarySearch(changed, part.frame()) >= 0);
  }
}
