package org.chronovisor.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.chronovisor.it.Cli.Result;
import org.chronovisor.it.Recordings.How;
import org.junit.jupiter.api.Test;

/** The moves of {@code step} lead where the searches find something. */
class StepDialogTest {
  private final Path trace = Recordings.of(Sample.HEAP_OVERFLOW, How.PLAIN).trace();

  @Test
  void breakpointsStopInBothDirections() {
    long first = found("find-exec", "log_value", "--first");
    long last = found("find-exec", "log_value", "--last");
    assertEquals(List.of(0L, first), places("b log_value\nc\n"));
    assertEquals(List.of(0L, end(), last), places("goto end\nb log_value\nrc\n"));
    assertEquals(List.of(0L, first, 0L), places("b log_value\nc\nrc\n"));
    assertEquals(List.of(0L, end()), places("b log_value\nd 1\nc\n"));
    assertEquals(List.of(0L, first, 0L), places("u log_value\nru _start\n"));
  }

  @Test
  void aConditionalBreakpointStopsWhereItHolds() {
    long large = found("find-exec", "heap_alloc", "--if", "rdi > 1000", "--first");
    assertEquals(List.of(0L, large), places("b heap_alloc if rdi > 1000\nc\n"));
  }

  @Test
  void watchpointsStopBehindAChangeAndBeforeIt() {
    long write = found("find-writes", "log_checksum", "--from", "11000", "--first");
    assertEquals(
        List.of(0L, 11000L, write + 1, write), places("goto 11000\nw log_checksum\nc\nrc\n"));
  }

  @Test
  void linesAndFunctionsAreWalkedAsWholes() {
    long call = found("find-exec", "log_value", "--first");
    List<String> lines = lines("u log_value\nl\nnl\nrnl\nf\nru log_value\nrf\n");
    assertTrue(lines.get(1).endsWith("main.c:51"), lines::toString);
    assertTrue(lines.get(2).endsWith("main.c:52"), lines::toString);
    assertTrue(lines.get(3).endsWith("main.c:53"), lines::toString);
    assertEquals(lines.get(2), lines.get(4));
    assertTrue(lines.get(5).contains(" one_minute+"), lines::toString);
    assertTrue(lines.get(7).matches(".* one_minute\\+.*: call.*"), lines::toString);
    assertTrue(lines.get(7).startsWith(call - 1 + " "), lines::toString);
  }

  @Test
  void eventsAreReachedFromBothSides() {
    long fault = found("events", "--kind", "exception", "--limit", "1");
    assertEquals(List.of(0L, fault, end(), fault), places("e exception\ngoto end\nre exception\n"));
    Result none = Cli.runWithInput("re exception\n", "step", trace);
    assertTrue(none.out().contains("no such event before"), none::toString);
  }

  @Test
  void whatIsWrongIsSaidInOneLine() {
    String input = "b nonsense\nb\nw\nd\nd 7\nl x\nb _start if (\ne nonsense\nf\n";
    Result result = Cli.runWithInput(input, "step", trace);
    assertEquals(0, result.code(), result::toString);
    assertEquals(2 + input.lines().count(), result.out().lines().count(), result::toString);
  }

  private long end() {
    return places("goto end\n").get(1);
  }

  private List<Long> places(String commands) {
    return lines(commands).stream().map(line -> Long.parseLong(line.split(" ")[0])).toList();
  }

  /** The lines that tell where the machine stands. */
  private List<String> lines(String commands) {
    Result result = Cli.runWithInput(commands, "step", trace);
    assertEquals(0, result.code(), result::toString);
    return result
        .out()
        .lines()
        .filter(line -> line.matches(" *\\d+  0x[0-9a-f]+ .*: .*"))
        .map(String::strip)
        .toList();
  }

  private long found(String command, String... options) {
    List<Object> args = new java.util.ArrayList<>(List.of(command, trace));
    args.addAll(List.of(options));
    args.add("--json");
    Result result = Cli.run(args.toArray());
    String position = result.out().replaceAll("(?s)^.*?\"position\": (\\d+).*$", "$1");
    assertTrue(position.matches("\\d+"), result::toString);
    return Long.parseLong(position);
  }
}
