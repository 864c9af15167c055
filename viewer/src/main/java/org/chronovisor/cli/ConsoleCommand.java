package org.chronovisor.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.chronovisor.query.ConsoleLine;
import org.chronovisor.query.ConsoleQuery;
import org.chronovisor.query.TraceSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code console}: what the guest printed. */
@Command(
    name = "console",
    description =
        "Show what the guest printed on its serial ports and debug console, each line with the"
            + " number of the instruction that printed its first character.",
    footer = {"", "Example:", "  chronovisor console crash"})
final class ConsoleCommand extends TraceCommand {
  @Option(
      names = "--before",
      paramLabel = "N",
      description = "Only what instructions before this one printed.")
  String before;

  @Option(names = "--raw", description = "The bytes as printed, without numbers.")
  boolean raw;

  @Option(names = "--json", description = "Print one JSON object.")
  boolean json;

  @Override
  int run(TraceSession session) {
    long limit = before == null ? Long.MAX_VALUE : position(session, before, "--before");
    List<ConsoleLine> lines =
        ConsoleQuery.lines(session.trace(), limit, progress("reading the console"));
    console().status().end();
    if (raw) {
      out().flush();
      for (ConsoleLine line : lines) {
        console().rawOut().writeBytes(line.bytes());
      }
      console().rawOut().flush();
    } else if (json) {
      json(toMap(lines));
    } else {
      for (ConsoleLine line : lines) {
        out().printf("%12d  %s%n", line.position(), line.text());
      }
    }
    return ExitCode.GOOD;
  }

  private static Map<String, Object> toMap(List<ConsoleLine> lines) {
    List<Map<String, Object>> list = new ArrayList<>();
    for (ConsoleLine line : lines) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("position", line.position());
      map.put("port", Json.hex(line.port()));
      map.put("text", line.text());
      list.add(map);
    }
    return Map.of("lines", list);
  }
}
