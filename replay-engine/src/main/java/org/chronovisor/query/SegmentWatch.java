package org.chronovisor.query;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.chronovisor.memory.Page;
import org.chronovisor.replay.Replayer;
import org.chronovisor.trace.MemoryEvent;
import org.chronovisor.trace.SegmentEvents;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Transfer;

/**
 * Replays a stretch of one segment and keeps the last change of a memory range.
 *
 * <p>At each position the replay applies external writes first; then each transfer with, before its
 * frame, the stores of the instruction it cut short; then it executes the instruction.
 */
public final class SegmentWatch {
  private final TraceReader trace;
  private final Replayer replayer;
  private final List<PhysicalRange> parts;
  private final Map<Long, List<MemoryEvent>> externals = new HashMap<>();
  private final Map<Long, List<Transfer>> transfers = new HashMap<>();

  /** The range as it was before the store being reported. */
  private final byte[] known;

  /** Told of all changes in order, or null when only the last ones are wanted. */
  private final Listener listener;

  /** Hears of changes. */
  @FunctionalInterface
  public interface Listener {
    /**
     * @param range content of the watched range behind the change; not to be kept
     */
    void changed(MemoryChange change, byte[] range);
  }

  private long current = -1;
  private List<MemoryEvent> dueExternals = List.of();
  private List<Transfer> dueTransfers = List.of();
  private MemoryChange last;

  /**
   * @param replayer used until {@link #run} ends
   * @param parts of the range, in order
   * @param listener of all changes, or null
   */
  public SegmentWatch(
      TraceReader trace,
      Replayer replayer,
      List<PhysicalRange> parts,
      SegmentEvents events,
      Listener listener) {
    this.listener = listener;
    this.trace = trace;
    this.replayer = replayer;
    this.parts = parts;
    PhysicalRange end = parts.get(parts.size() - 1);
    known = new byte[end.offset() + end.length()];
    for (MemoryEvent event : events.memory()) {
      if (event.kind() == MemoryEvent.Kind.EXTERNAL || event.kind() == MemoryEvent.Kind.AUDIT) {
        if (part(event.physical(), event.data().length) != null) {
          externals.computeIfAbsent(event.position(), p -> new ArrayList<>()).add(event);
        }
      }
    }
    for (Transfer transfer : events.transfers()) {
      transfers.computeIfAbsent(transfer.position(), p -> new ArrayList<>()).add(transfer);
    }
  }

  private PhysicalRange part(long physical, int size) {
    for (PhysicalRange part : parts) {
      if (part.overlaps(physical, size)) {
        return part;
      }
    }
    return null;
  }

  /** Replays a segment from its keyframe to a position. */
  public void run(int segment, long limit) {
    replayer.unwatch();
    try {
      for (PhysicalRange part : parts) {
        if (replayer.memory().page(part.frame()) != null) {
          replayer.watch(part.frame(), this::stored);
          byte[] page = trace.page(part.frame(), segment);
          if (page != null) {
            int offset = (int) part.physical() & (Page.SIZE - 1);
            System.arraycopy(page, offset, known, part.offset(), part.length());
          }
        }
      }
      replayer.enter(segment);
      replayer.runWithin(limit);
    } finally {
      replayer.unwatch();
    }
  }

  /** The last change, or null. */
  MemoryChange last() {
    return last;
  }

  private void keep(MemoryChange change) {
    last = change;
    if (listener != null) {
      listener.changed(change, known);
    }
  }

  private void stored(Page page, int offset, int size) {
    long physical = page.frame * Page.SIZE + offset;
    PhysicalRange part = part(physical, size);
    if (part == null) {
      return;
    }
    long position = replayer.position();
    if (position != current) {
      current = position;
      dueExternals = new ArrayList<>(externals.getOrDefault(position, List.of()));
      dueTransfers = new ArrayList<>(transfers.getOrDefault(position, List.of()));
    }
    boolean changed = update(page, part, offset, size);
    for (MemoryEvent event : dueExternals) {
      if (event.physical() == physical && event.data().length == size) {
        dueExternals.remove(event);
        MemoryWrite.Kind kind =
            event.kind() == MemoryEvent.Kind.AUDIT
                ? MemoryWrite.Kind.AUDIT
                : MemoryWrite.Kind.EXTERNAL;
        keep(new MemoryChange(kind, position, part, physical, size, null));
        return;
      }
    }
    Transfer cutting = null;
    for (Transfer transfer : dueTransfers) {
      int before = frameBytesBefore(transfer, offset, size);
      if (before >= 0) {
        int pushed = transfer.special() ? 0 : InterruptFrame.of(transfer).pushed() - before;
        // After iret, syscall and the like the bytes at the stack pointer are old ones.
        if (changed || part.overlaps(physical, Math.max(0, pushed))) {
          keep(new MemoryChange(MemoryWrite.Kind.FRAME, position, part, physical, size, null));
        }
        return;
      }
      if (!transfer.special()
          && cutting == null
          && InterruptFrame.of(transfer).returnAddress() == replayer.cpu().rip) {
        cutting = transfer;
      }
    }
    keep(new MemoryChange(MemoryWrite.Kind.STORE, position, part, physical, size, cutting));
  }

  /**
   * Bytes of a transfer's frame before the page part that is being stored; -1 for another store.
   */
  private static int frameBytesBefore(Transfer transfer, int offset, int size) {
    int length = transfer.frame().length;
    int start = (int) transfer.frameAddress() & (Page.SIZE - 1);
    int first = Math.min(length, Page.SIZE - start);
    if (offset == start && size == first) {
      return 0;
    }
    return offset == 0 && size == length - first ? first : -1;
  }

  /** Takes the stored bytes over; true when one differs. */
  private boolean update(Page page, PhysicalRange part, int offset, int size) {
    int start = (int) part.physical() & (Page.SIZE - 1);
    int from = Math.max(offset, start);
    int to = Math.min(offset + size, start + part.length());
    boolean changed = false;
    for (int i = from; i < to; i++) {
      int at = part.offset() + i - start;
      changed |= known[at] != page.bytes[i];
      known[at] = page.bytes[i];
    }
    return changed;
  }
}
