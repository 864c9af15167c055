package org.chronovisor.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.chronovisor.it.Recordings.How;
import org.chronovisor.it.Recordings.Recording;
import org.chronovisor.memory.Page;
import org.chronovisor.memory.RamRegion;
import org.chronovisor.query.ConsoleLine;
import org.chronovisor.query.ConsoleQuery;
import org.chronovisor.replay.Replayer;
import org.chronovisor.trace.TraceEnd;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Traces;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every sample, recorded as the user runs it and deterministically, against what QEMU showed. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class SampleRecordingTest {
  static Stream<Arguments> recordings() {
    return Stream.of(How.PLAIN, How.DETERMINISTIC)
        .flatMap(how -> Stream.of(Sample.values()).map(sample -> Arguments.of(sample, how)));
  }

  @ParameterizedTest
  @MethodSource("recordings")
  void theTraceIsCompleteAndExact(Sample sample, How how) {
    Recording recording = Recordings.of(sample, how);
    assertTrue(recording.summary().complete());
    assertEquals(sample.endReason, recording.summary().endReason());
    assertEquals(List.of(), recording.summary().inexact());
    try (TraceReader trace = Traces.open(recording.trace())) {
      TraceEnd end = trace.end().orElseThrow();
      assertEquals(sample.endReason, end.reason());
      assertEquals(List.of(), end.inexact());
      assertEquals(recording.summary().instructions(), end.position());
      assertEquals(how == How.DETERMINISTIC, trace.header().deterministic());
    }
  }

  @ParameterizedTest
  @MethodSource("recordings")
  void everySegmentLandsOnItsKeyframe(Sample sample, How how) {
    try (TraceReader trace = Traces.open(Recordings.of(sample, how).trace())) {
      Verification.assertProved(trace);
    }
  }

  @ParameterizedTest
  @MethodSource("recordings")
  void theConsoleIsWhatQemuPrinted(Sample sample, How how) {
    Recording recording = Recordings.of(sample, how);
    String printed = new String(recording.output(), StandardCharsets.UTF_8);
    assertTrue(Pattern.compile("(?m)^" + sample.output).matcher(printed).find(), printed);
    try (TraceReader trace = Traces.open(recording.trace())) {
      ByteArrayOutputStream console = new ByteArrayOutputStream();
      long last = -1;
      for (ConsoleLine line : ConsoleQuery.lines(trace, (done, total) -> {})) {
        console.writeBytes(line.bytes());
        assertTrue(line.position() > last);
        last = line.position();
      }
      assertArrayEquals(recording.output(), console.toByteArray());
    }
  }

  /** One replay of the whole run, over all segment ends, lands on what QEMU showed at the end. */
  @ParameterizedTest
  @MethodSource("recordings")
  void theFinalStateAndMemoryAreQemus(Sample sample, How how) {
    try (TraceReader trace = Traces.open(Recordings.of(sample, how).trace())) {
      TraceEnd end = trace.end().orElseThrow();
      Replayer replayer = new Replayer(trace);
      replayer.runTo(end.position());
      assertEquals(List.of(), end.state().differences(replayer.cpu().save()));
      assertEquals(end.cpu(), replayer.currentCpu());
      for (int i = 0; i < sample.cpus; i++) {
        assertEquals(List.of(), end.cpus().get(i).differences(replayer.state(i)));
      }
      assertEquals(end.pathHash(), replayer.pathHash());
      assertTrue(replayer.unknown().isEmpty());
      assertMemory(trace, replayer);
    }
  }

  private static void assertMemory(TraceReader trace, Replayer replayer) {
    byte[] zero = new byte[Page.SIZE];
    for (RamRegion region : trace.header().ram()) {
      long first = region.start() / Page.SIZE;
      for (long frame = first; frame < first + region.length() / Page.SIZE; frame++) {
        byte[] recorded = trace.page(frame, trace.segmentCount());
        assertArrayEquals(
            recorded == null ? zero : recorded,
            replayer.memory().page(frame).bytes,
            "frame 0x" + Long.toHexString(frame));
      }
    }
  }

  /** A seek to any place gives what running there gives. */
  @ParameterizedTest
  @MethodSource("recordings")
  void seekingBackwardsGivesTheStateSeenBefore(Sample sample, How how) {
    try (TraceReader trace = Traces.open(Recordings.of(sample, how).trace())) {
      Replayer forward = new Replayer(trace);
      Replayer backward = new Replayer(trace);
      long end = forward.end();
      int stops = 20;
      var states = new org.chronovisor.x86.CpuState[stops];
      var others = new org.chronovisor.x86.CpuState[stops];
      for (int i = 0; i < stops; i++) {
        forward.runTo(end * i / stops);
        states[i] = forward.cpu().save();
        others[i] = forward.state(sample.cpus - 1);
      }
      for (int i = stops - 1; i >= 0; i--) {
        backward.seek(end * i / stops);
        assertEquals(List.of(), states[i].differences(backward.cpu().save()));
        assertEquals(List.of(), others[i].differences(backward.state(sample.cpus - 1)));
      }
    }
  }
}
