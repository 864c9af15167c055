package org.chronovisor.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.chronovisor.it.Cli.Child;
import org.chronovisor.it.Cli.Result;
import org.chronovisor.it.Recordings.How;
import org.chronovisor.trace.TraceException;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Traces;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What remains when something is killed, full, or damaged. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class FaultTest {
  private static final String LONG_RUN = "rounds=100000";
  private static final int DAMAGES = 60;

  private Path directory;

  @BeforeEach
  void makeDirectory() throws IOException {
    directory = Files.createTempDirectory(Recordings.directory(), "fault");
  }

  @Test
  void aKilledRecorderLeavesWholeSegmentsAndNoQemu() throws Exception {
    Path trace = directory.resolve("trace");
    try (Child recorder = record(trace)) {
      ProcessHandle qemu = recorder.qemu();
      awaitSegments(trace, 4, recorder);
      recorder.process().destroyForcibly();
      recorder.await(10);
      assertGone(qemu);
    }
    assertIncompleteButVerified(trace, 4);
  }

  @Test
  void aKilledQemuEndsTheRecording() throws Exception {
    Path trace = directory.resolve("trace");
    try (Child recorder = record(trace)) {
      ProcessHandle qemu = recorder.qemu();
      awaitSegments(trace, 3, recorder);
      qemu.destroyForcibly();
      assertEquals(0, recorder.await(30), recorder::output);
      assertTrue(recorder.output().contains("QEMU ended by signal 9"), recorder::output);
      assertNoStackTrace(recorder.output());
    }
    Result info = Cli.run("info", trace, "--json");
    assertEquals(0, info.code(), info::toString);
    assertTrue(info.out().contains("\"endReason\": \"killed\""), info::toString);
    assertVerified(trace);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void aSignalCompletesTheTrace(String signal) throws Exception {
    Path trace = directory.resolve("trace");
    try (Child recorder = record(trace)) {
      ProcessHandle qemu = recorder.qemu();
      awaitSegments(trace, 3, recorder);
      recorder.signal(signal);
      assertEquals(0, recorder.await(30), recorder::output);
      assertGone(qemu);
      assertNoStackTrace(recorder.output());
      assertTrue(recorder.output().contains("trace: " + trace), recorder::output);
    }
    Result info = Cli.run("info", trace, "--json");
    assertTrue(info.out().contains("\"complete\": true"), info::toString);
    assertTrue(info.out().contains("\"endReason\": \"interrupted\""), info::toString);
    assertTrue(info.out().contains("\"inexact\": []"), info::toString);
    assertVerified(trace);
  }

  @Test
  void aSignalBeforeTheStartLeavesNothingRunning() throws Exception {
    try (Child recorder =
        new Child(
            "record",
            "-o",
            directory.resolve("trace"),
            "--start",
            "0x3fffff0",
            "--",
            Sample.DIVIDE.command())) {
      ProcessHandle qemu = recorder.qemu();
      recorder.signal("TERM");
      assertEquals(3, recorder.await(30), recorder::output);
      assertTrue(recorder.output().contains("nothing was recorded"), recorder::output);
      assertGone(qemu);
      assertNoStackTrace(recorder.output());
      assertFalse(Files.exists(directory.resolve("trace")), recorder::output);
    }
  }

  @Test
  void aRecorderKilledBeforeTheStartLeavesNoQemu() throws Exception {
    try (Child recorder = never()) {
      ProcessHandle qemu = recorder.qemu();
      recorder.signal("KILL");
      recorder.await(30);
      assertGone(qemu);
    }
  }

  @Test
  void aGuestThatHaltsBeforeTheStartEndsTheWait() throws Exception {
    try (Child recorder = never()) {
      assertEquals(3, recorder.await(60), recorder::output);
      assertTrue(recorder.output().contains("choose another --start"), recorder::output);
    }
  }

  private Child never() throws IOException {
    Path trace = directory.resolve("trace");
    return new Child("record", "-o", trace, "--start", "0x3fffff0", "--", Sample.DIVIDE.command());
  }

  @Test
  void aFullDiskEndsTheRecordingWithOneLine() throws Exception {
    Path small = Files.createDirectory(directory.resolve("small"));
    assumeTrue(
        command("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", small.toString()) == 0,
        "mounting a small file system needs root");
    try {
      Path trace = small.resolve("trace");
      try (Child recorder =
          new Child(
              "record", "--check", "-o", trace, "--", Sample.COMPUTE.commandWith("rounds=30"))) {
        ProcessHandle qemu = recorder.qemu();
        assertEquals(3, recorder.await(60), recorder::output);
        assertGone(qemu);
        List<String> errors =
            recorder.output().lines().filter(l -> l.startsWith("chronovisor: ")).toList();
        assertEquals(1, errors.size(), recorder::output);
        assertTrue(errors.get(0).contains("disk is full"), recorder::output);
        assertNoStackTrace(recorder.output());
      }
      assertIncompleteButVerified(trace, 1);
    } finally {
      command("umount", "-l", small.toString());
    }
  }

  @Test
  void aCutArchiveIsRefused() throws IOException {
    Path archive = archive();
    byte[] whole = Files.readAllBytes(archive);
    Random random = new Random(1);
    for (int i = 0; i < DAMAGES; i++) {
      int length = i < 5 ? i : i < 10 ? whole.length - i + 4 : random.nextInt(whole.length);
      Path cut = directory.resolve("cut.cvt");
      Files.write(cut, java.util.Arrays.copyOf(whole, length));
      assertRefused(Cli.run("verify", cut), "cut to " + length + " of " + whole.length);
      assertRefused(
          Cli.run("unpack", cut, directory.resolve("unpacked")), "cut to " + length + ", unpacked");
      assertFalse(Files.exists(directory.resolve("unpacked")));
    }
  }

  @Test
  void aFlippedBitInAnArchiveIsNoticed() throws IOException {
    Path archive = archive();
    byte[] whole = Files.readAllBytes(archive);
    Random random = new Random(2);
    for (int i = 0; i < DAMAGES; i++) {
      int at = i < 16 ? i : i < 32 ? whole.length - i + 15 : random.nextInt(whole.length);
      Path flipped = directory.resolve("flipped.cvt");
      byte[] bytes = whole.clone();
      bytes[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(flipped, bytes);
      assertRefusedOrNo(Cli.run("verify", flipped), "bit flipped at " + at);
    }
  }

  @Test
  void aFlippedBitInADirectoryIsNoticedUnlessItHitsNothing() throws IOException {
    Path trace = Recordings.of(Sample.PAGING, How.DETERMINISTIC).trace();
    byte[] packed = Files.readAllBytes(archive());
    Random random = new Random(3);
    int noticed = 0;
    for (int i = 0; i < DAMAGES; i++) {
      Path copy = directory.resolve("copy" + i);
      copy(trace, copy);
      Path file = dataFile(copy);
      long at;
      try (RandomAccessFile data = new RandomAccessFile(file.toFile(), "rw")) {
        at = (long) (random.nextDouble() * data.length());
        data.seek(at);
        int old = data.read();
        data.seek(at);
        data.write(old ^ 1 << random.nextInt(8));
      }
      String what = "bit flipped at " + at + " of " + file;
      Result result = Cli.run("verify", copy);
      if (result.code() == 0) {
        // Then nothing of the trace has changed.
        Path again = directory.resolve("again" + i + ".cvt");
        assertEquals(0, Cli.run("pack", copy, again).code(), what);
        assertArrayEquals(packed, Files.readAllBytes(again), what);
      } else {
        assertRefusedOrNo(result, what);
        noticed++;
      }
    }
    assertTrue(noticed > DAMAGES / 4, "noticed " + noticed);
  }

  @Test
  void aCutDirectoryIsRefused() throws IOException {
    Path trace = Recordings.of(Sample.PAGING, How.DETERMINISTIC).trace();
    Random random = new Random(4);
    for (int i = 0; i < DAMAGES; i++) {
      Path copy = directory.resolve("copy" + i);
      copy(trace, copy);
      long length;
      try (RandomAccessFile data = new RandomAccessFile(dataFile(copy).toFile(), "rw")) {
        // Its last pages are room that Chronicle may look into.
        length = (long) (random.nextDouble() * (data.length() - 3 * 4096));
        data.setLength(length);
      }
      assertRefused(Cli.run("verify", copy), "cut to " + length);
    }
  }

  private Child record(Path trace) throws IOException {
    return new Child("record", "-o", trace, "--", Sample.COMPUTE.commandWith(LONG_RUN));
  }

  private static void awaitSegments(Path trace, int count, Child recorder)
      throws InterruptedException {
    int segments = 0;
    while (segments < count) {
      if (!recorder.process().isAlive()) {
        throw new AssertionError(recorder.output());
      }
      Thread.sleep(100);
      try (TraceReader reader = Traces.open(trace)) {
        segments = reader.segmentCount();
      } catch (TraceException e) {
        // There is no trace yet.
      }
    }
  }

  private static void assertGone(ProcessHandle process) throws Exception {
    try {
      process.onExit().get(10, TimeUnit.SECONDS);
    } catch (ExecutionException | java.util.concurrent.TimeoutException e) {
      throw new AssertionError("QEMU still runs: " + process.pid(), e);
    }
  }

  private static void assertIncompleteButVerified(Path trace, int segments) {
    Result info = Cli.run("info", trace, "--json");
    assertEquals(0, info.code(), info::toString);
    assertTrue(info.out().contains("\"complete\": false"), info::toString);
    try (TraceReader reader = Traces.open(trace)) {
      assertTrue(reader.segmentCount() >= segments, "segments " + reader.segmentCount());
      assertTrue(reader.end().isEmpty());
    }
    assertVerified(trace);
  }

  private static void assertVerified(Path trace) {
    Result verify = Cli.run("verify", trace, "--json");
    assertEquals(0, verify.code(), verify::toString);
    assertTrue(verify.out().contains("\"ok\": true"), verify::toString);
  }

  private static void assertRefused(Result result, String what) {
    assertEquals(3, result.code(), () -> what + ": " + result);
    assertOneLine(result, what);
  }

  private static void assertRefusedOrNo(Result result, String what) {
    if (result.code() != 1) {
      assertRefused(result, what);
    }
    assertNoStackTrace(result.err());
  }

  private static void assertOneLine(Result result, String what) {
    assertEquals(1, result.err().lines().count(), () -> what + ": " + result);
    assertFalse(result.err().contains("unexpected"), () -> what + ": " + result);
    assertFalse(result.err().contains("Exception"), () -> what + ": " + result);
    assertEquals("", result.out(), () -> what + ": " + result);
  }

  private static void assertNoStackTrace(String text) {
    assertFalse(text.contains("\tat "), text);
  }

  private Path archive() {
    Path archive = directory.resolve("whole.cvt");
    Traces.pack(
        Recordings.of(Sample.PAGING, How.DETERMINISTIC).trace(), archive, Traces.Progress.NONE);
    return archive;
  }

  private static Path dataFile(Path trace) throws IOException {
    try (Stream<Path> files = Files.list(trace)) {
      return files.filter(f -> f.toString().endsWith(".cq4")).findFirst().orElseThrow();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectory(to);
    List<Path> files = new ArrayList<>();
    try (Stream<Path> list = Files.list(from)) {
      list.forEach(files::add);
    }
    for (Path file : files) {
      Files.copy(file, to.resolve(file.getFileName()));
    }
  }

  private static int command(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
