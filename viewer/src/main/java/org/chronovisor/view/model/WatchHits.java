package org.chronovisor.view.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.chronovisor.memory.Page;
import org.chronovisor.query.MemoryBytes;
import org.chronovisor.query.PhysicalRange;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.Watchpoint;
import org.chronovisor.replay.Replayer;
import org.chronovisor.trace.TraceReader;

/**
 * Lists all changes of watched memory in one pass over the segments that changed its pages, which
 * is much faster than stopping at each.
 */
final class WatchHits {
  private final TraceSession session;
  private final TraceReader trace;
  private final Replayer replayer;
  private final Watchpoint watchpoint;
  private final List<Change> changes = new ArrayList<>();
  private byte[] last;

  /** A change; {@code position} is behind it, {@code stored} tells that an instruction made it. */
  private record Change(long position, boolean stored, byte[] value) {}

  WatchHits(TraceSession session, Watchpoint watchpoint) {
    this.session = session;
    this.watchpoint = watchpoint;
    trace = session.trace();
    replayer = session.replayer();
  }

  List<Hit> find(JobControl control) {
    session.seek(0);
    last = content();
    for (int i = 0; i < trace.segmentCount() && changes.size() < Hit.MOST; i++) {
      control.progress(trace.segment(i).start(), session.end());
      if (mayChange(i)) {
        collect(i);
      }
    }
    List<Hit> hits = new ArrayList<>();
    for (Change change : changes.subList(0, Math.min(Hit.MOST, changes.size()))) {
      control.progress(change.position, session.end());
      session.seek(change.stored ? change.position - 1 : change.position);
      hits.add(new Hit(change.position, MemoryBytes.known(change.value).hex(), Hit.place(session)));
    }
    return hits;
  }

  /** Whether a segment may have changed the memory: the next keyframe lists what changed. */
  private boolean mayChange(int segment) {
    if (segment + 1 == trace.segmentCount()) {
      return true;
    }
    long[] frames = trace.segment(segment + 1).frames();
    return watchpoint.parts().stream()
        .anyMatch(part -> Arrays.binarySearch(frames, part.physical() >>> 12) >= 0);
  }

  private void collect(int segment) {
    try {
      for (PhysicalRange part : watchpoint.parts()) {
        replayer.watch(part.physical() >>> 12, (page, offset, size) -> stored());
      }
      replayer.enter(segment);
      replayer.runWithin(trace.segment(segment).end());
    } finally {
      replayer.unwatch();
    }
  }

  private void stored() {
    byte[] now = content();
    if (Arrays.equals(now, last)) {
      return;
    }
    last = now;
    boolean stored = !replayer.isBetweenInstructions();
    long position = replayer.position() + (stored ? 1 : 0);
    if (!changes.isEmpty() && changes.get(changes.size() - 1).position == position) {
      changes.remove(changes.size() - 1);
    }
    changes.add(new Change(position, stored, now));
  }

  private byte[] content() {
    byte[] bytes = new byte[watchpoint.length()];
    for (PhysicalRange part : watchpoint.parts()) {
      Page page = replayer.memory().page(part.physical() >>> 12);
      if (page != null) {
        int from = (int) part.physical() & (Page.SIZE - 1);
        System.arraycopy(page.bytes, from, bytes, part.offset(), part.length());
      }
    }
    return bytes;
  }
}
