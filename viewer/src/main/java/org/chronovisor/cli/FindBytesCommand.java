package org.chronovisor.cli;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.search.BytesSearch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code find-bytes}: where memory holds some bytes. */
@Command(
    name = "find-bytes",
    description =
        "Find bytes or text in all of memory at an instruction, or the first or last instruction at"
            + " which memory holds them.",
    footer = {
      "",
      "PATTERN is text, or hexadecimal digits behind 0x in order of address (0x686f7572). With"
          + " --first and --last memory is compared at the keyframes; bytes that come and go"
          + " between two of them are not seen. Exit code 1: nothing found.",
      "",
      "Examples:",
      "  chronovisor find-bytes crash --at end hour",
      "  chronovisor find-bytes crash --first 0x686f757200"
    })
final class FindBytesCommand extends TraceCommand {
  private static final int LONGEST = 256;

  @Parameters(index = "1", paramLabel = "PATTERN", description = "Text or 0x... bytes.")
  String pattern;

  @Option(names = "--at", paramLabel = "N", description = "Instruction number, or 'end'.")
  String at;

  @Option(names = "--first", description = "When memory first holds them, and where.")
  boolean first;

  @Option(names = "--last", description = "When memory last holds them, and where.")
  boolean last;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Print at most so many places (default: 100).")
  int limit = 100;

  @Option(names = "--json", description = "Print one JSON object.")
  boolean json;

  @Override
  int run(TraceSession session) {
    byte[] bytes = bytes();
    if ((at != null ? 1 : 0) + (first ? 1 : 0) + (last ? 1 : 0) != 1 || limit < 1) {
      throw new UsageException("find-bytes takes one of --at N, --first and --last");
    }
    BytesSearch search = new BytesSearch(session, bytes, progress("searching memory"));
    List<BytesSearch.Place> found;
    if (at != null) {
      found = search.at(position(session, at, "--at"), limit + 1);
    } else {
      Optional<BytesSearch.Place> place = first ? search.first() : search.last();
      found = place.map(List::of).orElse(List.of());
    }
    console().status().end();
    boolean more = found.size() > limit;
    List<BytesSearch.Place> shown = more ? found.subList(0, limit) : found;
    if (json) {
      List<Map<String, Object>> places = new ArrayList<>();
      for (BytesSearch.Place place : shown) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("position", place.position());
        map.put("physical", Json.hex(place.physical()));
        map.put("symbol", session.symbols().name(place.physical()));
        places.add(map);
      }
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("complete", !more);
      map.put("places", places);
      json(map);
    } else {
      for (BytesSearch.Place place : shown) {
        String symbol = place.identity() ? session.symbols().name(place.physical()) : null;
        out()
            .printf(
                "%12d  phys:%s%s%n",
                place.position(), Format.hex(place.physical()), symbol == null ? "" : " " + symbol);
      }
      out().print(more ? String.format("... and more (--limit)%n") : "");
      if (shown.isEmpty()) {
        out().println("nothing found");
      }
    }
    return shown.isEmpty() ? ExitCode.NO : ExitCode.GOOD;
  }

  private byte[] bytes() {
    byte[] bytes;
    if (pattern.startsWith("0x")) {
      try {
        bytes = HexFormat.of().parseHex(pattern.substring(2));
      } catch (IllegalArgumentException e) {
        throw new UsageException("'" + pattern + "' is not an even number of hexadecimal digits");
      }
    } else {
      bytes = pattern.getBytes(StandardCharsets.UTF_8);
    }
    if (bytes.length < 1 || bytes.length > LONGEST) {
      throw new UsageException("a pattern has 1 to " + LONGEST + " bytes");
    }
    return bytes;
  }
}
