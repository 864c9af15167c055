package org.chronovisor.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.chronovisor.query.ConsoleLine;
import org.chronovisor.query.ConsoleQuery;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.explain.Explanation;
import org.chronovisor.query.explain.Finding;
import org.chronovisor.recorder.RecordOptions;
import org.chronovisor.recorder.Recorder;
import org.chronovisor.replay.VerifyReport;
import org.chronovisor.x86.Planner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code demo}: the whole tool on one sample, told as a story. */
@Command(
    name = "demo",
    description =
        "Record a sample that crashes, prove the recording, and find the instruction to blame.")
final class DemoCommand extends BaseCommand {
  private static final int CONSOLE_LINES = 8;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      description = "New trace directory (default: the sample's name and the next free number).")
  Path output;

  @Option(
      names = "--sample",
      paramLabel = "NAME",
      description = "Another failing sample (default: heap-overflow).")
  String sample = "heap-overflow";

  @Override
  public Integer call() {
    PrintWriter out = out();
    List<String> qemu = SampleGuests.qemu(sample, null);
    Path directory = output == null ? TraceNames.next(Path.of(""), qemu) : output;
    title("1. Record " + sample + " under QEMU, once");
    out.println("$ chronovisor record -o " + directory + " -- " + String.join(" ", qemu));
    out.flush();
    GuestStream guest = new GuestStream(console().rawOut(), console().status());
    new Recorder(new Planner())
        .record(
            RecordOptions.of(directory, qemu).withGuestOutput(guest),
            new RecordingStatus(console(), guest, false));
    try (TraceSession session = TraceSession.open(directory)) {
      if (!verify(session, directory)) {
        return ExitCode.NO;
      }
      printed(session, directory);
      return tell(session, directory);
    }
  }

  private void title(String text) {
    out().printf("%n== %s ==%n", text);
  }

  private boolean verify(TraceSession session, Path directory) {
    title("2. Prove it: replay without QEMU, compare every keyframe");
    out().println("$ chronovisor verify " + directory);
    out().flush();
    int threads = Runtime.getRuntime().availableProcessors();
    VerifyReport report = VerifyCommand.verify(session.trace(), threads, console().status());
    report.mismatches().stream().limit(5).forEach(out()::println);
    out()
        .printf(
            "%s: %,d segments, %,d instructions%n",
            report.ok() ? "verified" : "NOT verified", report.segments(), report.instructions());
    return VerifyCommand.proved(report);
  }

  private void printed(TraceSession session, Path directory) {
    title("3. What the guest printed, and when");
    out().println("$ chronovisor console " + directory);
    List<ConsoleLine> lines = ConsoleQuery.lines(session.trace(), ProgressListener.NONE);
    int from = Math.max(0, lines.size() - CONSOLE_LINES);
    if (from > 0) {
      out().printf("%10s%n", "...");
    }
    for (ConsoleLine line : lines.subList(from, lines.size())) {
      out().printf("%10d  %s%n", line.position(), line.text());
    }
    out().flush();
  }

  private int tell(TraceSession session, Path directory) {
    title("4. Why: the bad value followed backwards, to the instruction to blame");
    out().println("$ chronovisor explain " + directory);
    out().flush();
    Explanation explanation = Explanation.of(session, progress("following the value backwards"));
    console().status().end();
    out().print(ExplainCommand.text(explanation));
    Finding cause = explanation.rootCause();
    if (cause != null) {
      String symbol = cause.instruction().symbol();
      out()
          .printf(
              "%nSo: %s%s is to blame, %,d instructions before the failure%s.%n",
              symbol == null ? "an instruction" : symbol,
              cause.instruction().source() == null ? "" : " (" + cause.instruction().source() + ")",
              explanation.failure().position() - cause.position(),
              explanation.failure().instruction().symbol() == null
                  ? ""
                  : " in " + explanation.failure().instruction().symbol());
    }
    title("Go on");
    nextCommands(explanation, directory).forEach(out()::println);
    return ExitCode.GOOD;
  }

  private static List<String> nextCommands(Explanation explanation, Path directory) {
    Finding cause = explanation.rootCause();
    long failure = explanation.failure().position();
    List<String> commands = new ArrayList<>();
    commands.add(
        "./chronovisor step "
            + directory
            + " --at "
            + (cause == null ? failure : cause.position())
            + "      # then: r, bt, rs, n, help");
    commands.add("./chronovisor state " + directory + " --at " + failure);
    if (cause != null) {
      commands.add("./chronovisor backtrace " + directory + " --at " + cause.position());
    }
    commands.add("./chronovisor profile " + directory);
    return commands;
  }
}
