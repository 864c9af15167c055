package org.chronovisor.cli;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.chronovisor.query.TraceSession;
import org.chronovisor.trace.TraceEnd;
import org.chronovisor.trace.TraceHeader;
import org.chronovisor.trace.TraceReader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code info}: what a trace holds. */
@Command(
    name = "info",
    description = "Say what a trace holds and how its recording ended.",
    footer = {"", "Example:", "  chronovisor info crash --json"})
final class InfoCommand extends TraceCommand {
  private static final List<String> CUT_OFF = List.of("not known: the end is missing");

  @Option(names = "--json", description = "Print one JSON object.")
  boolean json;

  @Override
  int run(TraceSession session) {
    Map<String, Object> info = info(session);
    if (json) {
      json(info);
    } else {
      print(info);
    }
    return ExitCode.GOOD;
  }

  static Map<String, Object> info(TraceSession session) {
    TraceReader trace = session.trace();
    TraceHeader header = trace.header();
    Optional<TraceEnd> end = trace.end();
    int segments = trace.segmentCount();
    long instructions = segments == 0 ? 0 : trace.segment(segments - 1).end();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("complete", end.isPresent());
    map.put("instructions", instructions);
    map.put("segments", segments);
    map.put("bytes", trace.bytes());
    map.put(
        "bytesPerInstruction", instructions == 0 ? null : (double) trace.bytes() / instructions);
    map.put("endReason", end.map(TraceEnd::reason).orElse("incomplete"));
    map.put("endMessage", end.map(TraceEnd::message).orElse("the recording was cut off"));
    map.put("qemu", header.qemu());
    map.put("arch", header.arch());
    map.put("vcpus", header.cpus());
    map.put("inexact", end.map(TraceEnd::inexact).orElse(CUT_OFF));
    map.put("recordedAt", Instant.ofEpochMilli(header.recordedAt()).toString());
    map.put("startAddress", Json.hex(header.startAddress()));
    map.put("startSymbol", session.symbols().name(header.startAddress()));
    map.put("deterministic", header.deterministic());
    map.put("check", header.check());
    map.put("ramBytes", header.ram().stream().mapToLong(region -> region.length()).sum());
    map.put("symbols", trace.symbols().size());
    map.put("symbolFiles", trace.notes());
    double slowdown = end.map(TraceEnd::slowdown).orElse(0.0);
    map.put("recordSlowdown", slowdown > 0 ? slowdown : null);
    map.put("commandLine", header.commandLine());
    return map;
  }

  private void print(Map<String, Object> info) {
    boolean complete = (boolean) info.get("complete");
    line("trace", trace + (complete ? "" : "  (incomplete: the recording was cut off)"));
    line("instructions", String.format("%,d", (long) info.get("instructions")));
    line("segments", info.get("segments"));
    line("size", size(info));
    line("ended", info.get("endReason") + ": " + info.get("endMessage"));
    Object symbol = info.get("startSymbol");
    line("started at", info.get("startAddress") + (symbol == null ? "" : " " + symbol));
    line("recorded", info.get("recordedAt"));
    if (info.get("recordSlowdown") instanceof Double slowdown) {
      line("slow-down", Format.slowdown(slowdown));
    }
    line("qemu", info.get("qemu"));
    line(
        "guest",
        String.format(
            "%s, %s %s, %,d KiB RAM, %s symbols",
            info.get("arch"),
            info.get("vcpus"),
            (int) info.get("vcpus") == 1 ? "vCPU" : "vCPUs",
            (long) info.get("ramBytes") / 1024,
            info.get("symbols")));
    List<String> files = strings(info.get("symbolFiles"));
    for (int i = 0; i < files.size(); i++) {
      line(i == 0 ? "symbols of" : "", files.get(i));
    }
    line("command", String.join(" ", strings(info.get("commandLine"))));
    if ((boolean) info.get("deterministic")) {
      line("deterministic", "yes (-icount)");
    }
    if ((boolean) info.get("check")) {
      line("check", "yes: every modelled instruction was captured too");
    }
    List<String> inexact = strings(info.get("inexact"));
    line("inexact", inexact.isEmpty() ? "nothing: all is exact" : inexact.get(0));
    inexact.stream().skip(1).forEach(text -> line("", text));
  }

  private static String size(Map<String, Object> info) {
    Object perInstruction = info.get("bytesPerInstruction");
    String size = Format.bytes((long) info.get("bytes"));
    return perInstruction == null
        ? size
        : String.format(
            Locale.ROOT, "%s, %.3f bytes per instruction", size, (double) perInstruction);
  }

  private static List<String> strings(Object list) {
    return ((List<?>) list).stream().map(Object::toString).toList();
  }

  private void line(String key, Object value) {
    out().printf("%-14s%s%n", key, value);
  }
}
