package org.chronovisor.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.chronovisor.recorder.RecordListener;
import org.chronovisor.recorder.RecordOptions;
import org.chronovisor.recorder.RecordSummary;
import org.chronovisor.recorder.Recorder;
import org.chronovisor.trace.Symbol;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Traces;
import org.chronovisor.x86.Planner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Guests without a kernel for QEMU: firmware, 16-bit code, and kernels that are moved. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class BootRecordingTest {
  private static final Path GUESTS = Sample.home().resolve("samples/target/guests");
  private static final String PRINTED = "16 bits\r\n64 bits\r\nthe answer is wrong\r\n";

  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private final List<String> notices = new ArrayList<>();

  private RecordSummary record(String start, Path symbols, boolean check, String... command)
      throws Exception {
    Path trace = Files.createTempDirectory(Recordings.directory(), "boot").resolve("trace");
    RecordOptions options =
        RecordOptions.of(trace, List.of(command))
            .withStart(start)
            .withSymbols(symbols == null ? List.of() : List.of(symbols))
            .withCheck(check)
            .withPlugin(Recordings.plugin())
            .withGuestInput(InputStream.nullInputStream())
            .withGuestOutput(output);
    return new Recorder(new Planner())
        .record(
            options,
            new RecordListener() {
              @Override
              public void notice(String line) {
                notices.add(line);
              }
            });
  }

  private RecordSummary recordBootSector(String start, boolean check) throws Exception {
    return record(
        start,
        GUESTS.resolve("bootsector.elf"),
        check,
        "qemu-system-x86_64",
        "-m",
        "16",
        "-nodefaults",
        "-display",
        "none",
        "-serial",
        "stdio",
        "-drive",
        "format=raw,snapshot=on,file=" + GUESTS.resolve("bootsector.img"));
  }

  private void assertProved(RecordSummary summary) {
    assertEquals(List.of(), summary.inexact());
    assertEquals("halted", summary.endReason());
    assertTrue(output.toString(StandardCharsets.UTF_8).endsWith(PRINTED), output::toString);
    try (TraceReader trace = Traces.open(summary.trace())) {
      Verification.assertProved(trace);
      assertTrue(
          trace.symbols().stream().anyMatch(s -> s.name().equals("long_mode")),
          () -> trace.notes().toString());
    }
  }

  @Test
  void aGuestWithoutKernelIsRecordedFromTheFirstInstructionOfTheFirmware() throws Exception {
    RecordSummary summary = recordBootSector("entry", false);
    assertProved(summary);
    assertTrue(summary.instructions() > 1_000_000, summary::toString);
    assertTrue(notices.toString().contains("recording from reset"), notices::toString);
    try (TraceReader trace = Traces.open(summary.trace())) {
      assertEquals(0xffff_fff0L, trace.header().startAddress());
    }
  }

  @Test
  void sixteenBitCodeAndFirmwareCallsAreExactInstructionByInstruction() throws Exception {
    assertProved(recordBootSector("_start", true));
  }

  @Test
  void aBiasIsFoundByTheCodeThatWasExecuted() throws Exception {
    // As if linked elsewhere: the ELF file's own addresses are wrong by a megabyte.
    Path moved = Files.createTempFile(Recordings.directory(), "moved", ".elf");
    run(
        "objcopy",
        "--change-addresses",
        "0x100000",
        Sample.HELLO.elf().toString(),
        moved.toString());
    RecordSummary summary =
        record("entry", moved, false, Sample.HELLO.command().toArray(new String[0]));
    try (TraceReader trace = Traces.open(summary.trace())) {
      String notes = trace.notes().toString();
      assertTrue(notes.contains("moved by -0x100000 ("), notes);
      long main = address(trace.symbols(), "main");
      try (TraceReader plain =
          Traces.open(Recordings.of(Sample.HELLO, Recordings.How.PLAIN).trace())) {
        assertEquals(address(plain.symbols(), "main"), main);
        assertTrue(plain.notes().toString().contains("where it was linked ("));
      }
    }
  }

  @Test
  void aStrippedKernelTakesTheSymbolsBesideIt() throws Exception {
    Path directory = Files.createTempDirectory(Recordings.directory(), "stripped");
    Path kernel = directory.resolve("kernel");
    Files.copy(Sample.HELLO.elf(), directory.resolve("kernel.dbg"));
    run("objcopy", "--strip-all", Sample.HELLO.elf().toString(), kernel.toString());
    List<String> command = new ArrayList<>(Sample.HELLO.command());
    command.set(command.indexOf(Sample.HELLO.elf().toString()), kernel.toString());
    RecordSummary summary = record("main", null, false, command.toArray(new String[0]));
    assertEquals("shutdown", summary.endReason());
    try (TraceReader trace = Traces.open(summary.trace())) {
      assertEquals(address(trace.symbols(), "main"), trace.header().startAddress());
      assertTrue(trace.notes().toString().contains("kernel.dbg: where it was linked ("));
    }
  }

  private static long address(List<Symbol> symbols, String name) {
    return symbols.stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow().address();
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertEquals(0, process.waitFor(), () -> String.join(" ", command));
  }
}
