package org.chronovisor.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.chronovisor.recorder.RecordException;
import org.chronovisor.recorder.RecordOptions;
import org.chronovisor.recorder.RecordSummary;
import org.chronovisor.recorder.Recorder;
import org.chronovisor.replay.Replayer;
import org.chronovisor.replay.VerifyReport;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Traces;
import org.chronovisor.view.UiBench;
import org.chronovisor.x86.Planner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench}: plain QEMU, recording and replay, measured side by side in one run. */
@Command(
    name = "bench",
    description =
        "Measure recording and replay against plain QEMU on the sample 'compute' (over 500 million"
            + " instructions).",
    footer = {
      "",
      "recordSlowdown: CPU time of QEMU recorded / plain. replayMips: one thread, whole run."
          + " replayMipsCompiled, replayMipsCompiledWarm, replayMipsInterpreted: the same with hot"
          + " code compiled, once more, and without."
          + " seekMsP95: random positions, a new replayer each, 95th percentile. verifyMips: all"
          + " processors. openMs: opening a trace and one state. stepMsP95: one instruction back."
          + " lastWriteMsP95: variables written once, at the start. farBreakpointMs: backwards to a"
          + " breakpoint hit once, at the start. originMs: the slowest of ten trails of up to 20"
          + " steps. profileMips: all calls, all processors.",
      "",
      "Example:",
      "  chronovisor bench --json"
    })
final class BenchCommand extends BaseCommand {
  private static final double PERCENTILE = 0.95;
  private static final int PEER_SECONDS = 120;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Size of the workload; a round is about 970,000 instructions (default: 550).")
  int rounds = 550;

  @Option(names = "--seeks", paramLabel = "N", description = "Random positions (default: 200).")
  int seeks = 200;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      description = "Keep the trace here (default: it is deleted).")
  Path output;

  @Option(
      names = "--ui",
      description =
          "Measure the window, too: to the first picture (uiOpenMs), a step until all panes are"
              + " painted (uiStepMsP95), a zoom of the timeline (uiZoomMsP95).")
  boolean ui;

  @Option(
      names = "--peer",
      description =
          "Let gdb ask the same questions of QEMU's own record and replay (peer...Ms) and of our"
              + " server (gdb...Ms): a step back, a breakpoint and a write hit once, at the start."
              + " Needs gdb and qemu-img. A question is given up (null) after peerLimitMs.")
  boolean peer;

  @Option(names = "--json", description = "Print one JSON object.")
  boolean json;

  @Override
  public Integer call() throws Exception {
    if (rounds < 1 || seeks < 1) {
      throw new UsageException("--rounds and --seeks take numbers of at least 1");
    }
    Path work = output == null ? Files.createTempDirectory("chronovisor-bench") : null;
    Path directory = output == null ? work.resolve("trace") : output;
    Thread cleaner = new Thread(() -> delete(work), "bench-cleaner");
    Runtime.getRuntime().addShutdownHook(cleaner);
    try {
      Map<String, Object> result = measure(directory);
      if (json) {
        json(result);
      } else {
        result.forEach((key, value) -> out().printf("%-24s%s%n", key, text(value)));
      }
      return (boolean) result.get("verified") ? ExitCode.GOOD : ExitCode.NO;
    } finally {
      delete(work);
      Runtime.getRuntime().removeShutdownHook(cleaner);
    }
  }

  private static String text(Object value) {
    return value instanceof Double number
        ? String.format(Locale.ROOT, "%.3f", number)
        : String.valueOf(value);
  }

  private Map<String, Object> measure(Path directory) throws Exception {
    List<String> command = SampleGuests.qemu("compute", "rounds=" + rounds);
    StatusLine status = console().status();
    status.show("running plain QEMU");
    double plain = plainCpuSeconds(command);
    status.show("recording");
    double before = ChildTime.seconds();
    GuestStream guest = new GuestStream(OutputStream.nullOutputStream(), status);
    RecordSummary summary =
        new Recorder(new Planner())
            .record(
                RecordOptions.of(directory, command).withGuestOutput(guest),
                new RecordingStatus(console(), guest, true));
    double recorded = ChildTime.seconds() - before;
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("workload", "compute rounds=" + rounds);
    map.put("instructions", summary.instructions());
    map.put("plainQemuCpuSeconds", plain);
    map.put("recordedQemuCpuSeconds", recorded);
    map.put("recordSlowdown", recorded / plain);
    map.put("recordSlowdownEstimated", summary.slowdown() > 0 ? summary.slowdown() : null);
    map.put("recordMips", summary.mips());
    map.put("bytesPerInstruction", summary.bytesPerInstruction());
    try (TraceReader trace = Traces.open(directory)) {
      replay(trace, map);
    }
    new QueryBench(directory, status).measure(map);
    if (ui) {
      console().status().show("measuring the window");
      UiBench.Result window = UiBench.run(directory, seeks);
      map.put("uiOpenMs", window.open());
      map.put("uiStepMsP95", window.step());
      map.put("uiZoomMsP95", window.zoom());
    }
    if (peer) {
      Path files = Files.createTempDirectory("chronovisor-peer");
      try {
        new PeerBench(
                command, directory, SampleGuests.kernel("compute"), files, status, PEER_SECONDS)
            .measure(map);
      } finally {
        delete(files);
      }
    }
    map.put("processors", Runtime.getRuntime().availableProcessors());
    map.put("jdk", Runtime.version().toString());
    return map;
  }

  private void replay(TraceReader trace, Map<String, Object> map) {
    StatusLine status = console().status();
    status.show("replaying on one thread");
    map.put("replayMips", replay(trace, replayer -> {}));
    status.show("replaying on one thread, with compiled code");
    map.put("replayMipsCompiled", replay(trace, replayer -> replayer.compile(true)));
    map.put("replayMipsCompiledWarm", replay(trace, replayer -> replayer.compile(true)));
    map.put("replayMipsInterpreted", replay(trace, replayer -> replayer.compile(false)));
    status.begin("seeking");
    long end = new Replayer(trace).end();
    double[] millis = new double[seeks];
    Random random = new Random(1);
    for (int i = 0; i < seeks; i++) {
      long position = end == 0 ? 0 : random.nextLong(end);
      long start = System.nanoTime();
      new Replayer(trace).seek(position);
      millis[i] = (System.nanoTime() - start) / 1e6;
      status.progress(i, seeks);
    }
    Arrays.sort(millis);
    map.put("seekMsP95", millis[(int) Math.ceil(PERCENTILE * seeks) - 1]);
    map.put("seekMsMedian", millis[seeks / 2]);
    long begin = System.nanoTime();
    VerifyReport report =
        VerifyCommand.verify(trace, Runtime.getRuntime().availableProcessors(), status);
    map.put("verifyMips", mips(report.instructions(), begin));
    map.put("verified", report.ok());
  }

  private static double replay(TraceReader trace, Consumer<Replayer> how) {
    long begin = System.nanoTime();
    Replayer replayer = new Replayer(trace);
    how.accept(replayer);
    replayer.runTo(replayer.end());
    return mips(replayer.end(), begin);
  }

  private static double mips(long instructions, long begin) {
    return instructions * 1e3 / Math.max(1, System.nanoTime() - begin);
  }

  private static double plainCpuSeconds(List<String> command)
      throws IOException, InterruptedException {
    double before = ChildTime.seconds();
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      throw new RecordException("cannot run " + command.get(0) + ": install qemu-system-x86", e);
    }
    Thread killer = new Thread(process::destroyForcibly, "bench-qemu");
    Runtime.getRuntime().addShutdownHook(killer);
    process.waitFor();
    Runtime.getRuntime().removeShutdownHook(killer);
    double used = ChildTime.seconds() - before;
    // Below the clock's resolution the ratio says nothing.
    return Math.max(used, ChildTime.RESOLUTION);
  }

  private static void delete(Path directory) {
    if (directory == null || !Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException e) {
      // A temporary directory is left behind.
    }
  }
}
