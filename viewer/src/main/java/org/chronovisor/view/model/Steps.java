package org.chronovisor.view.model;

import java.util.List;
import java.util.function.BiConsumer;
import org.chronovisor.query.LineStepper;
import org.chronovisor.query.Stepper;
import org.chronovisor.query.StopSearch;
import org.chronovisor.query.Watchpoint;

/** The moves of a debugger, each forwards and backwards, by instruction and by source line. */
public final class Steps {
  private Steps() {}

  public static Move into(boolean bySource) {
    return bySource ? byLine(LineStepper::step) : by((stepper, control) -> stepper.step(1));
  }

  public static Move back(boolean bySource) {
    return bySource ? byLine(LineStepper::back) : by((stepper, control) -> stepper.back(1));
  }

  public static Move over(boolean bySource) {
    return bySource ? byLine(LineStepper::over) : by(Stepper::over);
  }

  public static Move backOver(boolean bySource) {
    return bySource ? byLine(LineStepper::reverseOver) : by(Stepper::reverseOver);
  }

  /** To the instruction behind the call that entered the present function. */
  public static Move out() {
    return by(Stepper::finish);
  }

  /** Back to the call that entered the present function. */
  public static Move backOut() {
    return by(Stepper::reverseFinish);
  }

  private static Move byLine(BiConsumer<LineStepper, JobControl> step) {
    return (session, control) -> {
      step.accept(new LineStepper(session), control);
      return session.replayer().position();
    };
  }

  private static Move by(BiConsumer<Stepper, JobControl> step) {
    return (session, control) -> {
      step.accept(new Stepper(session), control);
      return session.replayer().position();
    };
  }

  /** Runs to the nearest breakpoint or watchpoint, or to the end of the recording. */
  static Move run(List<Long> addresses, List<Watchpoint> watchpoints, boolean forwards) {
    return (session, control) -> {
      StopSearch search = new StopSearch(session);
      search.setCancelled(control::isCancelled);
      search.stopAt(addresses, watchpoints);
      return (forwards ? search.forwards() : search.backwards()).position();
    };
  }
}
