package org.chronovisor.cli;

import java.awt.GraphicsEnvironment;
import java.nio.file.Path;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Traces;
import org.chronovisor.view.Viewer;
import org.chronovisor.view.ViewerHome;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code view}: a trace in a window. */
@Command(
    name = "view",
    description = {
      "Look at a trace in a window: the whole run on a time line, and every instruction's state.",
      "Opens on the failure, with what led to it. Without TRACE: recent traces, open, record, and"
          + " an example."
    },
    footer = {
      "",
      "Examples:",
      "  chronovisor view samples/traces/heap-overflow.cvt",
      "  chronovisor view crash --at 1234567"
    })
final class ViewCommand extends BaseCommand {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "TRACE",
      description = "A trace directory or .cvt file.")
  Path trace;

  @Option(
      names = "--at",
      paramLabel = "N",
      description = "Where to begin: instruction number, or 'end' (default: the failure).")
  String at;

  @Override
  public Integer call() throws Exception {
    if (trace == null && at != null) {
      throw new UsageException("--at needs a TRACE");
    }
    if (GraphicsEnvironment.isHeadless()) {
      throw new UsageException(
          "view needs a display (DISPLAY is not set); 'chronovisor step' walks a trace in a"
              + " terminal");
    }
    Path home = Path.of(System.getProperty("chronovisor.home", ""));
    Viewer viewer =
        new Viewer(
            new ViewerHome(
                home,
                home.resolve("samples/traces/heap-overflow.cvt"),
                command -> TraceNames.next(Path.of("").toAbsolutePath(), command)));
    if (trace == null) {
      java.awt.EventQueue.invokeAndWait(viewer::welcome);
    } else {
      TraceReader reader = Traces.open(trace);
      viewer.show(trace, reader, position(reader));
    }
    viewer.await();
    return ExitCode.GOOD;
  }

  private long position(TraceReader reader) {
    if (at == null) {
      return -1;
    }
    int segments = reader.segmentCount();
    long end = segments == 0 ? 0 : reader.segment(segments - 1).end();
    long position = TraceCommand.position(end, at, "--at");
    if (position > end) {
      throw new UsageException("no position " + position + ": the trace has positions 0 to " + end);
    }
    return position;
  }
}
