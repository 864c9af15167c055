package org.chronovisor.trace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KilledRecorderTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 200})
  void killedWriterLeavesAReadableIncompleteTrace(int segments) throws Exception {
    Path trace = directory.resolve("trace");
    int told = writeAndKill(trace, segments);
    try (TraceReader reader = Traces.open(trace)) {
      assertReadable(reader, told);
    }
    try (TraceReader again = Traces.open(trace)) {
      assertReadable(again, told);
    }
    Path archive = directory.resolve("trace.cvt");
    Traces.pack(trace, archive, Traces.Progress.NONE);
    try (TraceReader packed = Traces.open(archive)) {
      assertReadable(packed, told);
    }
  }

  private static void assertReadable(TraceReader reader, int told) {
    assertTrue(reader.end().isEmpty());
    assertTrue(reader.segmentCount() >= told, reader.segmentCount() + " of " + told);
    SampleTraces.Sample sample = SampleTraces.random(KilledRecorder.SEED, KilledRecorder.SEGMENTS);
    assertEquals(sample.header(), reader.header());
    assertEquals(sample.blocks().size(), reader.blocks().size());
    for (int i = 0; i < reader.segmentCount(); i++) {
      int j = i % KilledRecorder.SEGMENTS;
      assertEquals(sample.infos().get(j).pathHash(), reader.segment(i).pathHash());
      assertArrayEquals(sample.events().get(j).captures(), reader.events(i).captures());
      long[] frames = sample.infos().get(j).frames();
      for (int p = 0; p < frames.length; p++) {
        assertArrayEquals(sample.pages().get(j).get(p), reader.page(frames[p], i));
      }
    }
  }

  private static int writeAndKill(Path trace, int segments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (!flag.startsWith("-javaagent")) {
        command.add(flag);
      }
    }
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            KilledRecorder.class.getName(),
            trace.toString()));
    Path errors = Files.createTempFile(trace.getParent(), "stderr", "");
    Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    int told = 0;
    try (BufferedReader out = process.inputReader()) {
      while (told < segments) {
        String line = out.readLine();
        assertTrue(line != null, () -> "the writer ended: " + read(errors));
        told = Integer.parseInt(line);
      }
      process.destroyForcibly(); // SIGKILL
    } finally {
      process.destroyForcibly().onExit().join();
    }
    return told;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
