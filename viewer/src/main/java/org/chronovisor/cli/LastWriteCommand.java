package org.chronovisor.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.chronovisor.query.LastWriter;
import org.chronovisor.query.MemoryWrite;
import org.chronovisor.query.TraceSession;
import org.chronovisor.symbols.AddressExpression;
import org.chronovisor.trace.Symbol;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code last-write}: who wrote memory last. */
@Command(
    name = "last-write",
    description =
        "Find the last write to memory before an instruction: a store, an interrupt's frame, or a"
            + " device.",
    footer = {
      "",
      "Writes through another mapping of the same memory are found too. Exit code 1: not written"
          + " since the recording started.",
      "",
      "Examples:",
      "  chronovisor last-write crash --before 1234567 free_list",
      "  chronovisor last-write crash --before end 0x104ff0,8"
    })
final class LastWriteCommand extends TraceCommand {
  private static final int DEFAULT_LENGTH = 8;

  @Parameters(
      index = "1",
      paramLabel = "ADDR[,LENGTH]",
      description = "Address as in 'mem'; without LENGTH the size of the symbol, or else 8 bytes.")
  String range;

  @Option(
      names = "--before",
      paramLabel = "N",
      required = true,
      description = "Instruction number, or 'end'.")
  String before;

  @Option(names = "--json", description = "Print one JSON object.")
  boolean json;

  @Override
  int run(TraceSession session) {
    Range wanted = range(session, range);
    long position = position(session, before, "--before");
    Optional<MemoryWrite> found =
        LastWriter.find(
            session, position, wanted.expression, wanted.length, progress("searching backwards"));
    console().status().end();
    if (found.isEmpty()) {
      String message = "not written since the recording started: initial content";
      if (json) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("found", false);
        map.put("message", message);
        json(map);
      } else {
        out().println(message);
      }
      return ExitCode.NO;
    }
    Map<String, Object> map = toMap(found.get());
    String text = text(found.get());
    if (session.replayer().cpus() > 1) {
      session.seek(found.get().position());
      map.put("cpu", session.replayer().currentCpu());
      text += String.format("vCPU      %d%n", session.replayer().currentCpu());
    }
    if (json) {
      json(map);
    } else {
      out().print(text);
    }
    return ExitCode.GOOD;
  }

  /** A parsed {@code ADDR[,LENGTH]}. */
  record Range(AddressExpression expression, int length) {}

  static Range range(TraceSession session, String text) {
    int comma = text.lastIndexOf(',');
    AddressExpression expression =
        AddressExpression.parse(comma < 0 ? text : text.substring(0, comma));
    if (comma >= 0) {
      return new Range(expression, length(text.substring(comma + 1), LastWriter.LONGEST));
    }
    long size = expression.symbol(session.symbols()).map(Symbol::size).orElse(0L);
    return new Range(
        expression, size > 0 && size <= LastWriter.LONGEST ? (int) size : DEFAULT_LENGTH);
  }

  static Map<String, Object> toMap(MemoryWrite write) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("found", true);
    map.put("position", write.position());
    map.put("pc", Json.hex(write.pc()));
    map.put("symbol", write.instruction().symbol());
    map.put("source", write.source());
    map.put("value", write.value().hex());
    map.put("kind", write.kind().name().toLowerCase(java.util.Locale.ROOT));
    map.put("instruction", write.instruction().display());
    map.put("storeOffset", write.storeOffset());
    map.put("storeSize", write.storeSize());
    return map;
  }

  static String text(MemoryWrite write) {
    StringBuilder text = new StringBuilder();
    String end = System.lineSeparator();
    text.append(String.format("position  %d%s", write.position(), end));
    if (write.kind() == MemoryWrite.Kind.STORE) {
      text.append("by        ").append(Format.instruction(write.instruction())).append(end);
    } else {
      text.append("by        ").append(write.kind().description()).append(end);
      text.append("before    ").append(Format.instruction(write.instruction())).append(end);
    }
    if (write.source() != null) {
      text.append("source    ").append(write.source()).append(end);
    }
    text.append("value     ").append(write.value().hex());
    if (write.isPartial()) {
      text.append(
          String.format(
              "  (written: %d %s at offset %d)",
              write.storeSize(), write.storeSize() == 1 ? "byte" : "bytes", write.storeOffset()));
    }
    return text.append(end).toString();
  }
}
