package org.chronovisor.query;

import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.chronovisor.symbols.SourceLine;

/**
 * Walks a run by source lines of one vCPU, in both directions. Forwards it stops where another line
 * begins; backwards at the first instruction of the line before. Code without lines is walked
 * through.
 */
public final class LineStepper {
  /** A line of more instructions, calls walked over, is left in its middle. */
  private static final int LONGEST_LINE = 200_000;

  private final TraceSession session;
  private final Stepper stepper;

  /**
   * @param session stays at the stepper's position
   */
  public LineStepper(TraceSession session) {
    this.session = session;
    stepper = new Stepper(session);
  }

  private interface Step {
    void take();
  }

  /** To the next line, in a called function too. */
  public void step(ProgressListener progress) {
    forwards(() -> stepper.step(1), progress);
  }

  /** To the next line; calls are executed as a whole. */
  public void over(ProgressListener progress) {
    forwards(() -> stepper.over(progress), progress);
  }

  /** To the line before, in a called function too. */
  public void back(ProgressListener progress) {
    backwards(() -> stepper.back(1), progress);
  }

  /** To the line before; calls are taken back as a whole. */
  public void reverseOver(ProgressListener progress) {
    backwards(() -> stepper.reverseOver(progress), progress);
  }

  private void forwards(Step step, ProgressListener progress) {
    toOtherLine(step, stepper::atEnd, progress);
  }

  private void backwards(Step step, ProgressListener progress) {
    int cpu = session.replayer().currentCpu();
    toOtherLine(step, stepper::atStart, progress);
    Optional<SourceLine> found = line();
    long here = stepper.position();
    for (int i = 0; i < LONGEST_LINE && !stepper.atStart(); i++) {
      step.take();
      if (session.replayer().currentCpu() != cpu) {
        continue;
      }
      if (!line().equals(found)) {
        stepper.goTo(here);
        return;
      }
      here = stepper.position();
    }
  }

  private void toOtherLine(Step step, BooleanSupplier over, ProgressListener progress) {
    Optional<SourceLine> start = line();
    int cpu = session.replayer().currentCpu();
    for (int i = 0; i < LONGEST_LINE && !over.getAsBoolean(); i++) {
      progress.progress(i, LONGEST_LINE);
      step.take();
      if (isOther(start, cpu)) {
        return;
      }
    }
  }

  private boolean isOther(Optional<SourceLine> start, int cpu) {
    if (session.replayer().currentCpu() != cpu) {
      return false;
    }
    Optional<SourceLine> now = line();
    return now.isPresent() && !now.equals(start);
  }

  private Optional<SourceLine> line() {
    return session.lines().at(session.pc());
  }
}
