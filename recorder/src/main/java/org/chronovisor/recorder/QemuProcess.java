package org.chronovisor.recorder;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The QEMU that is recorded.
 *
 * <p>It runs in a session of its own: a Ctrl-C in the terminal must reach the recorder only, which
 * then stops the guest in an orderly way. Its standard streams are passed on.
 */
final class QemuProcess {
  private static final Path SETSID = Path.of("/usr/bin/setsid");
  private static final int KEPT_LINES = 20;

  private final Process process;
  private final List<String> errors = new ArrayList<>();
  private boolean held = true;
  private final Thread outputPump;
  private final Thread errorPump;
  private final Consumer<String> onError;

  /**
   * Starts it.
   *
   * @param onError told each line of its standard error once {@link #showErrors} was called
   */
  QemuProcess(
      List<String> command,
      InputStream guestInput,
      OutputStream guestOutput,
      Consumer<String> onError) {
    this.onError = onError;
    List<String> whole = new ArrayList<>(command);
    if (Files.isExecutable(SETSID)) {
      whole.add(0, SETSID.toString());
    }
    try {
      process = new ProcessBuilder(whole).start();
    } catch (IOException e) {
      throw new RecordException("cannot run " + command.get(0) + ": " + e.getMessage(), e);
    }
    outputPump = pump("qemu-stdout", () -> copy(process.getInputStream(), guestOutput));
    errorPump = pump("qemu-stderr", this::copyErrors);
    pump("qemu-stdin", () -> copyInput(guestInput));
  }

  private interface Pump {
    void run() throws IOException;
  }

  private static Thread pump(String name, Pump pump) {
    Thread thread =
        new Thread(
            () -> {
              try {
                pump.run();
              } catch (IOException e) {
                // One of the two ends is closed: nothing is left to pass on.
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static void copy(InputStream in, OutputStream out) throws IOException {
    byte[] buffer = new byte[8192];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      out.write(buffer, 0, n);
      out.flush();
    }
  }

  private void copyInput(InputStream guestInput) throws IOException {
    try (OutputStream out = process.getOutputStream()) {
      copy(guestInput, out);
    }
  }

  private void copyErrors() throws IOException {
    try (java.io.BufferedReader in =
        new java.io.BufferedReader(
            new java.io.InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        synchronized (errors) {
          if (held) {
            errors.add(line);
            if (errors.size() > KEPT_LINES) {
              errors.remove(0);
            }
            continue;
          }
        }
        onError.accept(line);
      }
    }
  }

  /** From now on what it writes to its standard error is passed on. */
  void showErrors() {
    List<String> lines;
    synchronized (errors) {
      held = false;
      lines = List.copyOf(errors);
      errors.clear();
    }
    lines.forEach(onError);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Waits for the end; false when it still runs. */
  boolean await(long millis) {
    try {
      return process.waitFor(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Waits until all output of the ended process has been passed on. */
  void awaitOutput() {
    try {
      outputPump.join(2000);
      errorPump.join(2000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  int exitValue() {
    return process.exitValue();
  }

  void kill() {
    process.destroyForcibly();
  }

  /** CPU time used so far; zero when unknown. */
  Duration cpuTime() {
    return process.toHandle().info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /**
   * What it wrote to its standard error before {@link #showErrors}, without its name, as one line;
   * or an empty string.
   */
  String errors() {
    synchronized (errors) {
      return errors.stream()
          .map(line -> line.replaceFirst("^qemu[-a-z0-9_]*: ", ""))
          .distinct()
          .reduce((a, b) -> a + "; " + b)
          .orElse("");
    }
  }
}
