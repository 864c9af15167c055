package org.chronovisor.query.explain;

import java.util.List;
import org.chronovisor.query.AccessLog;
import org.chronovisor.query.AccessLog.Access;
import org.chronovisor.query.InterruptFrame;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.Vectors;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Transfer;
import org.chronovisor.x86.Registers;

/**
 * An interrupt handler's store that the interrupted code overwrote with a value it had computed
 * from what was there before.
 *
 * @param load by which the interrupted code read the memory
 * @param interrupt position before which the interrupt came
 * @param stored by the handler
 * @param overwritten by the interrupted code, which had not read it again
 */
record LostUpdate(Access load, long interrupt, int vector, Access stored, Access overwritten) {
  /** Instructions looked at before an interrupt and after the return from it. */
  private static final int WINDOW = 400;

  /** Longest handler that is looked at. */
  private static final long LONGEST_HANDLER = 100_000;

  /** Interrupts looked at. */
  private static final int MOST = 300;

  private static final int EXCEPTIONS = 32;

  /** The last one before a position, or null. */
  static LostUpdate lastBefore(TraceSession session, long before, ProgressListener progress) {
    TraceReader trace = session.trace();
    Vectors vectors = new Vectors(session);
    int looked = 0;
    Transfer back = null;
    for (int i = session.replayer().segmentOf(before); i >= 0; i--) {
      List<Transfer> transfers = trace.events(i).transfers();
      for (int t = transfers.size() - 1; t >= 0 && looked < MOST; t--) {
        Transfer transfer = transfers.get(t);
        if (transfer.position() >= before) {
          continue;
        }
        if (transfer.special()) {
          back = transfer;
        } else {
          int vector = vectors.of(transfer, i);
          if (back != null && (vector < 0 || vector >= EXCEPTIONS)) {
            progress.progress(looked++, MOST);
            LostUpdate found = at(session, transfer, back, vector, before);
            if (found != null) {
              return found;
            }
          }
          back = null;
        }
      }
    }
    return null;
  }

  private static LostUpdate at(
      TraceSession session, Transfer interrupt, Transfer back, int vector, long before) {
    long stack = InterruptFrame.of(interrupt).stackPointer();
    if (back.registers()[Registers.RSP] != stack
        || back.position() - interrupt.position() > LONGEST_HANDLER) {
      return null;
    }
    long start = interrupt.position();
    long end = back.position();
    List<Access> earlier = AccessLog.of(session, Math.max(0, start - WINDOW), start);
    List<Access> handler = AccessLog.of(session, start, end);
    List<Access> later = AccessLog.of(session, end, Math.min(before, end + WINDOW));
    long deepest = stack;
    for (Access access : handler) {
      boolean deeper = Long.compareUnsigned(access.linear(), deepest) < 0;
      deepest = access.stack() && deeper ? access.linear() : deepest;
    }
    for (Access stored : handler) {
      boolean own =
          Long.compareUnsigned(stored.linear(), stack) < 0
              && Long.compareUnsigned(stored.linear(), deepest) >= 0;
      if (!stored.store() || own) {
        continue;
      }
      Access load = lastLoad(earlier, stored);
      Access overwritten = load == null ? null : firstStore(later, load);
      if (overwritten != null && overwritten.overlaps(stored)) {
        return new LostUpdate(load, start, vector, stored, overwritten);
      }
    }
    return null;
  }

  /** The last load of stored bytes that no store of the interrupted code followed. */
  private static Access lastLoad(List<Access> log, Access stored) {
    for (int i = log.size() - 1; i >= 0; i--) {
      Access access = log.get(i);
      if (access.overlaps(stored)) {
        return access.store() ? null : access;
      }
    }
    return null;
  }

  /** A store to what was loaded that comes before another load of it. */
  private static Access firstStore(List<Access> log, Access load) {
    for (Access access : log) {
      if (access.overlaps(load)) {
        return access.store() ? access : null;
      }
    }
    return null;
  }
}
