package org.chronovisor.cli;

import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.search.Hit;
import org.chronovisor.query.search.Search;
import org.chronovisor.symbols.AddressExpression;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code find-exec}: when an instruction was executed. */
@Command(
    name = "find-exec",
    description =
        "Find the executions of an instruction, a function's first one, or a source line.",
    footer = {
      "",
      "The condition sees the registers and memory before the instruction. Exit code 1: nothing"
          + " found.",
      "",
      "Examples:",
      "  chronovisor find-exec crash heap_free --last",
      "  chronovisor find-exec crash stations.c:66 --count",
      "  chronovisor find-exec crash heap_alloc --if 'rdi > 1000'"
    })
final class FindExecCommand extends SearchCommand {
  private static final Pattern LINE = Pattern.compile("([^\\s:]+\\.[A-Za-z]+):(\\d{1,7})");

  @Parameters(
      index = "1",
      paramLabel = "WHERE",
      description = "0x..., SYMBOL, SYMBOL+OFFSET or FILE:LINE.")
  String where;

  @Override
  void search(TraceSession session, Search search, long end, Predicate<Hit> sink) {
    search.executions(addresses(session, where), sink);
  }

  /** The linear addresses a place in the code stands for. */
  static Collection<Long> addresses(TraceSession session, String where) {
    Matcher line = LINE.matcher(where);
    if (line.matches()) {
      List<Long> found = session.lines().addresses(line.group(1), Integer.parseInt(line.group(2)));
      if (found.isEmpty()) {
        throw new UsageException("no code for line " + where + " in the trace's line tables");
      }
      return found;
    }
    session.seek(0);
    return List.of(session.evaluate(AddressExpression.parse(where)));
  }
}
