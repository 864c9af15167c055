package org.chronovisor.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.chronovisor.it.Recordings.How;
import org.chronovisor.query.Backtrace;
import org.chronovisor.query.InstructionHistory;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.calls.Call;
import org.chronovisor.query.calls.CallQuery;
import org.chronovisor.query.calls.Profile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compares the call history with a count of all executed instructions, and with the stack. */
@Timeout(180)
class CallsTest {
  @ParameterizedTest
  @CsvSource({
    "DIVIDE, PLAIN",
    "IRQ_RACE, DETERMINISTIC",
    "PAGING, DETERMINISTIC",
    "STACK_SMASH, PLAIN",
    "SMP_2, PLAIN"
  })
  void eachFunctionHasTheInstructionsThatLieInIt(Sample sample, How how) {
    try (TraceSession session = TraceSession.open(Recordings.of(sample, how).trace())) {
      Map<String, Long> counted = new TreeMap<>();
      Map<Long, Long> byPc = new HashMap<>();
      InstructionHistory history = session.history();
      for (long at = 0; at < session.end(); at++) {
        byPc.merge(history.at(at).pc(), 1L, Long::sum);
      }
      byPc.forEach(
          (pc, count) ->
              counted.merge(
                  session.symbols().at(pc).map(s -> s.name()).orElse("none"), count, Long::sum));
      Profile profile = Profile.of(session, ProgressListener.NONE);
      Map<String, Long> profiled = new TreeMap<>();
      for (Profile.Entry entry : profile.flat()) {
        if (entry.self() > 0) {
          String name = entry.function().startsWith("0x") ? "none" : entry.function();
          profiled.merge(name, entry.self(), Long::sum);
        }
        long entered =
            session
                .symbols()
                .find(entry.function())
                .map(s -> byPc.getOrDefault(s.address(), 0L))
                .orElse(0L);
        if (!entry.function().startsWith("_start") && entered > 0) {
          assertEquals(entered, entry.calls(), entry.function());
        }
      }
      assertEquals(counted, profiled);
      assertEquals(session.end(), profile.total());
    }
  }

  @Test
  void theActiveFunctionsAreThoseOnTheStack() {
    try (TraceSession session =
        TraceSession.open(Recordings.of(Sample.HEAP_OVERFLOW, How.PLAIN).trace())) {
      Random random = new Random(7);
      int compared = 0;
      for (int i = 0; i < 12; i++) {
        long position = 3000 + random.nextLong(session.end() - 3000);
        List<String> stack =
            Backtrace.at(session, position).stream()
                .map(f -> f.symbol() == null ? "?" : f.symbol().replaceAll("\\+0x.*", ""))
                .toList();
        if (stack.get(stack.size() - 1).equals("start64")) {
          List<String> active =
              CallQuery.activeAt(session, position, ProgressListener.NONE).stream()
                  .map(Call::function)
                  .toList();
          assertEquals(stack, active, "at " + position);
          compared++;
        }
      }
      assertTrue(compared > 5, "only " + compared);
    }
  }
}
