package org.chronovisor.cli;

import java.nio.file.Path;
import org.chronovisor.trace.Traces;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code unpack}: a directory from a packed trace. */
@Command(
    name = "unpack",
    description = "Unpack a .cvt file into a trace directory; the file is checked wholly.",
    footer = {"", "Example:", "  chronovisor unpack crash.cvt crash"})
final class UnpackCommand extends BaseCommand {
  @Parameters(index = "0", paramLabel = "FILE.cvt", description = "A packed trace.")
  Path file;

  @Parameters(index = "1", paramLabel = "DIR", description = "New or empty.")
  Path directory;

  @Override
  public Integer call() {
    StatusLine status = console().status();
    status.begin("unpacking");
    Traces.unpack(file, directory, status::progress);
    status.end();
    out().printf("unpacked to %s%n", directory);
    return ExitCode.GOOD;
  }
}
