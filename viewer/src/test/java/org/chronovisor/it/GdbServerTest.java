package org.chronovisor.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.chronovisor.it.Recordings.How;
import org.chronovisor.replay.Replayer;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Traces;
import org.chronovisor.x86.CpuState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The real gdb walks recordings in both directions. */
@Timeout(180)
class GdbServerTest {
  private static final Sample SAMPLE = Sample.HEAP_OVERFLOW;

  private static Path trace() {
    return Recordings.of(SAMPLE, How.PLAIN).trace();
  }

  private static Gdb gdb() throws Exception {
    return new Gdb(SAMPLE, trace());
  }

  private static CpuState state(long position) {
    try (TraceReader trace = Traces.open(trace())) {
      Replayer replayer = new Replayer(trace);
      replayer.seek(position < 0 ? replayer.end() : position);
      return replayer.cpu().save();
    }
  }

  private static List<Long> positions(String output) {
    List<Long> positions = new ArrayList<>();
    Matcher matcher = Pattern.compile("(?m)^position (\\d+) of").matcher(output);
    while (matcher.find()) {
      positions.add(Long.parseLong(matcher.group(1)));
    }
    return positions;
  }

  private static Map<String, Long> registers(String output) {
    Map<String, Long> registers = new HashMap<>();
    Matcher matcher = Pattern.compile("(?m)^([a-z_0-9]+) +0x([0-9a-f]{1,16})\\b").matcher(output);
    while (matcher.find()) {
      registers.put(matcher.group(1), Long.parseUnsignedLong(matcher.group(2), 16));
    }
    return registers;
  }

  private static void assertRegisters(CpuState expected, String output) {
    Map<String, Long> found = registers(output);
    for (int i = 0; i <= CpuState.EFER; i++) {
      assertEquals(expected.words[i], found.get(CpuState.wordName(i)), CpuState.wordName(i));
    }
    for (int i = 0; i < 6; i++) {
      String name = CpuState.segmentName(i);
      assertEquals(expected.segments[i].selector(), found.get(name).intValue(), name);
    }
    assertEquals(expected.words[CpuState.KERNEL_GS_BASE], found.get("k_gs_base"));
  }

  @Test
  void attachesAtTheEndAndShowsItsRegisters() throws Exception {
    try (Gdb gdb = gdb()) {
      assertRegisters(state(-1), gdb.run("info registers"));
    }
  }

  @Test
  void showsTheBacktraceFromTheHandlerThroughTheFault() throws Exception {
    try (Gdb gdb = gdb()) {
      String output = gdb.run("bt");
      for (String function :
          List.of("guest_exit", "interrupt_dispatch", "heap_alloc", "daily_report", "main")) {
        assertTrue(output.contains(function + " ("), output);
      }
    }
  }

  @Test
  void stepsBackAndForthToTheSameRegisters() throws Exception {
    long end;
    try (TraceReader trace = Traces.open(trace())) {
      end = new Replayer(trace).end();
    }
    try (Gdb gdb = gdb()) {
      assertRegisters(
          state(end - 200), gdb.run("reverse-stepi 300", "stepi 100", "info registers"));
    }
  }

  @Test
  void reportsBothEndsOfTheRecording() throws Exception {
    try (Gdb gdb = gdb()) {
      String output =
          gdb.run(
              "stepi",
              "monitor where",
              "reverse-continue",
              "monitor where",
              "reverse-stepi",
              "continue",
              "monitor where");
      // gdb 13, gdb 16
      String end = "No more reverse-execution history|Reached end of recorded history";
      assertEquals(4, output.split(end, -1).length - 1, output);
      List<Long> positions = positions(output);
      assertEquals(List.of(positions.get(0), 0L, positions.get(0)), positions);
    }
  }

  @Test
  void runsBackwardsAndForwardsBetweenBreakpoints() throws Exception {
    try (Gdb gdb = gdb()) {
      String output =
          gdb.run(
              "break heap_alloc",
              "reverse-continue",
              "monitor where",
              "info registers rip",
              "reverse-continue",
              "monitor where",
              "continue",
              "monitor where",
              "reverse-finish",
              "monitor where",
              "print $pc");
      List<Long> positions = positions(output);
      assertEquals(4, positions.size(), output);
      assertTrue(positions.get(1) < positions.get(0), output);
      assertEquals(positions.get(0), positions.get(2), output);
      assertEquals(positions.get(0) - 1, positions.get(3), output);
      assertEquals(state(positions.get(0)).words[CpuState.RIP], registers(output).get("rip"));
      assertTrue(output.contains("<daily_report+"), output);
    }
  }

  @Test
  void findsTheWriterOfTheBrokenLink() throws Exception {
    try (Gdb gdb = gdb()) {
      String output =
          gdb.run(
              // The last look at a link before the fault: it is the broken one.
              "tbreak heap.c:48",
              "reverse-continue",
              "print/x (unsigned long) block->next",
              "watch -l block->next",
              "reverse-continue",
              "bt",
              "monitor where",
              "reverse-continue",
              "monitor where");
      assertTrue(output.contains("$1 = 0x72756f68"), output);
      assertTrue(output.contains("Hardware watchpoint"), output);
      assertTrue(output.contains("append_label (label="), output);
      assertTrue(output.contains("suffix@entry="), output);
      List<Long> positions = positions(output);
      assertTrue(positions.get(1) < positions.get(0), output);
    }
  }

  @Test
  void stepsOverCallsBackwards() throws Exception {
    try (Gdb gdb = gdb()) {
      String output =
          gdb.run(
              "tbreak one_hour",
              "reverse-continue",
              "monitor where",
              "next",
              "next",
              "next",
              "next",
              "next",
              "frame",
              "reverse-next",
              "reverse-next",
              "reverse-next",
              "reverse-next",
              "reverse-next",
              "frame",
              "monitor where");
      List<Long> positions = positions(output);
      assertEquals(2, positions.size(), output);
      assertFalse(output.contains("No more reverse"), output);
      assertTrue(output.matches("(?s).*#0 .*one_hour.*#0 .*"), output);
    }
  }

  @Test
  void refusesWritesAndUnmappedMemory() throws Exception {
    try (Gdb gdb = gdb()) {
      String output =
          gdb.run(
              "x/4x 0x7fff00000000",
              "x/x 0x1234000000000000",
              "print $rax = 1",
              "print free_list = 0");
      assertTrue(output.contains("Cannot access memory at address 0x7fff00000000"), output);
      assertTrue(output.contains("Cannot access memory at address 0x1234000000000000"), output);
      assertTrue(output.contains("the recording cannot be changed"), output);
      assertTrue(output.contains("Cannot access memory at address 0x10"), output);
    }
  }

  @Test
  void answersMonitorCommands() throws Exception {
    try (Gdb gdb = gdb()) {
      String output =
          gdb.run(
              "monitor help",
              "monitor goto 1000",
              "maintenance flush register-cache",
              "info registers",
              "monitor goto 999999999999",
              "monitor last-write free_list",
              "monitor nonsense",
              "monitor info");
      assertRegisters(state(1000), output);
      assertTrue(output.contains("no position 999999999999"), output);
      assertTrue(output.contains("position 8: a store, at 0x100018 _start"), output);
      assertTrue(output.contains("no command 'nonsense'"), output);
      assertTrue(output.contains("recorded under QEMU"), output);
    }
  }

  @Test
  void survivesMalformedPackets() throws Exception {
    Random random = new Random(7);
    String letters = "?gGpPmMxXHTcCsSbvZzqQDk0123456789abcdef,;:-+*}~%";
    try (Gdb gdb = gdb()) {
      for (int i = 0; i < 40; i++) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gdb.port())) {
          StringBuilder all = new StringBuilder();
          for (int p = 0; p < 50; p++) {
            StringBuilder data = new StringBuilder();
            for (int n = random.nextInt(24); n > 0; n--) {
              data.append(letters.charAt(random.nextInt(letters.length())));
            }
            if (!data.isEmpty() && data.charAt(0) == 'k') {
              continue;
            }
            int sum = data.chars().sum() & 0xff;
            all.append('$').append(data).append(String.format("#%02x", sum));
            if (random.nextInt(8) == 0) {
              all.append("$#zz$$}#\u0003++--");
            }
          }
          socket.getOutputStream().write(all.toString().getBytes(StandardCharsets.ISO_8859_1));
          socket.shutdownOutput();
          InputStream in = socket.getInputStream();
          in.readAllBytes();
        }
      }
      assertRegisters(
          state(1000),
          gdb.run("monitor goto 1000", "maintenance flush register-cache", "info registers"));
    }
  }

  @Test
  void anInterruptEndsALongRun() throws Exception {
    try (Gdb gdb = gdb();
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), gdb.port())) {
      socket.setSoTimeout(20_000);
      // A watched word that nothing changes and whose page is in use: everything is replayed.
      send(socket, "Z2,10c000,8");
      send(socket, "bc");
      Thread.sleep(20);
      socket.getOutputStream().write(3);
      StringBuilder answers = new StringBuilder();
      while (!answers.toString().matches("(?s).*\\$T0[25][^#]*#..")) {
        int b = socket.getInputStream().read();
        assertTrue(b >= 0, answers.toString());
        answers.append((char) b);
      }
      assertTrue(answers.toString().matches("(?s).*\\$(T02|T05replaylog).*"), answers.toString());
    }
  }

  private static void send(Socket socket, String data) throws Exception {
    String packet = "$" + data + String.format("#%02x", data.chars().sum() & 0xff);
    socket.getOutputStream().write(packet.getBytes(StandardCharsets.US_ASCII));
  }
}
