package org.chronovisor.cli;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Unmatched;

/** {@code gdbserver}: announced, not there yet. */
@Command(name = "gdbserver", description = "A GDB server over a trace (not in this version).")
final class GdbServerCommand extends BaseCommand {
  @Parameters(arity = "0..*", hidden = true)
  List<String> ignored;

  @Unmatched List<String> unmatched;

  @Override
  public Integer call() {
    throw new UsageException(
        "gdbserver comes with a later version; 'chronovisor step' walks a trace");
  }
}
