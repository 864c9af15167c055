package org.chronovisor.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.chronovisor.query.TraceSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code step}: walk a run interactively. */
@Command(
    name = "step",
    description =
        "Walk the run instruction by instruction, in both directions. Commands are read from the"
            + " terminal or from a pipe; 'help' lists them.",
    footer = {
      "",
      "Examples:",
      "  chronovisor step crash --at end",
      "  echo 'goto 1000; s 5; r' | tr ';' '\\n' | chronovisor step crash"
    })
final class StepCommand extends TraceCommand {
  @Option(
      names = "--at",
      paramLabel = "N",
      description = "Where to begin: instruction number, or 'end' (default: 0).")
  String at = "0";

  @Override
  int run(TraceSession session) throws IOException {
    session.seek(position(session, at, "--at"));
    StepDialog dialog = new StepDialog(session, console());
    dialog.begin();
    boolean interactive = console().isInteractive();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(console().in(), StandardCharsets.UTF_8));
    while (true) {
      if (interactive) {
        out().print(dialog.prompt());
      }
      out().flush();
      String line = in.readLine();
      if (line == null || !dialog.execute(line)) {
        break;
      }
    }
    return ExitCode.GOOD;
  }
}
