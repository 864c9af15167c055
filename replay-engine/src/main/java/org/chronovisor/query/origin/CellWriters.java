package org.chronovisor.query.origin;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.chronovisor.query.InstructionHistory;
import org.chronovisor.query.LastWriter;
import org.chronovisor.query.MemoryChange;
import org.chronovisor.query.MemoryWrite;
import org.chronovisor.query.PhysicalRange;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.TraceSession;

/** Finds who wrote each byte of a cell last, and remembers what a segment did to it. */
final class CellWriters {
  /** Logs of a cell in a segment that are kept. */
  private static final int KEPT = 64;

  private final TraceSession session;
  private final InstructionHistory history;
  private final ProgressListener progress;
  private final Map<Key, Log> logs =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Log> eldest) {
          return size() > KEPT;
        }
      };

  /** A cell in a segment. */
  private record Key(List<PhysicalRange> parts, int segment) {}

  /** Its changes before a position. */
  private record Log(long limit, List<MemoryChange> changes) {}

  CellWriters(TraceSession session, ProgressListener progress) {
    this.session = session;
    this.progress = progress;
    history = session.history();
  }

  /** The last change of each byte before a position; null where nothing has written. */
  MemoryChange[] each(Cell cell, long before) {
    MemoryChange[] each = new MemoryChange[cell.size()];
    int missing = each.length;
    session.seek(before);
    for (int i = session.replayer().segment(); i >= 0 && missing > 0; i--) {
      List<MemoryChange> changes = changes(cell, i, before);
      for (int c = changes.size() - 1; c >= 0 && missing > 0; c--) {
        MemoryChange change = changes.get(c);
        if (change.position() < before || isBefore(change, before)) {
          missing -= take(each, change);
        }
      }
    }
    return each;
  }

  /** What happened between two instructions belongs to the state before the second. */
  private static boolean isBefore(MemoryChange change, long before) {
    boolean between = change.kind() != MemoryWrite.Kind.STORE || change.interrupted() != null;
    return between && change.position() == before;
  }

  private static int take(MemoryChange[] each, MemoryChange change) {
    PhysicalRange part = change.part();
    long from = Math.max(change.physical(), part.physical());
    long to = Math.min(change.physical() + change.size(), part.physical() + part.length());
    int taken = 0;
    for (long at = from; at < to; at++) {
      int index = (int) (at - part.physical()) + part.offset();
      if (each[index] == null) {
        each[index] = change;
        taken++;
      }
    }
    return taken;
  }

  /** The changes in a segment, up to a position at least. */
  private List<MemoryChange> changes(Cell cell, int segment, long before) {
    Key key = new Key(cell.parts(), segment);
    long limit = Math.min(before, session.trace().segment(segment).end());
    Log log = logs.get(key);
    if (log == null || log.limit < limit) {
      log = new Log(limit, LastWriter.changes(session, cell.parts(), segment, limit, progress));
      logs.put(key, log);
    }
    return log.changes;
  }

  /**
   * How often an instruction had changed a cell again and again before a position.
   *
   * @return positions of those stores, newest first
   */
  List<Long> runBefore(Cell cell, long before, long pc) {
    List<Long> run = new ArrayList<>();
    for (int i = session.replayer().segmentOf(before); i >= 0; i--) {
      List<MemoryChange> changes = changes(cell, i, before);
      for (int c = changes.size() - 1; c >= 0; c--) {
        MemoryChange change = changes.get(c);
        if (change.position() < before) {
          boolean same =
              change.kind() == MemoryWrite.Kind.STORE
                  && change.interrupted() == null
                  && history.at(change.position()).pc() == pc;
          if (!same) {
            return run;
          }
          run.add(change.position());
        }
      }
    }
    return run;
  }
}
