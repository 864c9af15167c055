package org.chronovisor.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.chronovisor.gdb.GdbExpressions;
import picocli.CommandLine.Command;

/** {@code locals}: the variables of an active function. */
@Command(
    name = "locals",
    description = {
      "Show the parameters and local variables of an active function before an instruction.",
      "Needs gdb, and the guest's ELF file with debug information."
    },
    footer = {
      "",
      "Exit code 1: the function has none.",
      "",
      "Example:",
      "  chronovisor locals crash --at 1234567 --frame 1"
    })
final class LocalsCommand extends ExpressionCommand {
  @Override
  int run(GdbExpressions gdb, long position) throws IOException {
    List<GdbExpressions.Variable> variables = gdb.locals(frame);
    if (json) {
      List<Map<String, Object>> list = new ArrayList<>();
      for (GdbExpressions.Variable variable : variables) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("name", variable.name());
        one.put("parameter", variable.parameter());
        one.put("value", variable.value());
        list.add(one);
      }
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("position", position);
      map.put("frame", frame);
      map.put("variables", list);
      json(map);
    } else {
      for (GdbExpressions.Variable variable : variables) {
        out()
            .printf(
                "%s = %s%s%n",
                variable.name(), variable.value(), variable.parameter() ? "  (parameter)" : "");
      }
    }
    return variables.isEmpty() ? ExitCode.NO : ExitCode.GOOD;
  }
}
