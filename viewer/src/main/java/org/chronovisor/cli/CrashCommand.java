package org.chronovisor.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.chronovisor.query.Backtrace;
import org.chronovisor.query.CrashStory;
import org.chronovisor.query.TraceSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code crash}: how a run failed and where the bad value came from. */
@Command(
    name = "crash",
    description =
        "Say how the run failed, and follow the bad value backwards to the instruction that wrote"
            + " it.",
    footer = {
      "",
      "Looks at the run's end and at its last exception. Exit code 1: no failure is seen.",
      "",
      "Example:",
      "  chronovisor crash crash.cvt"
    })
final class CrashCommand extends TraceCommand {
  @Option(names = "--json", description = "Print one JSON object.")
  boolean json;

  @Override
  int run(TraceSession session) {
    CrashStory story = CrashStory.of(session, progress("following the value backwards"));
    console().status().end();
    if (json) {
      json(toMap(story));
    } else {
      out().print(text(story));
    }
    return story.ending() == CrashStory.Ending.NONE ? ExitCode.NO : ExitCode.GOOD;
  }

  static String text(CrashStory story) {
    StringBuilder text = new StringBuilder();
    String end = System.lineSeparator();
    text.append(
        story.ending() == CrashStory.Ending.NONE
            ? "No failure is seen: " + story.summary()
            : "The crash: " + story.summary());
    text.append(end);
    text.append(
        String.format("  %10d  %s%n", story.position(), Format.sourced(story.instruction())));
    if (!story.links().isEmpty()) {
      text.append(end).append("Where the value came from, backwards:").append(end);
      for (CrashStory.Link link : story.links()) {
        text.append(
            String.format(
                "  %10d  %s%n              %s%n",
                link.position(), Format.sourced(link.instruction()), link.text()));
      }
    }
    if (story.culprit() != null) {
      text.append(end).append("The value to blame was written here:").append(end);
      LastWriteCommand.text(story.culprit())
          .lines()
          .forEach(l -> text.append("  ").append(l).append(end));
    }
    text.append(end).append("Active functions, innermost first:").append(end);
    for (Backtrace.Frame frame : story.callers()) {
      text.append("  ").append(Format.frame(frame)).append(end);
    }
    return text.toString();
  }

  static Map<String, Object> toMap(CrashStory story) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("ending", story.ending().name().toLowerCase(java.util.Locale.ROOT));
    map.put("summary", story.summary());
    map.put("position", story.position());
    map.put("pc", Json.hex(story.instruction().pc()));
    map.put("symbol", story.instruction().symbol());
    map.put("source", story.instruction().source());
    map.put("instruction", story.instruction().display());
    map.put("address", Json.hex(story.address()));
    List<Map<String, Object>> trail = new ArrayList<>();
    for (CrashStory.Link link : story.links()) {
      Map<String, Object> step = new LinkedHashMap<>();
      step.put("position", link.position());
      step.put("pc", Json.hex(link.instruction().pc()));
      step.put("symbol", link.instruction().symbol());
      step.put("source", link.instruction().source());
      step.put("instruction", link.instruction().display());
      step.put("text", link.text());
      trail.add(step);
    }
    map.put("trail", trail);
    map.put("culprit", story.culprit() == null ? null : LastWriteCommand.toMap(story.culprit()));
    map.put(
        "callers", story.callers().stream().map(f -> Format.place(f.pc(), f.symbol())).toList());
    map.put("frames", BacktraceCommand.toList(story.callers()));
    return map;
  }
}
