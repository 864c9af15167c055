package org.chronovisor.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.chronovisor.query.Backtrace;
import org.chronovisor.query.TraceSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code backtrace}: the functions that are active before an instruction. */
@Command(
    name = "backtrace",
    aliases = "bt",
    description = {
      "Show the active functions before an instruction, innermost first, inlined ones too.",
      "",
      "Without a remark a function was found by call-frame information, which is exact. Other ways:"
          + " the chain of frame pointers, the frame that an interrupt pushed, and last a search of"
          + " the stack, which is likely but not certain."
    },
    footer = {"", "Example:", "  chronovisor backtrace crash --at 1234567"})
final class BacktraceCommand extends TraceCommand {
  @Option(
      names = "--at",
      paramLabel = "N",
      description = "Instruction number, or 'end' (default: end).")
  String at = "end";

  @Option(names = "--json", description = "Print one JSON object.")
  boolean json;

  @Override
  int run(TraceSession session) {
    long position = position(session, at, "--at");
    List<Backtrace.Frame> frames = Backtrace.at(session, position);
    if (json) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("position", position);
      map.put("frames", toList(frames));
      json(map);
      return ExitCode.GOOD;
    }
    for (int i = 0; i < frames.size(); i++) {
      out().printf("#%-3d %s%n", i, Format.frame(frames.get(i)));
    }
    return ExitCode.GOOD;
  }

  static List<Map<String, Object>> toList(List<Backtrace.Frame> frames) {
    List<Map<String, Object>> list = new ArrayList<>();
    for (Backtrace.Frame frame : frames) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("pc", Json.hex(frame.pc()));
      map.put("function", frame.function());
      map.put("symbol", frame.symbol());
      map.put("source", frame.source());
      map.put("foundBy", frame.how().name().toLowerCase(Locale.ROOT).replace('_', ' '));
      list.add(map);
    }
    return list;
  }
}
