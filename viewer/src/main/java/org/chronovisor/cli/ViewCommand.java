package org.chronovisor.cli;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Unmatched;

/** {@code view}: announced, not there yet. */
@Command(name = "view", description = "Look at a trace in a window (not in this version).")
final class ViewCommand extends BaseCommand {
  @Parameters(arity = "0..*", hidden = true)
  List<String> ignored;

  @Unmatched List<String> unmatched;

  @Override
  public Integer call() {
    throw new UsageException("view comes with a later version; 'chronovisor step' walks a trace");
  }
}
