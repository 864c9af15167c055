package org.chronovisor.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import org.chronovisor.trace.Traces;
import org.chronovisor.view.model.Notes;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code pack}: a trace as one file. */
@Command(
    name = "pack",
    description = "Pack a trace into one file that can be given away.",
    footer = {
      "",
      "Bookmarks made in the viewer (TRACE.notes) go with it.",
      "",
      "Example:",
      "  chronovisor pack crash crash.cvt"
    })
final class PackCommand extends BaseCommand {
  @Parameters(index = "0", paramLabel = "TRACE", description = "A trace directory.")
  Path trace;

  @Parameters(index = "1", paramLabel = "FILE.cvt", description = "Replaced when it exists.")
  Path file;

  @Override
  public Integer call() throws Exception {
    StatusLine status = console().status();
    status.begin("packing");
    Traces.pack(trace, file, Notes.beside(trace).orElse(null), status::progress);
    status.end();
    out().printf("%s: %s%n", file, Format.bytes(Files.size(file)));
    return ExitCode.GOOD;
  }
}
