package org.chronovisor.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.Stop;
import org.chronovisor.query.StopSearch;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.Watchpoint;
import org.chronovisor.query.search.Condition;

/** The breakpoints and watchpoints of {@code step}, numbered from 1, and runs to them. */
final class StopList {
  private final TraceSession session;
  private final List<Entry> entries = new ArrayList<>();
  private int next = 1;

  /**
   * One of them.
   *
   * @param text as it was typed
   * @param addresses of a breakpoint; none for a watchpoint
   * @param watchpoint or null
   * @param condition or null
   */
  private record Entry(
      int number,
      String text,
      Collection<Long> addresses,
      Watchpoint watchpoint,
      Condition condition) {
    boolean isAt(Stop stop, TraceSession session) {
      return stop.reason() == Stop.Reason.WATCHPOINT
          ? watchpoint != null && watchpoint.equals(stop.watchpoint())
          : addresses.contains(session.pc());
    }

    String line() {
      return String.format("%3d  %s", number, text);
    }
  }

  StopList(TraceSession session) {
    this.session = session;
  }

  /** Adds a breakpoint; returns the line that describes it. */
  String addBreakpoint(String text) {
    String[] parts = parts(text, "b WHERE [if CONDITION]");
    long here = session.replayer().position();
    Collection<Long> addresses;
    try {
      addresses = FindExecCommand.addresses(session, parts[0]);
    } finally {
      session.seek(here);
    }
    return add(text, addresses, null, condition(parts));
  }

  /** Adds a watchpoint on where an address is mapped now; returns the line that describes it. */
  String addWatchpoint(Watchpoint.Kind kind, String text) {
    String[] parts = parts(text, "w ADDR[,LENGTH] [if CONDITION]");
    LastWriteCommand.Range range = LastWriteCommand.range(session, parts[0].replace(" ", ""));
    Watchpoint watchpoint =
        Watchpoint.at(session, kind, session.evaluate(range.expression()), range.length());
    String what = kind.name().toLowerCase(Locale.ROOT) + " of " + text;
    return add(what, List.of(), watchpoint, condition(parts));
  }

  private String add(
      String text, Collection<Long> addresses, Watchpoint watchpoint, Condition condition) {
    Entry entry = new Entry(next++, text, addresses, watchpoint, condition);
    entries.add(entry);
    return entry.line();
  }

  private static String[] parts(String text, String usage) {
    String[] parts = text.split("\\s+if\\s+", 2);
    if (parts[0].isBlank()) {
      throw new UsageException(usage);
    }
    parts[0] = parts[0].strip();
    return parts;
  }

  private Condition condition(String[] parts) {
    return parts.length < 2 ? null : Condition.parse(parts[1], session.symbols());
  }

  /** Removes one; false when there is none of that number. */
  boolean remove(long number) {
    return entries.removeIf(entry -> entry.number == number);
  }

  List<String> lines() {
    return entries.stream().map(Entry::line).toList();
  }

  /**
   * Runs to the nearest one whose condition holds, or to the end.
   *
   * @return what to say about it
   */
  String run(boolean forwards, ProgressListener progress) {
    StopSearch search = new StopSearch(session);
    search.setCancelled(progress::isCancelled);
    search.stopAt(
        entries.stream().flatMap(entry -> entry.addresses.stream()).toList(),
        entries.stream().map(Entry::watchpoint).filter(Objects::nonNull).toList());
    while (true) {
      Stop stop = forwards ? search.forwards() : search.backwards();
      switch (stop.reason()) {
        case BEGIN:
          return "the start of the recording";
        case END:
          return "the end of the recording";
        case CANCELLED:
          return "cancelled";
        default:
      }
      for (Entry entry : entries) {
        if (entry.isAt(stop, session)
            && (entry.condition == null || entry.condition.holds(session.replayer()))) {
          return entry.line().strip();
        }
      }
      progress.progress(stop.position(), session.end());
    }
  }
}
