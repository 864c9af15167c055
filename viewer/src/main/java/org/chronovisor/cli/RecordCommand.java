package org.chronovisor.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.chronovisor.recorder.RecordOptions;
import org.chronovisor.recorder.RecordSummary;
import org.chronovisor.recorder.Recorder;
import org.chronovisor.x86.Planner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code record}: run a guest under QEMU and record it. */
@Command(
    name = "record",
    description = "Run a guest under QEMU and record everything it does.",
    footer = {
      "",
      "Ctrl-C ends the recording; the trace is complete up to there, and the exit code is 0.",
      "",
      "Examples:",
      "  chronovisor record -- qemu-system-x86_64 -kernel app.elf -display none -serial stdio",
      "  chronovisor record -o crash --start main -- qemu-system-x86_64 -kernel app.elf"
    })
final class RecordCommand extends BaseCommand {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      description = "New trace directory (default: the kernel's name and the next free number).")
  Path output;

  @Option(
      names = "--start",
      paramLabel = "WHERE",
      description =
          "Where recording starts: entry, reset (the firmware's first instruction), SYMBOL or"
              + " 0xADDR (default: entry, the kernel's; reset when there is none).")
  String start = "entry";

  @Option(
      names = "--symbols",
      paramLabel = "ELF[@BIAS]",
      description =
          "One more file with symbols; may be repeated. What its addresses are moved by is found by"
              + " the code that was executed, unless BIAS (0x or decimal) says it.")
  List<Path> symbols = new ArrayList<>();

  @Option(
      names = "--embed-source",
      arity = "0..1",
      fallbackValue = ".",
      paramLabel = "DIR",
      description = {
        "Store the source files that the kernel's line tables name, each listed first; whoever has"
            + " the trace can read them.",
        "DIR: where relative names start (default: the working directory); may be repeated."
      })
  List<Path> embedSource;

  @Option(
      names = "--deterministic",
      description = "Guest time follows the instructions (-icount shift=7): runs repeat exactly.")
  boolean deterministic;

  @Option(
      names = "--check",
      description = "Capture what every modelled instruction wrote, to compare. Slow.")
  boolean check;

  @Option(
      names = "--segment-length",
      paramLabel = "N",
      description = "Instructions between keyframes (default: 2000000).")
  long segmentLength = RecordOptions.DEFAULT_SEGMENT_LENGTH;

  @Option(names = "--json", description = "Print one JSON object at the end.")
  boolean json;

  @Parameters(
      arity = "1..*",
      paramLabel = "-- qemu-system-x86_64 ARGS",
      description = "The QEMU command line, as it is without recording.")
  List<String> command;

  @Override
  public Integer call() {
    if (segmentLength < 1) {
      throw new UsageException("--segment-length takes a number of at least 1");
    }
    List<String> qemu = command.get(0).equals("--") ? command.subList(1, command.size()) : command;
    if (qemu.isEmpty()) {
      throw new UsageException("write the QEMU command line after --");
    }
    Path directory = output == null ? TraceNames.next(Path.of(""), qemu) : output;
    GuestStream guest = new GuestStream(console().rawOut(), console().status());
    RecordOptions options =
        RecordOptions.of(directory, qemu)
            .withStart(start)
            .withSymbols(symbols)
            .withEmbedSource(embedSource)
            .withDeterministic(deterministic)
            .withCheck(check)
            .withSegmentLength(segmentLength)
            .withGuestOutput(guest);
    console().finishOnSignal();
    RecordSummary summary =
        new Recorder(new Planner()).record(options, new RecordingStatus(console(), guest, false));
    if (json) {
      json(toMap(summary));
    }
    return ExitCode.GOOD;
  }

  private static Map<String, Object> toMap(RecordSummary summary) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("trace", summary.trace().toString());
    map.put("endReason", summary.endReason());
    map.put("endMessage", summary.message());
    map.put("instructions", summary.instructions());
    map.put("pc", summary.pc() == 0 ? null : Json.hex(summary.pc()));
    map.put("complete", summary.complete());
    map.put("bytes", summary.traceBytes());
    map.put("bytesPerInstruction", summary.bytesPerInstruction());
    map.put("segments", summary.segments());
    map.put("wallSeconds", summary.wallSeconds());
    map.put("qemuCpuSeconds", summary.qemuCpuSeconds());
    map.put("slowdown", summary.slowdown() > 0 ? summary.slowdown() : null);
    map.put("inexact", summary.inexact());
    return map;
  }
}
