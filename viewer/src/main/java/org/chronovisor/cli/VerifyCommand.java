package org.chronovisor.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.chronovisor.replay.Verifier;
import org.chronovisor.replay.VerifyReport;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Traces;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code verify}: the proof that a replay equals the recording. */
@Command(
    name = "verify",
    description =
        "Replay the whole trace and prove that every segment lands on the next keyframe, register"
            + " for register and byte for byte.",
    footer = {
      "",
      "Exit code 0 only if every segment does; 1 if one does not.",
      "",
      "Example:",
      "  chronovisor verify crash"
    })
final class VerifyCommand extends BaseCommand {
  /** Mismatches printed for people; JSON has all. */
  private static final int MOST_LINES = 20;

  @Parameters(index = "0", paramLabel = "TRACE", description = "A trace directory or .cvt file.")
  Path trace;

  @Option(names = "--json", description = "Print one JSON object.")
  boolean json;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Segments replayed at a time (default: one per processor).")
  int threads = Runtime.getRuntime().availableProcessors();

  @Override
  public Integer call() {
    if (threads < 1) {
      throw new UsageException("--threads takes a number of at least 1");
    }
    try (TraceReader reader = Traces.open(trace)) {
      VerifyReport report = verify(reader, threads, console().status());
      if (json) {
        json(toMap(report));
      } else {
        print(report, reader.end().isPresent());
      }
      return proved(report) ? ExitCode.GOOD : ExitCode.NO;
    }
  }

  /** A trace without a whole segment proves nothing. */
  static boolean proved(VerifyReport report) {
    return report.ok() && report.segments() > 0;
  }

  static VerifyReport verify(TraceReader reader, int threads, StatusLine status) {
    int segments = reader.segmentCount();
    long total = segments == 0 ? 0 : reader.segment(segments - 1).end();
    status.begin("verifying");
    try {
      return Verifier.verify(
          reader,
          threads,
          (done, instructions) -> status.progress(instructions, total),
          () -> false);
    } finally {
      status.end();
    }
  }

  static Map<String, Object> toMap(VerifyReport report) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("ok", proved(report));
    map.put("segments", report.segments());
    map.put("instructions", report.instructions());
    map.put("mismatches", report.mismatches());
    return map;
  }

  private void print(VerifyReport report, boolean complete) {
    if (report.segments() == 0) {
      out().println("NOT verified: the trace holds no whole segment");
      return;
    }
    report.mismatches().stream().limit(MOST_LINES).forEach(out()::println);
    if (report.mismatches().size() > MOST_LINES) {
      out().printf("... and %d more%n", report.mismatches().size() - MOST_LINES);
    }
    out()
        .printf(
            "%s: %,d segment%s, %,d instructions%s%n",
            report.ok() ? "verified" : "NOT verified",
            report.segments(),
            report.segments() == 1 ? "" : "s",
            report.instructions(),
            complete ? "" : " (incomplete trace: up to its last whole segment)");
  }
}
