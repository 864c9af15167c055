package org.chronovisor.replay;

import java.util.List;
import org.chronovisor.trace.CaptureReader;
import org.chronovisor.trace.CpuSwitch;
import org.chronovisor.trace.MemoryEvent;
import org.chronovisor.trace.PathCheckpoint;
import org.chronovisor.trace.SegmentEvents;
import org.chronovisor.trace.StateCapture;
import org.chronovisor.trace.Transfer;

/** Where a replay stands in the event columns of a segment. */
final class EventCursor {
  private final SegmentEvents events;
  private final List<MemoryEvent> memory;
  final CaptureReader captures;
  private int external;
  private int store;
  private int mmioLoad;
  private int transfer;
  private int state;
  private int checkpoint;
  private int cpuSwitch;

  EventCursor(SegmentEvents events) {
    this.events = events;
    memory = events.memory();
    captures = new CaptureReader(events.captures());
    external = skip(0, MemoryEvent.Kind.EXTERNAL, MemoryEvent.Kind.AUDIT);
    store = skip(0, MemoryEvent.Kind.STORE, MemoryEvent.Kind.STORE);
    mmioLoad = skip(0, MemoryEvent.Kind.MMIO_LOAD, MemoryEvent.Kind.MMIO_LOAD);
  }

  /** Another cursor at the same place. */
  EventCursor(EventCursor other) {
    events = other.events;
    memory = other.memory;
    captures = other.captures.copy();
    external = other.external;
    store = other.store;
    mmioLoad = other.mmioLoad;
    transfer = other.transfer;
    state = other.state;
    checkpoint = other.checkpoint;
    cpuSwitch = other.cpuSwitch;
  }

  /** Position at which execution must pause for an event; Long.MAX_VALUE when none is left. */
  long next() {
    long next = Long.MAX_VALUE;
    if (external < memory.size()) {
      next = memory.get(external).position();
    }
    if (transfer < events.transfers().size()) {
      next = Math.min(next, events.transfers().get(transfer).position());
    }
    if (checkpoint < events.path().size()) {
      next = Math.min(next, events.path().get(checkpoint).position());
    }
    if (cpuSwitch < events.switches().size()) {
      next = Math.min(next, events.switches().get(cpuSwitch).position());
    }
    return next;
  }

  /** The external write due at a position, or null. */
  MemoryEvent external(long position) {
    if (external == memory.size()
        || memory.get(external).position() > position
        || external >= memoryLimit(position)) {
      return null;
    }
    MemoryEvent event = memory.get(external);
    external = skip(external + 1, MemoryEvent.Kind.EXTERNAL, MemoryEvent.Kind.AUDIT);
    return event;
  }

  /** The captured store due at a position, or null. */
  MemoryEvent store(long position) {
    if (store == memory.size()
        || memory.get(store).position() > position
        || store >= memoryLimit(position)) {
      return null;
    }
    if (memory.get(store).position() < position) {
      throw new ReplayException(
          memory.get(store).position(),
          String.format(
              "a store at 0x%x is recorded, but not of an instruction that stores",
              memory.get(store).linear()));
    }
    MemoryEvent event = memory.get(store);
    store = skip(store + 1, MemoryEvent.Kind.STORE, MemoryEvent.Kind.STORE);
    return event;
  }

  /**
   * The next load from outside RAM that covers some bytes, before a position; null when there is
   * none. A load of 16 bytes is asked for in halves.
   */
  MemoryEvent mmioLoad(long physical, int size, long before) {
    while (mmioLoad < memory.size() && memory.get(mmioLoad).position() < before) {
      MemoryEvent event = memory.get(mmioLoad);
      long from = physical - event.physical();
      int length = event.data().length;
      boolean covers = from >= 0 && from + size <= length && (length == 16 || length == size);
      if (!covers || from + size == length) {
        mmioLoad = skip(mmioLoad + 1, MemoryEvent.Kind.MMIO_LOAD, MemoryEvent.Kind.MMIO_LOAD);
      }
      if (covers) {
        return event;
      }
      // Loads of an instruction that faulted later are never asked for.
    }
    return null;
  }

  /** Ids of the blocks that the segment executes, ascending. */
  int[] blocks() {
    return events.blocks();
  }

  /** Names something recorded before the segment's end that has not been used, or null. */
  String left(long end) {
    if (captures.hasNext()) {
      return "the last captured values";
    }
    if (store < memory.size() && memory.get(store).position() < end) {
      return left("store", memory.get(store).position());
    }
    if (external < memory.size()) {
      return left("external write", memory.get(external).position());
    }
    if (state < events.states().size()) {
      return left("captured state", events.states().get(state).position());
    }
    if (transfer < events.transfers().size()) {
      return left("transfer", events.transfers().get(transfer).position());
    }
    if (checkpoint < events.path().size()) {
      return left("path checkpoint", events.path().get(checkpoint).position());
    }
    if (cpuSwitch < events.switches().size()) {
      return left("change of the vCPU", events.switches().get(cpuSwitch).position());
    }
    return null;
  }

  private static String left(String what, long position) {
    return "the " + what + " recorded at " + position;
  }

  /** The transfer due at a position, or null. */
  Transfer transfer(long position) {
    Transfer coming = coming(position);
    if (coming != null) {
      transfer++;
    }
    return coming;
  }

  /** The transfer due at a position, which stays due; null when there is none. */
  Transfer coming(long position) {
    if (transfer == events.transfers().size()
        || events.transfers().get(transfer).position() != position
        || (isSwitchDue(position) && transfer >= events.switches().get(cpuSwitch).transfers())) {
      return null;
    }
    return events.transfers().get(transfer);
  }

  /**
   * The change of the vCPU due at a position, or null; until it is {@link #switched} it keeps back
   * what comes after it.
   */
  CpuSwitch nextSwitch(long position) {
    return isSwitchDue(position) ? events.switches().get(cpuSwitch) : null;
  }

  void switched() {
    cpuSwitch++;
  }

  private boolean isSwitchDue(long position) {
    return cpuSwitch < events.switches().size()
        && events.switches().get(cpuSwitch).position() == position;
  }

  /** Events from this index on come after the next change of the vCPU, at this position too. */
  private int memoryLimit(long position) {
    return isSwitchDue(position) ? events.switches().get(cpuSwitch).memory() : Integer.MAX_VALUE;
  }

  /** The checkpoint due at a position, or null. */
  PathCheckpoint checkpoint(long position) {
    if (checkpoint == events.path().size()
        || events.path().get(checkpoint).position() != position) {
      return null;
    }
    return events.path().get(checkpoint++);
  }

  /** The register state taken after the instruction at a position, or null. */
  StateCapture state(long position) {
    if (state == events.states().size() || events.states().get(state).position() != position) {
      return null;
    }
    return events.states().get(state++);
  }

  /** Adds the bytes that external writes still to come make doubtful. */
  void addPending(Unknown unknown) {
    unknown.add(memory, external);
  }

  private int skip(int from, MemoryEvent.Kind one, MemoryEvent.Kind other) {
    int i = from;
    while (i < memory.size() && memory.get(i).kind() != one && memory.get(i).kind() != other) {
      i++;
    }
    return i;
  }
}
