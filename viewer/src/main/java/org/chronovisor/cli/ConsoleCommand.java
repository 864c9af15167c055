package org.chronovisor.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.chronovisor.query.ConsoleLine;
import org.chronovisor.query.ConsoleQuery;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.VgaScreen;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code console}: what the guest printed. */
@Command(
    name = "console",
    description =
        "Show what the guest printed on its serial ports and debug console, each line with the"
            + " number of the instruction that printed its first character; or the VGA text screen.",
    footer = {
      "",
      "Examples:",
      "  chronovisor console crash",
      "  chronovisor console crash --chars --json      the instruction of each character",
      "  chronovisor console crash --vga --at 1234567"
    })
final class ConsoleCommand extends TraceCommand {
  @Option(
      names = "--before",
      paramLabel = "N",
      description = "Only what instructions before this one printed.")
  String before;

  @Option(names = "--vga", description = "The VGA text screen (80 x 25 at 0xb8000) instead.")
  boolean vga;

  @Option(
      names = "--at",
      paramLabel = "N",
      description = "With --vga: as it stood before this instruction (default: the end).")
  String at = "end";

  @Option(names = "--chars", description = "The instruction of each character, not of each line.")
  boolean chars;

  @Option(names = "--raw", description = "The bytes as printed, without numbers.")
  boolean raw;

  @Option(names = "--json", description = "Print one JSON object.")
  boolean json;

  @Override
  int run(TraceSession session) {
    if (vga) {
      return screen(session);
    }
    long limit = before == null ? Long.MAX_VALUE : position(session, before, "--before");
    List<ConsoleLine> lines =
        ConsoleQuery.lines(session.trace(), limit, progress("reading the console"));
    console().status().end();
    if (raw) {
      out().flush();
      for (ConsoleLine line : lines) {
        console().rawOut().writeBytes(line.bytes());
      }
      console().rawOut().flush();
    } else if (json) {
      json(toMap(lines, chars));
    } else if (chars) {
      for (ConsoleLine line : lines) {
        for (int i = 0; i < line.bytes().length; i++) {
          int c = line.bytes()[i] & 0xff;
          String shown = c > 0x20 && c < 0x7f ? "" + (char) c : String.format("\\x%02x", c);
          out().printf("%12d  %s%n", line.positions()[i], shown);
        }
      }
    } else {
      for (ConsoleLine line : lines) {
        out().printf("%12d  %s%n", line.position(), line.text());
      }
    }
    return ExitCode.GOOD;
  }

  private int screen(TraceSession session) {
    VgaScreen screen =
        VgaScreen.at(session, position(session, at, "--at"), progress("reading the screen"));
    console().status().end();
    if (json) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("rows", screen.rows());
      if (chars) {
        List<Long> positions = new ArrayList<>();
        for (long position : screen.positions()) {
          positions.add(position < 0 ? null : position);
        }
        map.put("positions", positions);
      }
      json(map);
    } else if (screen.isEmpty()) {
      out().println("nothing was written to the VGA text screen");
    } else {
      screen.rows().forEach(out()::println);
    }
    return screen.isEmpty() ? ExitCode.NO : ExitCode.GOOD;
  }

  private static Map<String, Object> toMap(List<ConsoleLine> lines, boolean chars) {
    List<Map<String, Object>> list = new ArrayList<>();
    for (ConsoleLine line : lines) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("position", line.position());
      map.put("port", Json.hex(line.port()));
      map.put("text", line.text());
      if (chars) {
        map.put("positions", java.util.Arrays.stream(line.positions()).boxed().toList());
      }
      list.add(map);
    }
    return Map.of("lines", list);
  }
}
