package org.chronovisor.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.chronovisor.gdb.GdbExpressions;
import org.chronovisor.query.TraceSession;
import picocli.CommandLine.Option;

/** A command that asks gdb about the source's variables. */
abstract class ExpressionCommand extends TraceCommand {
  @Option(
      names = "--at",
      paramLabel = "N",
      description = "Instruction number, or 'end' (default: end).")
  String at = "end";

  @Option(
      names = "--frame",
      paramLabel = "K",
      description = "The active function, as gdb numbers them (default: 0, the innermost).")
  int frame;

  @Option(
      names = "--symbols",
      paramLabel = "ELF",
      description = "The file with debug information (default: the recorded -kernel).")
  Path symbols;

  @Option(names = "--json", description = "Print one JSON object.")
  boolean json;

  @Override
  int run(TraceSession session) throws IOException {
    if (frame < 0) {
      throw new UsageException("--frame takes a number of at least 0");
    }
    Path elf = elf(session);
    long position = position(session, at, "--at");
    session.seek(position);
    try (GdbExpressions gdb = new GdbExpressions(session, elf)) {
      return run(gdb, position);
    }
  }

  abstract int run(GdbExpressions gdb, long position) throws IOException;

  private Path elf(TraceSession session) {
    if (symbols != null) {
      return symbols;
    }
    List<String> command = session.trace().header().commandLine();
    int kernel = command.indexOf("-kernel");
    if (kernel < 0 || kernel + 1 >= command.size()) {
      throw new UsageException("the recording has no -kernel: name the ELF file with --symbols");
    }
    return Path.of(command.get(kernel + 1));
  }
}
