package org.chronovisor.view.model;

import java.util.ArrayList;
import java.util.List;
import org.chronovisor.query.MemoryQuery;
import org.chronovisor.query.QueryException;
import org.chronovisor.query.Stop;
import org.chronovisor.query.StopSearch;
import org.chronovisor.query.TraceSession;
import org.chronovisor.symbols.AddressExpression;

/**
 * A time at which a run would stop at a breakpoint.
 *
 * @param value of the watched memory behind the change, or the function's caller; may be empty
 */
public record Hit(long position, String value, String place) {
  /** No list is longer. */
  public static final int MOST = 10_000;

  /** All hits in a run from its start on, the first {@link #MOST}. */
  static List<Hit> all(TraceSession session, JobControl control, Breakpoint breakpoint) {
    List<Hit> hits = new ArrayList<>();
    session.seek(0);
    StopSearch search = new StopSearch(session);
    search.setCancelled(control::isCancelled);
    search.stopAt(
        breakpoint.isWatch() ? List.of() : List.of(breakpoint.address()),
        breakpoint.isWatch() ? List.of(breakpoint.watchpoint()) : List.of());
    if (!breakpoint.isWatch() && search.isAtBreakpoint()) {
      hits.add(of(session, breakpoint));
    }
    while (hits.size() < MOST) {
      Stop stop = search.forwards();
      if (stop.reason() == Stop.Reason.END || stop.reason() == Stop.Reason.CANCELLED) {
        break;
      }
      hits.add(of(session, breakpoint));
      control.progress(stop.position(), session.end());
    }
    return hits;
  }

  private static Hit of(TraceSession session, Breakpoint breakpoint) {
    long position = session.replayer().position();
    String symbol = session.symbols().name(session.pc());
    String place = symbol == null ? Texts.hex(session.pc()) : symbol;
    String value = "";
    if (breakpoint.isWatch()) {
      try {
        value =
            Texts.value(
                MemoryQuery.read(
                    session,
                    position,
                    AddressExpression.parse(Texts.hex(breakpoint.address())),
                    breakpoint.watchpoint().length()));
      } catch (QueryException notMappedNow) {
        value = "";
      }
    }
    return new Hit(position, value, place);
  }
}
