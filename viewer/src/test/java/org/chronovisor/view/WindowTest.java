package org.chronovisor.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real windows on a display that nobody sees. Pictures of them stay in target/screenshots. */
class WindowTest {
  private static final long SECONDS = 600;

  private static Process server;
  private static String display;

  @TempDir Path directory;

  @BeforeAll
  static void startDisplay() throws IOException {
    assumeTrue(has("Xvfb"), "no Xvfb: './chronovisor setup' installs it");
    server =
        new ProcessBuilder(
                "Xvfb", "-displayfd", "1", "-screen", "0", "2600x1700x24", "-nolisten", "tcp")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    display =
        ":"
            + new BufferedReader(
                    new InputStreamReader(server.getInputStream(), StandardCharsets.US_ASCII))
                .readLine();
  }

  @AfterAll
  static void stopDisplay() throws InterruptedException {
    if (server != null) {
      server.destroy();
      server.waitFor(10, TimeUnit.SECONDS);
    }
  }

  private static boolean has(String program) {
    for (String path : System.getenv("PATH").split(":")) {
      if (Files.isExecutable(Path.of(path, program))) {
        return true;
      }
    }
    return false;
  }

  @Test
  void walksThroughTheExample() throws Exception {
    run(1, "walk", copy().toString());
    assertTrue(Files.size(pictures().resolve("failure-light.png")) > 20_000);
    assertTrue(Files.size(pictures().resolve("culprit-dark.png")) > 20_000);
  }

  @Test
  void isSharpAtTwiceTheScale() throws Exception {
    run(2, "picture", copy().toString(), "failure-hidpi");
    var image = javax.imageio.ImageIO.read(pictures().resolve("failure-hidpi.png").toFile());
    assertEquals(2560, image.getWidth());
    assertEquals(1600, image.getHeight());
  }

  @Test
  void theWelcomeWindowOpensTheExample() throws Exception {
    run(1, "welcome");
  }

  @Test
  void recordsFromTheDialogAndOpensTheTrace() throws Exception {
    assumeTrue(has("qemu-system-x86_64"), "no QEMU");
    String guest = ExampleTrace.home().resolve("samples/target/guests/hello.elf").toString();
    run(
        1,
        "record",
        copy().toString(),
        "qemu-system-x86_64 -kernel '"
            + guest
            + "' -m 64 -nodefaults -display none -serial stdio -no-reboot \\\n"
            + " -device isa-debug-exit,iobase=0xf4,iosize=4",
        directory.resolve("recorded").toString());
  }

  /** A copy: notes are written beside a trace. */
  private Path copy() throws IOException {
    return Files.copy(ExampleTrace.file(), directory.resolve("heap-overflow.cvt"));
  }

  private static Path pictures() {
    return ExampleTrace.home().resolve("viewer/target/screenshots");
  }

  private void run(int scale, String script, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
            "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
            "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
            "-Dchronicle.announcer.disable=true",
            "-Dsystem.properties=/dev/null",
            "-Dsun.java2d.uiScale=" + scale,
            "-Dchronovisor.home=" + ExampleTrace.home(),
            "-Dchronovisor.settings=" + directory.resolve("settings"),
            "-Dchronovisor.plugin="
                + ExampleTrace.home().resolve("recorder/target/libchronovisor.so"),
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            WindowScript.class.getName(),
            script,
            pictures().toString()));
    command.addAll(List.of(arguments));
    Path log = directory.resolve(script + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(log.toFile());
    builder.environment().put("DISPLAY", display);
    Process process = builder.start();
    try {
      assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS), () -> "still runs: " + read(log));
      assertEquals(0, process.exitValue(), () -> read(log));
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
