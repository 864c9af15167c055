package org.chronovisor.view.model;

import java.util.ArrayList;
import java.util.List;
import org.chronovisor.query.Stop;
import org.chronovisor.query.StopSearch;
import org.chronovisor.query.TraceSession;

/**
 * A time at which a run would stop at a breakpoint.
 *
 * @param value of the watched memory behind the change; empty for a breakpoint
 * @param place of the instruction, of the one that changed the memory for a watchpoint
 */
public record Hit(long position, String value, String place) {
  /** No list is longer. */
  public static final int MOST = 10_000;

  /** All hits in a run from its start on, the first {@link #MOST}. */
  static List<Hit> all(TraceSession session, JobControl control, Breakpoint breakpoint) {
    if (breakpoint.isWatch()) {
      return new WatchHits(session, breakpoint.watchpoint()).find(control);
    }
    List<Hit> hits = new ArrayList<>();
    session.seek(0);
    StopSearch search = new StopSearch(session);
    search.setCancelled(control::isCancelled);
    search.stopAt(List.of(breakpoint.address()), List.of());
    if (search.isAtBreakpoint()) {
      hits.add(here(session, 0));
    }
    while (hits.size() < MOST) {
      Stop stop = search.forwards();
      if (stop.reason() != Stop.Reason.BREAKPOINT) {
        break;
      }
      hits.add(here(session, stop.position()));
      control.progress(stop.position(), session.end());
    }
    return hits;
  }

  private static Hit here(TraceSession session, long position) {
    return new Hit(position, "", place(session));
  }

  /** Where the session stands. */
  static String place(TraceSession session) {
    String symbol = session.symbols().name(session.pc());
    return symbol == null ? Texts.hex(session.pc()) : symbol;
  }
}
