package org.chronovisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
  @TempDir Path directory;

  /** What one run of the command line gave. */
  record Result(int code, String out, String err) {}

  static Result run(String... args) {
    return runWithInput("", args);
  }

  static Result runWithInput(String input, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        new Console(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)))
            .execute(args);
    return new Result(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static void assertOneLineError(int code, Result result) {
    assertEquals(code, result.code(), result.err());
    assertEquals(1, result.err().lines().count(), result.err());
    assertTrue(result.err().startsWith("chronovisor: "), result.err());
    assertFalse(result.err().contains("Exception"), result.err());
    assertEquals("", result.out());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "record",
        "info",
        "verify",
        "state",
        "mem",
        "last-write",
        "console",
        "explain",
        "origin",
        "find-exec",
        "find-writes",
        "find-reads",
        "find-bytes",
        "events",
        "calls",
        "profile",
        "backtrace",
        "step",
        "pack",
        "unpack",
        "demo",
        "bench",
        "gdbserver",
        "view"
      })
  void everyCommandHasHelp(String command) {
    Result result = run(command, "--help");
    assertEquals(0, result.code());
    assertTrue(result.out().contains("Usage: chronovisor " + command), result.out());
    assertEquals("", result.err());
  }

  @Test
  void theHelpListsExamplesAndExitCodes() {
    Result result = run("--help");
    assertEquals(0, result.code());
    assertTrue(result.out().contains("Examples:"));
    assertTrue(result.out().contains("Exit codes:"));
  }

  @Test
  void theVersionIsTheBuilds() {
    Result result = run("--version");
    assertEquals(0, result.code());
    assertTrue(result.out().matches("chronovisor \\d+\\.\\d+.*\\R"), result.out());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "stat x",
        "--bogus",
        "info",
        "info a b",
        "state x",
        "state x --at",
        "mem x --at 1 foo",
        "last-write x foo",
        "record",
        "record -o x",
        "origin x",
        "origin x --at 1",
        "find-exec x",
        "calls x --depth deep",
        "events x --limit many",
        "verify x --threads many",
        "verify x --threads 0",
        "pack x",
        "bench --rounds 0",
        "gdbserver",
        "gdbserver x --port many",
        "view --at 5",
        "record --segment-length 0 -- qemu"
      })
  void badUsageIsOneLineAndCodeTwo(String line) {
    assertOneLineError(2, run(line.isEmpty() ? new String[0] : line.split(" ")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "info",
        "verify",
        "gdbserver --port 0",
        "state --at 0",
        "mem --at 0 16 16",
        "last-write --before 0 16",
        "console",
        "crash",
        "step"
      })
  void aTraceThatIsNotThereIsCodeThree(String line) {
    String[] args = (line + " " + directory.resolve("nothing")).split(" ");
    // The trace comes first among the positional parameters.
    if (line.startsWith("mem")) {
      args = ("mem " + directory.resolve("nothing") + " --at 0 16 16").split(" ");
    } else if (line.startsWith("last")) {
      args = ("last-write " + directory.resolve("nothing") + " --before 0 16").split(" ");
    }
    assertOneLineError(3, run(args));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "no trace at all", "CVT"})
  void aForeignFileIsCodeThree(String content) throws IOException {
    Path file = directory.resolve("foreign.cvt");
    Files.writeString(file, content);
    assertOneLineError(3, run("info", file.toString()));
    assertOneLineError(3, run("unpack", file.toString(), directory.resolve("unpacked").toString()));
  }

  @Test
  void aDirectoryThatIsNoTraceIsCodeThree() {
    assertOneLineError(3, run("info", directory.toString()));
  }

  @Test
  void aQemuThatIsNotThereIsCodeThree() {
    assertOneLineError(
        3, run("record", "-o", directory.resolve("t").toString(), "--", "no-such-qemu"));
  }

  @Test
  void mistypedCommandsAreGuessed() {
    assertTrue(run("verfy", "x").err().contains("did you mean verify"));
  }
}
