package org.chronovisor.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.origin.Cell;
import org.chronovisor.query.origin.Origin;
import org.chronovisor.query.origin.OriginFinder;
import org.chronovisor.query.origin.Step;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code origin}: where a value came from. */
@Command(
    name = "origin",
    description =
        "Follow a value backwards through moves, loads, stores and arithmetic to where it came"
            + " from.",
    footer = {
      "",
      "WHAT is a register, or memory as in 'mem': 0x..., SYMBOL, $REGISTER+OFFSET, phys:0x...;"
          + " LENGTH is 1 to 16 bytes (default: 8). Of several inputs the one that carries the"
          + " value is followed; 'also' shows the others, to be asked about in the same way.",
      "",
      "Examples:",
      "  chronovisor origin crash --at 1234567 rbx",
      "  chronovisor origin crash --at end free_list,8"
    })
final class OriginCommand extends TraceCommand {
  @Parameters(index = "1", paramLabel = "WHAT", description = "A register or ADDR[,LENGTH].")
  String what;

  @Option(
      names = "--at",
      paramLabel = "N",
      required = true,
      description = "Instruction number, or 'end': the value before this instruction.")
  String at;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Most steps of the trail (default: 64).")
  int steps = OriginFinder.DEFAULT_STEPS;

  @Option(names = "--json", description = "Print one JSON object.")
  boolean json;

  @Override
  int run(TraceSession session) {
    if (steps < 1) {
      throw new UsageException("--steps takes a number of at least 1");
    }
    long position = position(session, at, "--at");
    session.seek(position);
    Cell cell = Cell.parse(session, what);
    Origin origin =
        new OriginFinder(session, progress("following the value backwards"))
            .follow(position, cell, steps);
    console().status().end();
    if (json) {
      json(toMap(origin));
    } else {
      out().print(text(origin));
    }
    return ExitCode.GOOD;
  }

  static String text(Origin origin) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            "%s = %s before instruction %d%n",
            origin.place(), origin.value().hex(), origin.position()));
    for (Step step : origin.steps()) {
      append(text, step);
    }
    return text.append(String.format("%12s  origin: %s%n", "", origin.text())).toString();
  }

  static void append(StringBuilder text, Step step) {
    text.append(
        String.format(
            "%12d  %s%n%14s%s; = %s%s%n",
            step.position(),
            Format.sourced(step.instruction()),
            "",
            step.text(),
            step.value().hex(),
            step.repeats() == 0
                ? ""
                : String.format(
                    Locale.ROOT, " (%,d times before by the same loop)", step.repeats())));
    for (Step.Alternative other : step.alternatives()) {
      if (other.expression() != null) {
        text.append(
            String.format(
                "%14salso: %s = %s (origin --at %d %s)%n",
                "", other.name(), other.value(), other.position(), other.expression()));
      }
    }
  }

  static Map<String, Object> toMap(Origin origin) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("place", origin.place());
    map.put("position", origin.position());
    map.put("value", origin.value().hex());
    map.put("end", origin.end().name().toLowerCase(Locale.ROOT));
    map.put("text", origin.text());
    map.put("steps", origin.steps().stream().map(OriginCommand::toMap).toList());
    return map;
  }

  static Map<String, Object> toMap(Step step) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("position", step.position());
    map.put("pc", Json.hex(step.instruction().pc()));
    map.put("symbol", step.instruction().symbol());
    map.put("source", step.instruction().source());
    map.put("instruction", step.instruction().display());
    map.put("kind", step.kind().name().toLowerCase(Locale.ROOT));
    map.put("place", step.place());
    map.put("value", step.value().hex());
    map.put("text", step.text());
    map.put("repeats", step.repeats());
    List<Map<String, Object>> others = new ArrayList<>();
    for (Step.Alternative other : step.alternatives()) {
      Map<String, Object> also = new LinkedHashMap<>();
      also.put("name", other.name());
      also.put("what", other.expression());
      also.put("position", other.position());
      also.put("value", other.value());
      others.add(also);
    }
    map.put("alternatives", others);
    return map;
  }
}
