package org.chronovisor.query;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.chronovisor.replay.ReplayException;
import org.chronovisor.replay.Replayer;
import org.chronovisor.replay.Verifier;
import org.chronovisor.trace.MemoryEvent;
import org.chronovisor.trace.MemoryEvent.Kind;
import org.chronovisor.trace.SegmentEvents;
import org.chronovisor.trace.SegmentInfo;
import org.chronovisor.trace.TraceReader;
import org.junit.jupiter.api.Test;

/** What a replay may claim: known bytes, whole moves, nothing left over. */
class ReplayRulesTest {
  private static final long ADDRESS = 0x3000;

  /** Twelve NOPs in three segments. */
  private static TestTrace nops(MemoryEvent... external) {
    return new TestTrace("90".repeat(12), 12, 4, List.of(external), List.of(), List.of());
  }

  private static MemoryEvent event(long position, Kind kind) {
    return new MemoryEvent(position, kind, 0, ADDRESS, new byte[] {7});
  }

  private static TraceReader with(
      TraceReader trace, IntPredicate audited, int changed, MemoryEvent added) {
    return (TraceReader)
        Proxy.newProxyInstance(
            TraceReader.class.getClassLoader(),
            new Class<?>[] {TraceReader.class},
            (proxy, method, arguments) -> {
              Object result;
              try {
                result = method.invoke(trace, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
              if (result instanceof SegmentInfo s) {
                return new SegmentInfo(
                    s.start(),
                    s.instructions(),
                    s.keyframe(),
                    s.pathHash(),
                    audited.test((int) arguments[0]),
                    s.frames());
              }
              if (result instanceof SegmentEvents e
                  && added != null
                  && changed == (int) arguments[0]) {
                List<MemoryEvent> memory = new ArrayList<>(e.memory());
                memory.add(added);
                return new SegmentEvents(
                    e.captures(),
                    memory,
                    e.transfers(),
                    e.states(),
                    e.path(),
                    e.outputs(),
                    e.blocks());
              }
              return result;
            });
  }

  @Test
  void aByteIsUnknownFromTheLastComparisonOfRamUntilItsChangeIsSeen() {
    TraceReader trace = with(nops(event(10, Kind.EXTERNAL)), i -> i == 1, -1, null);
    Replayer replayer = new Replayer(trace);
    for (int at = 0; at <= 12; at++) {
      replayer.seek(at);
      // RAM was compared where segment 1 starts, at 4, and not where segment 2 starts, at 8.
      assertEquals(at >= 4 && at < 10, replayer.unknown().contains(ADDRESS), "at " + at);
      assertFalse(replayer.unknown().contains(ADDRESS + 1));
    }
  }

  @Test
  void whatIsSeenInASegmentIsKnownInTheOneBeforeWhenRamWasComparedBetween() {
    Replayer replayer = new Replayer(with(nops(event(5, Kind.AUDIT)), i -> true, -1, null));
    replayer.seek(3);
    assertFalse(replayer.unknown().contains(ADDRESS));
    replayer.seek(4);
    assertTrue(replayer.unknown().contains(ADDRESS));
  }

  @Test
  void runningToASegmentsEndShowsWhatTheNextOneStartsWith() {
    TestTrace trace = nops(event(4, Kind.EXTERNAL));
    Replayer running = new Replayer(trace);
    running.runTo(4);
    Replayer fresh = new Replayer(trace);
    fresh.seek(4);
    assertEquals(7, fresh.memory().page(ADDRESS >>> 12).bytes[0]);
    assertEquals(7, running.memory().page(ADDRESS >>> 12).bytes[0]);
    assertEquals(fresh.segment(), running.segment());
  }

  @Test
  void aRecordedStoreThatNoInstructionMadeIsAMismatch() {
    TraceReader trace = with(nops(), i -> true, 1, event(6, Kind.STORE));
    var report = Verifier.verify(trace, 1, (s, i) -> {}, () -> false);
    assertFalse(report.ok());
    assertEquals(
        List.of(
            "segment 1: at instruction 8: no instruction of the segment has made the store"
                + " recorded at 6"),
        report.mismatches());
  }

  @Test
  void aMoveThatFailedIsNotContinued() {
    Replayer replayer = new Replayer(with(nops(), i -> true, 1, event(6, Kind.STORE)));
    replayer.seek(5);
    assertThrows(ReplayException.class, () -> replayer.runTo(9));
    assertThrows(IllegalStateException.class, () -> replayer.runTo(10));
    replayer.seek(9);
    assertEquals(9, replayer.position());
  }
}
