package org.chronovisor.view.model;

import java.util.List;
import org.chronovisor.query.Backtrace;
import org.chronovisor.query.InstructionView;

/**
 * How a run failed, as the window tells it.
 *
 * @param failed false: no failure is seen, {@code summary} says how the run ended
 * @param retired the instruction is the next one; else an exception was delivered instead of it
 * @param position where it failed
 * @param instruction that failed
 * @param sections what led to it
 * @param culprit the instruction to blame, or null
 * @param callers the functions active at the culprit, or else at the failure
 */
public record Story(
    boolean failed,
    boolean retired,
    long position,
    InstructionView instruction,
    String summary,
    List<Section> sections,
    Line culprit,
    List<Backtrace.Frame> callers) {
  public Story {
    sections = List.copyOf(sections);
    callers = List.copyOf(callers);
  }

  /** One trail of a value, or the findings. */
  public record Section(String title, List<Line> lines) {
    public Section {
      lines = List.copyOf(lines);
    }
  }

  /** An instruction and what it did, in one line. */
  public record Line(long position, InstructionView instruction, String text) {}
}
