package org.chronovisor.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.chronovisor.query.InstructionView;
import org.chronovisor.query.MemoryBytes;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.search.Condition;
import org.chronovisor.query.search.Hit;
import org.chronovisor.query.search.Range;
import org.chronovisor.query.search.Search;
import picocli.CommandLine.Option;

/** What the searches over a run have in common. */
abstract class SearchCommand extends TraceCommand {
  private static final int DEFAULT_LIMIT = 100;

  @Option(
      names = "--from",
      paramLabel = "N",
      description = "Begin at this instruction (default: 0).")
  String from = "0";

  @Option(
      names = "--to",
      paramLabel = "N",
      description = "End before this instruction (default: the end).")
  String to;

  @Option(names = "--first", description = "The first hit only.")
  boolean first;

  @Option(names = "--last", description = "The last hit only; the search goes backwards.")
  boolean last;

  @Option(names = "--count", description = "Only how many there are.")
  boolean count;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Print at most so many hits (default: 100).")
  int limit = DEFAULT_LIMIT;

  @Option(
      names = "--if",
      paramLabel = "CONDITION",
      description =
          "Only hits that meet it: registers, [ADDRESS]:SIZE, symbols, numbers, + - &, comparisons,"
              + " && || and brackets, like 'rax==0x10 && [rbx+8]:4 < 100'.")
  String condition;

  @Option(names = "--json", description = "Print one JSON object.")
  boolean json;

  abstract void search(TraceSession session, Search search, long end, Predicate<Hit> sink);

  @Override
  int run(TraceSession session) {
    if (limit < 1 || (first && last) || (count && (first || last))) {
      throw new UsageException(
          limit < 1
              ? "--limit takes a number of at least 1"
              : "only one of --first, --last and --count");
    }
    long begin = position(session, from, "--from");
    long end = to == null ? session.end() + 1 : position(session, to, "--to");
    Condition wanted = condition == null ? null : Condition.parse(condition, session.symbols());
    long most = count ? Long.MAX_VALUE : first || last ? 1 : limit + 1L;
    Range range = new Range(begin, end, last, most);
    List<Hit> hits = new ArrayList<>();
    long[] number = {0};
    Search search = new Search(session, range, wanted, progress("searching"));
    search(
        session,
        search,
        Math.min(end, session.end()),
        hit -> {
          number[0]++;
          if (!count) {
            hits.add(hit);
          }
          return true;
        });
    console().status().end();
    print(session, hits, number[0]);
    return number[0] == 0 ? ExitCode.NO : ExitCode.GOOD;
  }

  private void print(TraceSession session, List<Hit> hits, long number) {
    boolean more = hits.size() > limit && !first && !last;
    List<Hit> shown = more ? hits.subList(0, limit) : hits;
    if (json) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("count", count ? number : shown.size());
      map.put("complete", !more);
      map.put("hits", shown.stream().map(hit -> toMap(session, hit)).toList());
      json(map);
    } else if (count) {
      out().println(number);
    } else {
      shown.forEach(hit -> print(session, hit));
      if (more) {
        out().printf("... and more (--limit)%n");
      } else if (number == 0) {
        out().println("nothing found");
      }
    }
  }

  private static InstructionView view(TraceSession session, Hit hit) {
    session.seek(hit.position());
    return InstructionView.at(session, hit.pc() == -1 ? session.pc() : hit.pc());
  }

  private void print(TraceSession session, Hit hit) {
    String what =
        switch (hit.kind()) {
          case EXECUTED -> "";
          case READ, STORE -> "; = " + hex(hit.value());
          default -> "; = " + hex(hit.value()) + ", " + hit.kind().description();
        };
    String instruction = Format.sourced(view(session, hit));
    String cpu =
        session.replayer().cpus() > 1 ? "vCPU " + session.replayer().currentCpu() + "  " : "";
    out().printf("%12d  %s%s%s%n", hit.position(), cpu, instruction, what);
  }

  private static String hex(byte[] value) {
    return MemoryBytes.known(value).hex();
  }

  private static Map<String, Object> toMap(TraceSession session, Hit hit) {
    InstructionView view = view(session, hit);
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("position", hit.position());
    map.put("kind", hit.kind().name().toLowerCase(Locale.ROOT));
    map.put("cpu", session.replayer().currentCpu());
    map.put("pc", Json.hex(view.pc()));
    map.put("symbol", view.symbol());
    map.put("source", view.source());
    map.put("instruction", view.display());
    if (hit.kind() != Hit.Kind.EXECUTED) {
      map.put("offset", hit.offset());
      map.put("size", hit.size());
      map.put("value", hex(hit.value()));
    }
    return map;
  }
}
