package org.chronovisor.cli;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.chronovisor.gdb.GdbExpressions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code print}: the value of an expression of the source's language. */
@Command(
    name = "print",
    description = {
      "Print the value of an expression of the source's language before an instruction.",
      "Needs gdb, and the guest's ELF file with debug information."
    },
    footer = {
      "",
      "gdb is started without start-up files, scripts or servers; nothing in the guest is called.",
      "",
      "Examples:",
      "  chronovisor print crash --at 1234567 'list->head[3]'",
      "  chronovisor print crash --frame 2 \"*this\""
    })
final class PrintCommand extends ExpressionCommand {
  @Parameters(index = "1", paramLabel = "EXPR", description = "The expression.")
  String expression;

  @Override
  int run(GdbExpressions gdb, long position) throws IOException {
    String value = gdb.print(frame, expression);
    if (json) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("position", position);
      map.put("frame", frame);
      map.put("expression", expression);
      map.put("value", value);
      json(map);
    } else {
      out().println(value);
    }
    return ExitCode.GOOD;
  }
}
