package org.chronovisor.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.calls.Profile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code profile}: where a run spent its instructions. */
@Command(
    name = "profile",
    description = "Show in which functions a run spent its instructions: counts, not samples.",
    footer = {
      "",
      "'self' are the instructions of a function itself, 'total' has what it called (and interrupts"
          + " meanwhile). --collapsed writes one line per chain of callers, as flame graph tools"
          + " read it.",
      "",
      "Examples:",
      "  chronovisor profile crash --limit 10",
      "  chronovisor profile crash --collapsed crash.folded"
    })
final class ProfileCommand extends TraceCommand {
  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Print at most so many functions (default: 30).")
  int limit = 30;

  @Option(
      names = "--collapsed",
      paramLabel = "FILE",
      description = "Write collapsed stacks to a new file.")
  Path collapsed;

  @Option(names = "--json", description = "Print one JSON object.")
  boolean json;

  @Override
  int run(TraceSession session) throws IOException {
    if (limit < 1) {
      throw new UsageException("--limit takes a number of at least 1");
    }
    Profile profile = Profile.of(session, progress("counting"));
    console().status().end();
    if (collapsed != null) {
      try (PrintWriter file =
          new PrintWriter(
              Files.newBufferedWriter(
                  collapsed,
                  java.nio.file.StandardOpenOption.CREATE_NEW,
                  java.nio.file.StandardOpenOption.WRITE))) {
        profile.collapsed((stack, count) -> file.print(stack + " " + count + "\n"));
        if (file.checkError()) {
          throw new IOException(collapsed + ": cannot be written");
        }
      }
    }
    List<Profile.Entry> entries = profile.flat();
    List<Profile.Entry> shown = entries.subList(0, Math.min(limit, entries.size()));
    if (json) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("instructions", profile.total());
      map.put("functions", shown.stream().map(ProfileCommand::toMap).toList());
      json(map);
    } else {
      out().printf("%14s %6s %14s %6s %10s  %s%n", "self", "%", "total", "%", "calls", "function");
      for (Profile.Entry entry : shown) {
        out()
            .printf(
                Locale.ROOT,
                "%,14d %6.2f %,14d %6.2f %,10d  %s%n",
                entry.self(),
                100.0 * entry.self() / Math.max(1, profile.total()),
                entry.total(),
                100.0 * entry.total() / Math.max(1, profile.total()),
                entry.calls(),
                entry.function());
      }
      if (entries.size() > limit) {
        out().printf("... and %d more (--limit)%n", entries.size() - limit);
      }
    }
    return ExitCode.GOOD;
  }

  private static Map<String, Object> toMap(Profile.Entry entry) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("function", entry.function());
    map.put("self", entry.self());
    map.put("total", entry.total());
    map.put("calls", entry.calls());
    return map;
  }
}
