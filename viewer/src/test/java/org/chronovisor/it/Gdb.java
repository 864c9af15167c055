package org.chronovisor.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.chronovisor.gdb.GdbServer;
import org.chronovisor.query.TraceSession;
import org.chronovisor.replay.Replayer;

/** A trace that is served, and the real gdb attached to it in batch mode. */
final class Gdb implements AutoCloseable {
  private static final long SECONDS = 90;

  private final Sample sample;
  private final TraceSession session;
  private final GdbServer server;
  private final Thread thread;
  private volatile Throwable failure;

  /** Serves a trace from its end on. */
  Gdb(Sample sample, Path trace) throws IOException {
    this.sample = sample;
    session = TraceSession.open(trace);
    Replayer replayer = session.replayer();
    replayer.seek(replayer.end());
    server = new GdbServer(session, InetAddress.getLoopbackAddress(), 0);
    thread =
        new Thread(
            () -> {
              try {
                server.serve(false);
              } catch (IOException | RuntimeException e) {
                failure = e;
              }
            });
    thread.start();
  }

  int port() {
    return server.port();
  }

  /** Runs commands in a gdb that knows the sample's symbols; all that it prints. */
  String run(String... commands) throws Exception {
    List<String> command = new ArrayList<>(List.of("gdb", "-batch", "-nx"));
    for (String setting :
        List.of(
            "set pagination off",
            "set confirm off",
            "set width 0",
            "set debuginfod enabled off",
            "target remote 127.0.0.1:" + port())) {
      command.addAll(List.of("-ex", setting));
    }
    for (String one : commands) {
      command.addAll(List.of("-ex", one));
    }
    command.add(sample.elf().toString());
    Path output = Files.createTempFile(Recordings.directory(), "gdb", ".txt");
    Process gdb =
        new ProcessBuilder(command)
            .directory(Sample.home().toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      boolean ended = gdb.waitFor(SECONDS, TimeUnit.SECONDS);
      String text = Files.readString(output, StandardCharsets.UTF_8);
      assertTrue(ended, () -> "gdb hangs after\n" + text);
      return text;
    } finally {
      gdb.destroyForcibly();
    }
  }

  @Override
  public void close() throws InterruptedException {
    server.close();
    thread.join(10_000);
    session.close();
    if (failure != null) {
      throw new AssertionError(failure);
    }
  }
}
