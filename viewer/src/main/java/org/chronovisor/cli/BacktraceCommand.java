package org.chronovisor.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.chronovisor.query.Backtrace;
import org.chronovisor.query.TraceSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code backtrace}: the functions active at an instruction. */
@Command(
    name = "backtrace",
    description = "Show the functions that are active before an instruction, innermost first.",
    footer = {
      "",
      "Found on the stack; 'calls --at N' tells it from the history of calls, whatever the stack"
          + " holds.",
      "",
      "Example:",
      "  chronovisor backtrace crash --at 1234567"
    })
final class BacktraceCommand extends TraceCommand {
  @Option(
      names = "--at",
      paramLabel = "N",
      required = true,
      description = "Instruction number, or 'end'.")
  String at;

  @Option(names = "--json", description = "Print one JSON object.")
  boolean json;

  @Override
  int run(TraceSession session) {
    long position = position(session, at, "--at");
    List<Backtrace.Frame> frames = Backtrace.at(session, position);
    if (json) {
      List<Map<String, Object>> list = new ArrayList<>();
      for (Backtrace.Frame frame : frames) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("pc", Json.hex(frame.pc()));
        map.put("symbol", frame.symbol());
        map.put("source", frame.source());
        list.add(map);
      }
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("position", position);
      map.put("frames", list);
      json(map);
    } else {
      for (int i = 0; i < frames.size(); i++) {
        out().printf("#%-3d %s%n", i, Format.frame(frames.get(i)));
      }
    }
    return ExitCode.GOOD;
  }
}
