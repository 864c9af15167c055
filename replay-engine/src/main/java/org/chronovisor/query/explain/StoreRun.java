package org.chronovisor.query.explain;

import org.chronovisor.query.Effect;
import org.chronovisor.query.Executed;
import org.chronovisor.query.InstructionHistory;
import org.chronovisor.query.Operand;
import org.chronovisor.query.TraceSession;

/**
 * Stores of one instruction to one place after the other: a loop that fills a buffer.
 *
 * @param first position of the first of them
 * @param start linear address it stored to
 * @param count up to and including the store asked about
 */
record StoreRun(long first, long start, int count) {
  private static final int MOST = 100_000;

  /** Instructions between two stores of a loop. */
  private static final int GAP = 512;

  /** The run that a store ends; one store alone is a run, too. */
  static StoreRun endingAt(TraceSession session, long position) {
    InstructionHistory history = session.history();
    Executed store = history.at(position);
    Operand to = destination(store);
    if (to == null) {
      return null;
    }
    long first = position;
    session.seek(position);
    long start = address(session, store, to);
    int count = 1;
    while (count < MOST) {
      long before = before(history, first, store.pc());
      if (before < 0) {
        break;
      }
      session.seek(before);
      long address = address(session, store, to);
      if (address != start - to.size()) {
        break;
      }
      first = before;
      start = address;
      count++;
    }
    return new StoreRun(first, start, count);
  }

  private static long address(TraceSession session, Executed store, Operand to) {
    return to.memory().address(session.replayer().cpu().save(), store.next());
  }

  private static Operand destination(Executed store) {
    if (store.shape() == null) {
      return null;
    }
    for (Effect effect : store.shape().effects()) {
      if (effect.to().kind() == Operand.Kind.MEMORY) {
        return effect.to();
      }
    }
    return null;
  }

  /** Position of the execution of an instruction before another, if it is near. */
  private static long before(InstructionHistory history, long position, long pc) {
    for (long at = position - 1; at >= 0 && at >= position - GAP; at--) {
      if (history.at(at).pc() == pc) {
        return at;
      }
    }
    return -1;
  }
}
