package org.chronovisor.view.model;

import java.util.List;
import java.util.Optional;
import org.chronovisor.query.Backtrace;
import org.chronovisor.query.Stepper;
import org.chronovisor.query.Stop;
import org.chronovisor.query.StopSearch;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.Watchpoint;
import org.chronovisor.symbols.SourceLine;
import org.chronovisor.trace.Symbol;

/** The moves of a debugger, each forwards and backwards, by instruction and by source line. */
public final class Steps {
  private static final int RSP = 4;

  /** A source line of more instructions is left in its middle. */
  private static final int LONGEST_LINE = 200_000;

  private Steps() {}

  public static Move into(boolean bySource) {
    return bySource
        ? (session, control) -> lines(session, control, stepper -> stepper.step(1), true)
        : (session, control) -> {
          Stepper stepper = new Stepper(session);
          stepper.step(1);
          return stepper.position();
        };
  }

  public static Move back(boolean bySource) {
    return bySource
        ? (session, control) -> lines(session, control, stepper -> stepper.back(1), false)
        : (session, control) -> {
          Stepper stepper = new Stepper(session);
          stepper.back(1);
          return stepper.position();
        };
  }

  public static Move over(boolean bySource) {
    return bySource
        ? (session, control) -> lines(session, control, stepper -> stepper.over(control), true)
        : (session, control) -> {
          Stepper stepper = new Stepper(session);
          stepper.over(control);
          return stepper.position();
        };
  }

  public static Move backOver(boolean bySource) {
    return bySource
        ? (session, control) ->
            lines(session, control, stepper -> stepper.reverseOver(control), false)
        : (session, control) -> {
          Stepper stepper = new Stepper(session);
          stepper.reverseOver(control);
          return stepper.position();
        };
  }

  private interface Step {
    void on(Stepper stepper);
  }

  /** Steps until another source line begins; backwards to that line's first instruction. */
  private static long lines(TraceSession session, JobControl control, Step step, boolean forwards) {
    Stepper stepper = new Stepper(session);
    Optional<SourceLine> start = line(session);
    Optional<SourceLine> now = start;
    for (int i = 0; i < LONGEST_LINE && !stopped(stepper, forwards); i++) {
      control.progress(i, LONGEST_LINE);
      step.on(stepper);
      now = line(session);
      if (now.isPresent() && !now.equals(start)) {
        break;
      }
    }
    if (!forwards) {
      for (int i = 0; i < LONGEST_LINE && !stepper.atStart(); i++) {
        long here = stepper.position();
        step.on(stepper);
        if (!line(session).equals(now)) {
          stepper.goTo(here);
          break;
        }
      }
    }
    return stepper.position();
  }

  private static boolean stopped(Stepper stepper, boolean forwards) {
    return forwards ? stepper.atEnd() : stepper.atStart();
  }

  private static Optional<SourceLine> line(TraceSession session) {
    return session.lines().at(session.pc());
  }

  /** To the instruction behind the call that entered the present function. */
  public static Move out() {
    return (session, control) -> {
      long position = session.replayer().position();
      List<Backtrace.Frame> frames = Backtrace.at(session, position);
      int caller = 1;
      while (caller < frames.size() && frames.get(caller - 1).how() == Backtrace.How.INLINED) {
        caller++;
      }
      if (caller >= frames.size()) {
        throw new ViewerException("error.noCaller");
      }
      long stack = session.replayer().cpu().r[RSP];
      StopSearch search = search(session, control);
      search.stopAt(List.of(frames.get(caller).pc()), List.of());
      while (true) {
        Stop stop = search.forwards();
        boolean returned = Long.compareUnsigned(session.replayer().cpu().r[RSP], stack) > 0;
        if (stop.reason() != Stop.Reason.BREAKPOINT || returned) {
          return stop.position();
        }
      }
    };
  }

  /** Back to the call that entered the present function. */
  public static Move backOut() {
    return (session, control) -> {
      long position = session.replayer().position();
      Optional<Symbol> function = session.symbols().at(session.pc()).filter(Symbol::function);
      if (function.isEmpty()) {
        throw new ViewerException("error.noFunction");
      }
      long stack = session.replayer().cpu().r[RSP];
      if (session.pc() == function.get().address()) {
        return Math.max(0, position - 1);
      }
      StopSearch search = search(session, control);
      search.stopAt(List.of(function.get().address()), List.of());
      while (true) {
        Stop stop = search.backwards();
        boolean entry = Long.compareUnsigned(session.replayer().cpu().r[RSP], stack) >= 0;
        if (stop.reason() != Stop.Reason.BREAKPOINT) {
          return stop.position();
        }
        if (entry) {
          return Math.max(0, stop.position() - 1);
        }
      }
    };
  }

  /** Runs to the nearest breakpoint or watchpoint, or to the end of the recording. */
  static Move run(List<Long> addresses, List<Watchpoint> watchpoints, boolean forwards) {
    return (session, control) -> {
      StopSearch search = search(session, control);
      search.stopAt(addresses, watchpoints);
      return (forwards ? search.forwards() : search.backwards()).position();
    };
  }

  private static StopSearch search(TraceSession session, JobControl control) {
    StopSearch search = new StopSearch(session);
    search.setCancelled(control::isCancelled);
    return search;
  }
}
