package org.chronovisor.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.calls.Call;
import org.chronovisor.query.calls.CallQuery;
import org.chronovisor.query.calls.Profile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code calls}: the calls of a run. */
@Command(
    name = "calls",
    description =
        "Show the calls of a run as a tree, with the instructions they begin and end at and how"
            + " many they took.",
    footer = {
      "",
      "The count has what a function called, and interrupts. '*' marks a function that had not"
          + " ended. One pass over the run builds the answer. Exit code 1: no such call.",
      "",
      "Examples:",
      "  chronovisor calls crash --depth 3",
      "  chronovisor calls crash --function heap_alloc --limit 10",
      "  chronovisor calls crash --at 1234567       the active functions",
      "  chronovisor calls crash --callers heap_alloc",
      "  chronovisor calls crash --callees main"
    })
final class CallsCommand extends TraceCommand {
  private static final int DEFAULT_LIMIT = 200;

  @Option(names = "--function", paramLabel = "F", description = "Only calls of this function.")
  String function;

  @Option(
      names = "--depth",
      paramLabel = "D",
      description = "Only calls up to this depth; the outermost function has 0.")
  Integer depth;

  @Option(
      names = "--at",
      paramLabel = "N",
      description = "The functions active before this instruction, innermost first.")
  String at;

  @Option(names = "--callers", paramLabel = "F", description = "Who called a function.")
  String callers;

  @Option(names = "--callees", paramLabel = "F", description = "What a function called.")
  String callees;

  @Option(
      names = "--from",
      paramLabel = "N",
      description = "Only calls active at or behind this instruction.")
  String from = "0";

  @Option(
      names = "--to",
      paramLabel = "N",
      description = "Only calls that begin before this instruction.")
  String to;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Print at most so many calls (default: 200).")
  int limit = DEFAULT_LIMIT;

  @Option(names = "--json", description = "Print one JSON object.")
  boolean json;

  @Override
  int run(TraceSession session) {
    if (limit < 1 || (depth != null && depth < 0)) {
      throw new UsageException("--limit takes a number of at least 1, --depth one of at least 0");
    }
    known(session, function);
    known(session, callers);
    known(session, callees);
    if (callers != null || callees != null) {
      return neighbours(session);
    }
    List<Call> found;
    if (at != null) {
      found = CallQuery.activeAt(session, position(session, at, "--at"), progress("walking calls"));
    } else {
      found =
          CallQuery.calls(
              session,
              function,
              depth == null ? Integer.MAX_VALUE : depth,
              position(session, from, "--from"),
              to == null ? Long.MAX_VALUE : position(session, to, "--to"),
              limit,
              progress("walking calls"));
    }
    console().status().end();
    boolean more = at == null && found.size() > limit;
    List<Call> shown = more ? found.subList(0, limit) : found;
    if (json) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("complete", !more);
      map.put("calls", shown.stream().map(CallsCommand::toMap).toList());
      json(map);
    } else {
      out().printf("%12s %12s %14s  %s%n", "entry", "exit", "instructions", "function");
      for (Call call : shown) {
        boolean indented = at == null && function == null;
        out()
            .printf(
                Locale.ROOT,
                "%12d %12s %,14d  %s%s%s%n",
                call.entry(),
                call.exit() < 0 ? "*" : call.exit(),
                call.instructions(),
                indented ? "  ".repeat(Math.min(40, call.depth())) : "",
                call.function(),
                note(call, session.replayer().cpus()));
      }
      out().print(more ? String.format("... and more (--limit)%n") : "");
    }
    return shown.isEmpty() ? ExitCode.NO : ExitCode.GOOD;
  }

  private static void known(TraceSession session, String name) {
    if (name != null && session.symbols().find(name).isEmpty() && !name.startsWith("0x")) {
      List<String> similar = session.symbols().similar(name);
      throw new UsageException(
          "no function '"
              + name
              + "'"
              + (similar.isEmpty() ? "" : "; did you mean " + String.join(", ", similar) + "?"));
    }
  }

  private static String note(Call call, int cpus) {
    String where = (cpus > 1 ? "vCPU " + call.cpu() + ", " : "") + "stack " + call.stack();
    return switch (call.kind()) {
      case INTERRUPT -> "  (interrupt)";
      case TAIL_CALL -> "  (jumped to)";
      case SYSTEM -> "  (system call)";
      default -> call.depth() == 0 ? "  (" + where + ")" : "";
    };
  }

  private int neighbours(TraceSession session) {
    Profile profile = Profile.of(session, progress("walking calls"));
    console().status().end();
    List<Profile.Neighbour> found =
        callers != null ? profile.callers(callers) : profile.callees(callees);
    if (json) {
      json(Map.of("functions", found.stream().map(CallsCommand::toMap).toList()));
    } else {
      out().printf("%12s %14s  %s%n", "calls", "instructions", "function");
      for (Profile.Neighbour one : found) {
        out()
            .printf(
                Locale.ROOT, "%,12d %,14d  %s%n", one.calls(), one.instructions(), one.function());
      }
    }
    return found.isEmpty() ? ExitCode.NO : ExitCode.GOOD;
  }

  private static Map<String, Object> toMap(Profile.Neighbour one) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("function", one.function());
    map.put("calls", one.calls());
    map.put("instructions", one.instructions());
    return map;
  }

  private static Map<String, Object> toMap(Call call) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("function", call.function());
    map.put("caller", call.caller());
    map.put("kind", call.kind().name().toLowerCase(Locale.ROOT));
    map.put("pc", Json.hex(call.pc()));
    map.put("entry", call.entry());
    map.put("exit", call.exit() < 0 ? null : call.exit());
    map.put("depth", call.depth());
    map.put("stack", call.stack());
    map.put("cpu", call.cpu());
    map.put("instructions", call.instructions());
    map.put("self", call.self());
    return map;
  }
}
