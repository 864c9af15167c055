package org.chronovisor.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.chronovisor.query.Backtrace;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.explain.Explanation;
import org.chronovisor.query.explain.Failure;
import org.chronovisor.query.explain.Finding;
import org.chronovisor.query.origin.Step;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code explain}: how a run failed, and why. */
@Command(
    name = "explain",
    aliases = "crash",
    description =
        "Say how the run failed, follow the bad value backwards, and name the instruction to"
            + " blame.",
    footer = {
      "",
      "Starts from an exception that nothing handled, control that went nowhere, or a call of a"
          + " function like 'panic' or 'abort'. Looks for values overwritten in part, overwritten"
          + " return addresses, memory used after it was freed, updates lost to an interrupt, and"
          + " loops that went too far. Exit code 1: no failure is seen.",
      "",
      "Example:",
      "  chronovisor explain crash.cvt"
    })
final class ExplainCommand extends TraceCommand {
  /** Steps printed of one trail. */
  private static final int MOST_STEPS = 12;

  @Option(names = "--all", description = "All steps of each trail.")
  boolean all;

  @Option(names = "--json", description = "Print one JSON object.")
  boolean json;

  @Override
  int run(TraceSession session) {
    Explanation explanation = Explanation.of(session, progress("following the value backwards"));
    console().status().end();
    if (json) {
      json(toMap(explanation));
    } else {
      out().print(text(explanation, all ? Integer.MAX_VALUE : MOST_STEPS));
    }
    return explanation.failure().kind() == Failure.Kind.NONE ? ExitCode.NO : ExitCode.GOOD;
  }

  static String text(Explanation explanation) {
    return text(explanation, MOST_STEPS);
  }

  private static String text(Explanation explanation, int mostSteps) {
    StringBuilder text = new StringBuilder();
    Failure failure = explanation.failure();
    text.append(
        String.format(
            failure.kind() == Failure.Kind.NONE ? "No failure is seen: %s%n" : "The failure: %s%n",
            failure.summary()));
    text.append(
        String.format("%12d  %s%n", failure.position(), Format.sourced(failure.instruction())));
    for (Explanation.Trail trail : explanation.trails()) {
      text.append(
          String.format(
              "%nWhere %s (%s = %s) came from, backwards:%n",
              trail.title(), trail.origin().place(), trail.origin().value().hex()));
      List<Step> steps = trail.origin().steps();
      int shown = Math.min(steps.size(), mostSteps);
      steps.subList(0, shown).forEach(step -> OriginCommand.append(text, step));
      if (shown < steps.size()) {
        text.append(String.format("%12s  ... %d more steps (--all)%n", "", steps.size() - shown));
      }
      text.append(String.format("%12s  origin: %s%n", "", trail.origin().text()));
    }
    Finding cause = explanation.rootCause();
    if (cause != null) {
      text.append(String.format("%nThe root cause: %s%n", cause.text()));
      append(text, cause);
      for (Finding detail : explanation.details()) {
        text.append(String.format("  %s%n", detail.text()));
        append(text, detail);
      }
    }
    text.append(String.format("%nActive functions there, innermost first:%n"));
    for (Backtrace.Frame frame : explanation.callers()) {
      text.append(String.format("  %s%n", Format.frame(frame)));
    }
    return text.toString();
  }

  private static void append(StringBuilder text, Finding finding) {
    text.append(
        String.format("%12d  %s%n", finding.position(), Format.sourced(finding.instruction())));
  }

  static Map<String, Object> toMap(Explanation explanation) {
    Failure failure = explanation.failure();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("ending", failure.kind().name().toLowerCase(Locale.ROOT));
    map.put("summary", failure.summary());
    map.put("position", failure.position());
    map.put("pc", Json.hex(failure.instruction().pc()));
    map.put("symbol", failure.instruction().symbol());
    map.put("source", failure.instruction().source());
    map.put("instruction", failure.instruction().display());
    map.put("address", Json.hex(failure.address()));
    map.put("rootCause", explanation.rootCause() == null ? null : toMap(explanation.rootCause()));
    map.put("details", explanation.details().stream().map(ExplainCommand::toMap).toList());
    List<Map<String, Object>> trails = new ArrayList<>();
    for (Explanation.Trail trail : explanation.trails()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("title", trail.title());
      one.putAll(OriginCommand.toMap(trail.origin()));
      trails.add(one);
    }
    map.put("trails", trails);
    // What 'crash' printed before there were several trails.
    map.put("trail", trails.isEmpty() ? List.of() : trails.get(0).get("steps"));
    map.put("culprit", map.get("rootCause"));
    map.put(
        "callers",
        explanation.callers().stream().map(f -> Format.place(f.pc(), f.symbol())).toList());
    map.put("frames", BacktraceCommand.toList(explanation.callers()));
    return map;
  }

  private static Map<String, Object> toMap(Finding finding) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("kind", finding.kind().name().toLowerCase(Locale.ROOT));
    map.put("text", finding.text());
    map.put("position", finding.position());
    map.put("pc", Json.hex(finding.instruction().pc()));
    map.put("symbol", finding.instruction().symbol());
    map.put("source", finding.instruction().source());
    map.put("instruction", finding.instruction().display());
    return map;
  }
}
