package org.chronovisor.recorder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.chronovisor.replay.Verifier;
import org.chronovisor.replay.VerifyReport;
import org.chronovisor.trace.PortOutput;
import org.chronovisor.trace.TraceEnd;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Traces;
import org.chronovisor.x86.CpuState;
import org.chronovisor.x86.Planner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records sample guests under the QEMU of this machine. */
class RecorderTest {
  private static final Path GUESTS = Path.of("..", "samples", "target", "guests");

  @TempDir Path directory;
  private final ByteArrayOutputStream console = new ByteArrayOutputStream();

  private RecordOptions options(String guest, String... more) {
    Path kernel = GUESTS.resolve(guest + ".elf");
    assumeTrue(Files.exists(kernel), "the samples are not built");
    List<String> command =
        new ArrayList<>(
            List.of(
                "qemu-system-x86_64",
                "-m",
                "64",
                "-display",
                "none",
                "-nodefaults",
                "-serial",
                "stdio",
                "-device",
                "isa-debug-exit,iobase=0xf4,iosize=4",
                "-kernel",
                kernel.toString()));
    command.addAll(List.of(more));
    return RecordOptions.of(directory.resolve("trace"), command)
        .withPlugin(Path.of("target", "libchronovisor.so"))
        .withGuestInput(InputStream.nullInputStream())
        .withGuestOutput(console);
  }

  private static RecordSummary record(RecordOptions options) {
    return new Recorder(new Planner()).record(options, new RecordListener() {});
  }

  private static void assertProven(Path trace) {
    try (TraceReader reader = Traces.open(trace)) {
      VerifyReport report = Verifier.verify(reader, 1, (s, i) -> {}, () -> false);
      assertEquals(List.of(), report.mismatches());
    }
  }

  @Test
  void recordsAWholeRunThatReplaysToQemusFinalState() {
    RecordOptions options = options("hello").withSegmentLength(3000);
    RecordSummary summary = record(options);
    assertEquals("shutdown", summary.endReason());
    assertTrue(summary.complete());
    assertEquals(List.of(), summary.inexact());
    assertTrue(summary.segments() >= 2, summary.toString());
    try (TraceReader reader = Traces.open(options.output())) {
      TraceEnd end = reader.end().orElseThrow();
      assertEquals(summary.instructions(), end.position());
      assertNotNull(end.state());
      StringBuilder sent = new StringBuilder();
      for (int i = 0; i < reader.segmentCount(); i++) {
        for (PortOutput output : reader.events(i).outputs()) {
          if (output.port() == 0x3f8) {
            sent.append((char) output.value());
          }
        }
      }
      // The port's set-up bytes come first; the rest is what QEMU's serial port received.
      String received = console.toString(StandardCharsets.UTF_8);
      assertFalse(received.isEmpty());
      assertTrue(sent.toString().endsWith(received), received);
    }
    assertProven(options.output());
  }

  @Test
  void endsCleanlyWhenStopped() throws InterruptedException {
    RecordOptions options = options("compute", "-append", "rounds=100000");
    Recorder recorder = new Recorder(new Planner());
    RecordSummary summary =
        recorder.record(
            options,
            new RecordListener() {
              @Override
              public void progress(long instructions, double mips, long bytes, String line) {
                if (instructions > 0) {
                  recorder.stop();
                }
              }
            });
    assertEquals("interrupted", summary.endReason());
    assertTrue(summary.complete());
    assertProven(options.output());
  }

  @Test
  void keepsWhatWasRecordedWhenQemuIsKilled() {
    RecordOptions options =
        options("compute", "-append", "rounds=100000").withSegmentLength(100_000);
    RecordSummary summary =
        new Recorder(new Planner())
            .record(
                options,
                new RecordListener() {
                  @Override
                  public void progress(long instructions, double mips, long bytes, String line) {
                    if (instructions > 500_000) {
                      ProcessHandle.current()
                          .descendants()
                          .filter(p -> p.info().command().orElse("").contains("qemu-system"))
                          .forEach(ProcessHandle::destroyForcibly);
                    }
                  }
                });
    assertEquals("killed", summary.endReason());
    assertFalse(summary.complete());
    assertTrue(summary.instructions() > 500_000);
    try (TraceReader reader = Traces.open(options.output())) {
      assertNull(reader.end().orElseThrow().state());
    }
    assertProven(options.output());
  }

  @Test
  void startsAtASymbol() {
    RecordOptions options = options("hello").withStart("console_init");
    RecordSummary summary = record(options);
    try (TraceReader reader = Traces.open(options.output())) {
      long start = reader.header().startAddress();
      assertTrue(
          reader.symbols().stream()
              .anyMatch(s -> s.name().equals("console_init") && s.address() == start));
      assertEquals(start, reader.segment(0).keyframe().words[CpuState.RIP]);
    }
    assertTrue(summary.complete());
    assertProven(options.output());
  }

  @Test
  void saysThatTheStartWasNeverReached() {
    RecordOptions options = options("hello").withStart("0x1234567");
    RecordException e = assertThrows(RecordException.class, () -> record(options));
    assertTrue(e.getMessage().contains("0x1234567"), e.getMessage());
  }

  @Test
  void passesOnWhyQemuDidNotStart() {
    RecordOptions options = options("hello", "-device", "no-such-device");
    RecordException e = assertThrows(RecordException.class, () -> record(options));
    assertTrue(e.getMessage().contains("no-such-device"), e.getMessage());
  }

  @Test
  void saysThatThereIsNoSuchBinary() {
    RecordOptions options =
        RecordOptions.of(directory.resolve("trace"), List.of("qemu-system-x86_64-no"));
    assertThrows(RecordException.class, () -> record(options));
  }
}
