package org.chronovisor.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.chronovisor.gdb.GdbServer;
import org.chronovisor.query.TraceSession;

/**
 * The same gdb asks the same questions of QEMU's own record and replay (docs/system/replay.rst of
 * QEMU 10.0: {@code rr=replay} with its snapshot at the start) and of our server.
 *
 * <p>Each question begins near the end of the run, in a process of its own.
 */
final class PeerBench {
  /**
   * A question.
   *
   * @param key ending of its figures' keys
   * @param before gdb's command before the one that is timed, or null
   */
  private record Question(String key, String before, String timed) {}

  private static final List<Question> QUESTIONS =
      List.of(
          new Question("StepMs", null, "reverse-stepi"),
          new Question("BreakpointMs", "hbreak kernel_main", "reverse-continue"),
          new Question("LastWriteMs", "watch -l *(long *) &ram_bytes", "reverse-continue"));

  private static final Pattern TIME = Pattern.compile("^TIME ([0-9.]+)$", Pattern.MULTILINE);

  private final List<String> command;
  private final Path trace;
  private final Path kernel;
  private final Path work;
  private final StatusLine status;
  private final int limit;

  /**
   * @param command QEMU's, with the kernel
   * @param trace the same guest's
   * @param work an empty directory
   * @param limit seconds after which a question is given up
   */
  PeerBench(
      List<String> command, Path trace, Path kernel, Path work, StatusLine status, int limit) {
    this.command = command;
    this.trace = trace;
    this.kernel = kernel;
    this.work = work;
    this.status = status;
    this.limit = limit;
  }

  /** Adds the figures to a map; null where a question was given up. */
  void measure(Map<String, Object> map) throws IOException, InterruptedException {
    status.show("QEMU records by itself");
    Path disk = work.resolve("snapshots.qcow2");
    String size = "64M";
    if (run(List.of("qemu-img", "create", "-q", "-f", "qcow2", disk.toString(), size)) != 0) {
      throw new UsageException("--peer needs qemu-img: install qemu-utils");
    }
    if (run(qemu("record", disk)) < 0) {
      throw new UsageException("--peer: QEMU could not record with rr=record");
    }
    map.put("peerLimitMs", limit * 1000);
    for (Question question : QUESTIONS) {
      status.show("asking QEMU's replay: " + question.key);
      map.put("peer" + question.key, askQemu(question, disk));
      status.show("asking our server: " + question.key);
      map.put("gdb" + question.key, askUs(question));
    }
  }

  private List<String> qemu(String mode, Path disk) {
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of("-net", "none", "-drive", "file=" + disk + ",if=none,id=chronovisor-rr"));
    String file = work.resolve("replay.bin").toString();
    all.addAll(List.of("-icount", "shift=7,rr=" + mode + ",rrfile=" + file + ",rrsnapshot=init"));
    return all;
  }

  private static ProcessBuilder quiet(List<String> command) {
    return new ProcessBuilder(command)
        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD);
  }

  /** The exit code, or -1 when it could not be run. */
  private static int run(List<String> command) throws InterruptedException {
    try {
      return quiet(command).start().waitFor();
    } catch (IOException e) {
      return -1;
    }
  }

  private Double askQemu(Question question, Path disk) throws IOException, InterruptedException {
    Path socket = work.resolve("gdb.sock");
    Files.deleteIfExists(socket);
    List<String> all = qemu("replay", disk);
    all.addAll(List.of("-S", "-gdb", "unix:" + socket + ",server=on,wait=off"));
    Process qemu = quiet(all).start();
    try {
      for (int i = 0; i < 200 && !Files.exists(socket); i++) {
        Thread.sleep(50);
      }
      return ask(question, socket.toString());
    } finally {
      qemu.destroyForcibly();
      qemu.waitFor();
    }
  }

  private Double askUs(Question question) throws IOException, InterruptedException {
    try (TraceSession session = TraceSession.open(trace);
        GdbServer server = new GdbServer(session, InetAddress.getLoopbackAddress(), 0)) {
      Thread thread = new Thread(() -> serve(server), "bench-gdb");
      thread.setDaemon(true);
      thread.start();
      return ask(question, "127.0.0.1:" + server.port());
    }
  }

  private static void serve(GdbServer server) {
    try {
      server.serve(true);
    } catch (IOException e) {
      // gdb was ended.
    }
  }

  /** Milliseconds that gdb's last command took, or null when it was given up. */
  private Double ask(Question question, String target) throws IOException, InterruptedException {
    List<String> lines =
        new ArrayList<>(
            List.of(
                "set pagination off",
                "set confirm off",
                "target remote " + target,
                "hbreak console_printf",
                "continue",
                "delete"));
    if (question.before != null) {
      lines.add(question.before);
    }
    lines.add("python import time; begin = time.time()");
    lines.add(question.timed);
    lines.add("python print('TIME', time.time() - begin, flush=True)");
    Path script = Files.write(work.resolve("questions.gdb"), lines);
    Path output = work.resolve("gdb.log");
    Process gdb =
        new ProcessBuilder(
                "gdb", "-nx", "-nh", "-batch", "-x", script.toString(), kernel.toString())
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(output.toFile())
            .redirectErrorStream(true)
            .start();
    try {
      gdb.waitFor(limit, TimeUnit.SECONDS);
    } finally {
      gdb.destroyForcibly();
      gdb.waitFor();
    }
    Matcher time = TIME.matcher(Files.readString(output, StandardCharsets.UTF_8));
    return time.find() ? (Double) (Double.parseDouble(time.group(1)) * 1e3) : null;
  }
}
