package org.chronovisor.query;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.chronovisor.memory.Page;
import org.chronovisor.replay.Replayer;
import org.chronovisor.trace.TraceReader;

/** Notes the first and the last change, or use, of watched memory while the machine runs. */
final class ChangeWatch {
  private final TraceReader trace;
  private final Replayer replayer;
  private final List<Watchpoint> watchpoints;

  /** The content of each watchpoint after the last store to it. */
  private final byte[][] known;

  private Change first;
  private Change last;

  /**
   * A change or use.
   *
   * @param after first position whose state shows it
   */
  record Change(long after, Watchpoint watchpoint) {}

  ChangeWatch(TraceReader trace, Replayer replayer, List<Watchpoint> watchpoints) {
    this.trace = trace;
    this.replayer = replayer;
    this.watchpoints = watchpoints;
    known = new byte[watchpoints.size()][];
  }

  /** Gets ready for a run from the machine's position on. */
  void armHere() {
    arm();
    for (int i = 0; i < known.length; i++) {
      known[i] = new byte[watchpoints.get(i).length()];
      for (PhysicalRange part : watchpoints.get(i).parts()) {
        copy(replayer.memory().page(part.frame()).bytes, part, known[i]);
      }
    }
  }

  /** Gets ready for a run from a segment's keyframe on, which the machine has yet to enter. */
  void armForSegment(int segment) {
    arm();
    for (int i = 0; i < known.length; i++) {
      known[i] = new byte[watchpoints.get(i).length()];
      for (PhysicalRange part : watchpoints.get(i).parts()) {
        byte[] page = trace.page(part.frame(), segment);
        if (page != null) {
          copy(page, part, known[i]);
        }
      }
    }
  }

  private void arm() {
    replayer.unwatch();
    Set<Long> frames = new HashSet<>();
    Set<Long> loads = new HashSet<>();
    for (Watchpoint watchpoint : watchpoints) {
      for (PhysicalRange part : watchpoint.parts()) {
        if (watchpoint.kind() != Watchpoint.Kind.READ) {
          frames.add(part.frame());
        }
        if (watchpoint.kind() != Watchpoint.Kind.CHANGE) {
          loads.add(part.frame());
        }
      }
    }
    frames.forEach(frame -> replayer.watch(frame, this::stored));
    loads.forEach(frame -> replayer.watchLoads(frame, this::loaded));
  }

  private static void copy(byte[] page, PhysicalRange part, byte[] to) {
    int offset = (int) part.physical() & (Page.SIZE - 1);
    System.arraycopy(page, offset, to, part.offset(), part.length());
  }

  Change first() {
    return first;
  }

  Change last() {
    return last;
  }

  private void stored(Page page, int offset, int size) {
    long physical = page.frame * Page.SIZE + offset;
    for (int i = 0; i < known.length; i++) {
      for (PhysicalRange part : watchpoints.get(i).parts()) {
        if (watchpoints.get(i).kind() != Watchpoint.Kind.READ && part.overlaps(physical, size)) {
          boolean changed = update(page, part, known[i]);
          if (changed || watchpoints.get(i).kind() == Watchpoint.Kind.ACCESS) {
            note(watchpoints.get(i));
          }
        }
      }
    }
  }

  private void loaded(Page page, int offset, int size) {
    long physical = page.frame * Page.SIZE + offset;
    for (Watchpoint watchpoint : watchpoints) {
      for (PhysicalRange part : watchpoint.parts()) {
        if (watchpoint.kind() != Watchpoint.Kind.CHANGE && part.overlaps(physical, size)) {
          note(watchpoint);
        }
      }
    }
  }

  private void note(Watchpoint watchpoint) {
    long after = replayer.position() + (replayer.isBetweenInstructions() ? 0 : 1);
    last = new Change(after, watchpoint);
    first = first == null ? last : first;
  }

  /** Takes the bytes over; true when one differs. */
  private static boolean update(Page page, PhysicalRange part, byte[] known) {
    int start = (int) part.physical() & (Page.SIZE - 1);
    boolean same =
        Arrays.equals(
            page.bytes,
            start,
            start + part.length(),
            known,
            part.offset(),
            part.offset() + part.length());
    copy(page.bytes, part, known);
    return !same;
  }
}
