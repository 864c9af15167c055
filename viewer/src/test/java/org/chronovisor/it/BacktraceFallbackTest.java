package org.chronovisor.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.chronovisor.it.Recordings.How;
import org.chronovisor.query.Backtrace;
import org.chronovisor.query.TraceSession;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Traces;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Backtraces without call-frame information against those with it. */
@Timeout(120)
class BacktraceFallbackTest {
  private static final int POSITIONS = 60;

  @ParameterizedTest
  @EnumSource(names = {"HEAP_OVERFLOW", "USE_AFTER_FREE", "IRQ_RACE", "DIVIDE", "PAGING"})
  void framePointersAndSearchFindTheSame(Sample sample) {
    try (TraceReader trace = Traces.open(Recordings.of(sample, How.PLAIN).trace());
        TraceSession with = new TraceSession(trace);
        TraceSession without = new TraceSession(withoutFrames(trace))) {
      Random random = new Random(5);
      List<String> wrong = new ArrayList<>();
      for (int i = 0; i < POSITIONS; i++) {
        long position = i < 10 ? with.end() - i * 7L : random.nextLong(with.end());
        List<String> expected = functions(Backtrace.at(with, position));
        List<String> found = functions(Backtrace.at(without, position));
        if (!expected.equals(found)) {
          wrong.add("position " + position + ": " + expected + ", found " + found);
        }
      }
      assertTrue(wrong.size() <= POSITIONS / 20, wrong.size() + ": " + String.join("\n", wrong));
    }
  }

  private static TraceReader withoutFrames(TraceReader trace) {
    return (TraceReader)
        Proxy.newProxyInstance(
            TraceReader.class.getClassLoader(),
            new Class<?>[] {TraceReader.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "frames" -> List.of();
                  case "close" -> null; // both sessions read one trace
                  default -> method.invoke(trace, arguments);
                });
  }

  private static List<String> functions(List<Backtrace.Frame> frames) {
    return frames.stream().map(frame -> String.valueOf(frame.function())).toList();
  }
}
