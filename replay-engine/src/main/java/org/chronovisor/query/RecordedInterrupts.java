package org.chronovisor.query;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Transfer;

/** Finds the recorded delivery of an interrupt or exception by the place of its frame. */
final class RecordedInterrupts {
  /** Segments searched before the position's own: reading one takes some milliseconds. */
  private static final int MOST_SEGMENTS = 8;

  private final TraceReader trace;
  private final long position;
  private final int segment;

  /** Transfers of the segments that have been looked at. */
  private final Map<Integer, List<Transfer>> known = new HashMap<>();

  RecordedInterrupts(TraceSession session) {
    trace = session.trace();
    position = session.replayer().position();
    segment = session.replayer().segmentOf(position);
  }

  /**
   * The last delivery before the position that pushed a return address to a place; null when none
   * of the segments near by has it.
   */
  Transfer at(long address, long returnAddress) {
    for (int i = segment; i >= 0 && i > segment - MOST_SEGMENTS; i--) {
      List<Transfer> transfers = known.computeIfAbsent(i, index -> trace.events(index).transfers());
      for (int t = transfers.size() - 1; t >= 0; t--) {
        Transfer transfer = transfers.get(t);
        long distance = address - transfer.frameAddress();
        if (!transfer.special()
            && transfer.position() <= position
            && (distance == 0 || distance == 4 || distance == 8)
            && InterruptFrame.of(transfer).returnAddress() == returnAddress) {
          return transfer;
        }
      }
    }
    return null;
  }
}
