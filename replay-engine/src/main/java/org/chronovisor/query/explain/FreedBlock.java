package org.chronovisor.query.explain;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.Stop;
import org.chronovisor.query.StopSearch;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.origin.Origin;
import org.chronovisor.query.origin.Step;
import org.chronovisor.trace.Symbol;
import org.chronovisor.x86.Mode;

/**
 * The call by which memory was given back that somebody still had a pointer to.
 *
 * @param call position of the call
 * @param function that was called
 * @param pointer to the block
 */
record FreedBlock(long call, String function, long pointer) {
  private static final int RDI = 7;

  /**
   * Follows a pointer's trail to where it was handed out, and looks for the first call after that,
   * of a function whose name says that it frees, with the pointer as its first argument.
   *
   * @param pointer where it came from, as used before the instruction at {@code used}
   * @return null when there is none
   */
  static FreedBlock of(TraceSession session, Origin pointer, long used, ProgressListener progress) {
    Map<Long, Long> since = new HashMap<>();
    long value = pointer.value().value(0, Math.min(8, pointer.value().length()));
    long first = used;
    since.put(value, used);
    for (Step step : pointer.steps()) {
      int length = Math.min(8, step.value().length());
      value = step.value().value(0, length);
      if (Long.compareUnsigned(value, 0x1000) < 0) {
        break;
      }
      since.put(value, step.position());
      first = step.position();
      String function = Names.function(step.instruction().symbol());
      if (function != null && Names.ALLOCATE.matcher(function).find()) {
        break;
      }
    }
    Set<Long> functions = new HashSet<>();
    for (Symbol symbol : Names.functions(session, Names.FREE)) {
      functions.add(symbol.address());
    }
    if (functions.isEmpty()) {
      return null;
    }
    StopSearch search = new StopSearch(session);
    search.setCancelled(progress::isCancelled);
    search.stopAt(functions, List.of());
    session.seek(first);
    while (true) {
      Stop stop = search.forwards();
      progress.progress(stop.position() - first, used - first);
      if (stop.reason() != Stop.Reason.BREAKPOINT || stop.position() >= used) {
        return null;
      }
      boolean wide = session.replayer().cpu().mode() == Mode.CODE64;
      long argument = session.replayer().cpu().r[RDI];
      Long from = wide ? since.get(argument) : null;
      if (from != null && stop.position() > from && stop.position() > 0) {
        String name = session.symbols().name(session.pc());
        return new FreedBlock(stop.position() - 1, name, argument);
      }
    }
  }
}
