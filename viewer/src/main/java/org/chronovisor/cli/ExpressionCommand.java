package org.chronovisor.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.chronovisor.gdb.GdbExpressions;
import org.chronovisor.query.QueryException;
import org.chronovisor.query.TraceSession;
import org.chronovisor.symbols.dwarf.DwarfException;
import org.chronovisor.symbols.dwarf.RecordedCode;
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
    check(elf, session);
    long position = position(session, at, "--at");
    session.seek(position);
    try (GdbExpressions gdb = new GdbExpressions(session, elf)) {
      return run(gdb, position);
    }
  }

  /** Another build would give every variable a wrong value, without a word. */
  private static void check(Path elf, TraceSession session) throws IOException {
    if (!Files.isRegularFile(elf)) {
      throw new QueryException("no file " + elf + ": name the guest's ELF file with --symbols");
    }
    RecordedCode.Match match;
    try {
      match = RecordedCode.compare(elf, session.trace().blocks());
    } catch (DwarfException e) {
      throw new QueryException(elf + " is no ELF file: name the guest's with --symbols");
    }
    if (match == RecordedCode.Match.TOO_LARGE) {
      throw new QueryException(elf + " is too large: name the guest's ELF file with --symbols");
    }
    if (match != RecordedCode.Match.SAME) {
      throw new QueryException(
          elf + " is not what was recorded: its code differs; name the same build with --symbols");
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
