package org.chronovisor.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.chronovisor.it.Recordings.How;
import org.chronovisor.query.Backtrace;
import org.chronovisor.query.TraceSession;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Backtraces at many positions against gdb's, which has the ELF file and we have the trace. */
@Timeout(180)
class BacktraceDifferentialTest {
  private static final int POSITIONS = 40;
  private static final Pattern FRAME =
      Pattern.compile("#\\d+ +(?:0x[0-9a-f]+ in )?([\\w.?]+) \\(.*\\)(?: at (.*))?");

  @ParameterizedTest
  @EnumSource(
      names = {"HEAP_OVERFLOW", "USE_AFTER_FREE", "IRQ_RACE", "DIVIDE", "PAGING", "COMPUTE"})
  void sameFunctionsAndLines(Sample sample) throws Exception {
    List<String> commands =
        new ArrayList<>(List.of("set print frame-arguments none", "set backtrace past-main on"));
    List<List<String>> ours = new ArrayList<>();
    List<Long> positions = new ArrayList<>();
    try (TraceSession session = TraceSession.open(Recordings.of(sample, How.PLAIN).trace())) {
      Random random = new Random(4);
      positions.add(session.end());
      for (int i = 1; i < POSITIONS; i++) {
        positions.add(session.end() - (i % 2 == 0 ? i : random.nextLong(session.end())));
      }
      for (long position : positions) {
        List<String> frames = new ArrayList<>();
        for (Backtrace.Frame frame : Backtrace.at(session, position)) {
          // gdb does not name what an interrupt runs first: "<signal handler called>".
          if (frame.function() == null
              || !frame.function().startsWith("isr_")
              || frames.isEmpty()) {
            frames.add(frame.function() + " " + frame.source());
          }
        }
        ours.add(frames);
        commands.add("monitor goto " + position);
        commands.add("maintenance flush register-cache");
        commands.add("maintenance flush dcache");
        commands.add("bt");
      }
    }
    try (Gdb gdb = new Gdb(sample, Recordings.of(sample, How.PLAIN).trace())) {
      List<List<String>> theirs = frames(gdb.run(commands.toArray(String[]::new)));
      assertEquals(positions.size(), theirs.size());
      int deep = 0;
      int frames = 0;
      List<String> otherLines = new ArrayList<>();
      for (int i = 0; i < theirs.size(); i++) {
        String where = "position " + positions.get(i);
        assertEquals(functions(theirs.get(i)), functions(ours.get(i)), where);
        for (int k = 0; k < theirs.get(i).size(); k++) {
          if (!theirs.get(i).get(k).equals(ours.get(i).get(k))) {
            otherLines.add(where + ": " + theirs.get(i).get(k) + ", " + ours.get(i).get(k));
          }
        }
        frames += theirs.get(i).size();
        deep += theirs.get(i).size() > 2 ? 1 : 0;
      }
      // gdb looks at rows where statements begin, addr2line and we at all: optimised code differs.
      assertTrue(otherLines.size() <= frames / 20, otherLines.size() + ": " + otherLines);
      assertTrue(deep > POSITIONS / 4, deep + " backtraces have more than two functions");
    }
  }

  private static List<String> functions(List<String> frames) {
    return frames.stream().map(frame -> frame.replaceAll(" .*", "")).toList();
  }

  private static List<List<String>> frames(String output) {
    List<List<String>> all = new ArrayList<>();
    for (String line : output.split("\n")) {
      if (line.startsWith("position ")) {
        all.add(new ArrayList<>());
      }
      Matcher matcher = FRAME.matcher(line);
      if (matcher.matches() && !all.isEmpty()) {
        String file = matcher.group(2);
        String source = file == null ? null : file.replaceAll("^(\\./)+", "");
        String function = matcher.group(1).equals("??") ? null : matcher.group(1);
        all.get(all.size() - 1).add(function + " " + source);
      }
    }
    return all;
  }
}
