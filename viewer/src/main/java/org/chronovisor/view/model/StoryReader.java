package org.chronovisor.view.model;

import java.util.ArrayList;
import java.util.List;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.explain.Explanation;
import org.chronovisor.query.explain.Failure;
import org.chronovisor.query.explain.Finding;
import org.chronovisor.query.origin.Step;
import org.chronovisor.view.ui.Strings;

/** Makes the window's story of what the query layer finds out. */
final class StoryReader {
  /** Steps shown of one trail. */
  private static final int MOST_STEPS = 12;

  private StoryReader() {}

  static Story read(TraceSession session, ProgressListener progress) {
    Explanation explanation = Explanation.of(session, progress);
    List<Story.Section> sections = new ArrayList<>();
    Finding cause = explanation.rootCause();
    if (cause != null) {
      List<Story.Line> findings = new ArrayList<>();
      findings.add(line(cause));
      explanation.details().forEach(detail -> findings.add(line(detail)));
      sections.add(new Story.Section(Strings.get("story.rootCause"), findings));
    }
    for (Explanation.Trail trail : explanation.trails()) {
      List<Story.Line> lines = new ArrayList<>();
      for (Step step : trail.origin().steps()) {
        if (lines.size() < MOST_STEPS) {
          lines.add(new Story.Line(step.position(), step.instruction(), step.text()));
        }
      }
      sections.add(new Story.Section(Strings.get("story.trail", trail.title()), lines));
    }
    Failure failure = explanation.failure();
    return new Story(
        failure.kind() != Failure.Kind.NONE,
        failure.kind() != Failure.Kind.EXCEPTION,
        failure.position(),
        failure.instruction(),
        failure.summary(),
        sections,
        cause == null ? null : line(cause),
        explanation.callers());
  }

  private static Story.Line line(Finding finding) {
    return new Story.Line(finding.position(), finding.instruction(), finding.text());
  }
}
