package org.chronovisor.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.chronovisor.it.Recordings.How;
import org.chronovisor.query.AccessLog;
import org.chronovisor.query.PhysicalRange;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.QueryException;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.search.Condition;
import org.chronovisor.query.search.Hit;
import org.chronovisor.query.search.Range;
import org.chronovisor.query.search.Search;
import org.chronovisor.replay.Replayer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Compares searches with a walk over all positions of a run that has several segments. */
@Timeout(180)
class SearchTest {
  private static void with(Consumer<TraceSession> test) {
    try (TraceSession session =
        TraceSession.open(Recordings.of(Sample.HEAP_OVERFLOW, How.DETERMINISTIC).trace())) {
      test.accept(session);
    }
  }

  private static long address(TraceSession session, String symbol) {
    return session.symbols().find(symbol).orElseThrow().address();
  }

  private static List<Long> executions(
      TraceSession session, Range range, String condition, long address) {
    List<Long> found = new ArrayList<>();
    Condition wanted = condition == null ? null : Condition.parse(condition, session.symbols());
    new Search(session, range, wanted, ProgressListener.NONE)
        .executions(List.of(address), hit -> found.add(hit.position()));
    return found;
  }

  @Test
  void findsTheExecutionsThatAWalkSees() {
    with(
        session -> {
          long free = address(session, "heap_free");
          List<Long> walked = new ArrayList<>();
          List<Long> large = new ArrayList<>();
          Replayer replayer = session.replayer();
          for (long at = 0; at < session.end(); at++) {
            replayer.seek(at);
            if (session.pc() == free) {
              walked.add(at);
              if (replayer.cpu().r[7] > 0x10d000 && replayer.cpu().mmu.load64(0x108000) != 0) {
                large.add(at);
              }
            }
          }
          assertTrue(walked.size() > 1000);
          assertEquals(walked, executions(session, Range.all(session), null, free));
          long link = address(session, "free_list");
          String condition = "rdi > 0x10d000 && [" + link + "]:8 != 0";
          if (link == 0x108000) {
            assertEquals(large, executions(session, Range.all(session), condition, free));
          }
          int middle = walked.size() / 2;
          Range part = new Range(walked.get(10), walked.get(middle), false, Long.MAX_VALUE);
          assertEquals(walked.subList(10, middle), executions(session, part, null, free));
          Range last = new Range(0, walked.get(middle), true, 3);
          List<Long> expected = new ArrayList<>(walked.subList(middle - 3, middle));
          Collections.reverse(expected);
          assertEquals(expected, executions(session, last, null, free));
        });
  }

  @Test
  void findsEveryChangeOfAWordThatAWalkSees() {
    with(
        session -> {
          long list = address(session, "free_list");
          List<PhysicalRange> parts = PhysicalRange.split(null, list, 8);
          Set<Long> changed = new TreeSet<>();
          Replayer replayer = session.replayer();
          replayer.seek(0);
          long before = replayer.cpu().mmu.load64(list);
          for (long at = 1; at <= session.end(); at++) {
            replayer.seek(at);
            long now = replayer.cpu().mmu.walk(list) < 0 ? before : load(replayer, list);
            if (now != before) {
              changed.add(at - 1);
            }
            before = now;
          }
          Set<Long> changes = new TreeSet<>();
          byte[][] last = {new byte[8]};
          new Search(session, Range.all(session), null, ProgressListener.NONE)
              .writes(
                  parts,
                  hit -> {
                    if (!java.util.Arrays.equals(hit.value(), last[0])) {
                      changes.add(hit.position());
                    }
                    last[0] = hit.value();
                    assertEquals(Hit.Kind.STORE, hit.kind());
                    return true;
                  });
          assertTrue(changed.size() > 1000);
          assertEquals(changed, changes);
        });
  }

  private static long load(Replayer replayer, long address) {
    byte[] page = replayer.memory().page(address >>> 12).bytes;
    long value = 0;
    for (int i = 7; i >= 0; i--) {
      value = value << 8 | (page[(int) (address & 4095) + i] & 0xff);
    }
    return value;
  }

  /** The operands of the instructions tell the same as the memory that was asked. */
  @Test
  void findsTheReadsThatTheOperandsTell() {
    with(
        session -> {
          long list = address(session, "free_list");
          long from = session.end() / 2;
          long to = from + 100_000;
          Set<Long> told = new TreeSet<>();
          for (AccessLog.Access access : AccessLog.of(session, from, to)) {
            if (!access.store()
                && access.physical() < list + 8
                && access.physical() + access.size() > list) {
              told.add(access.position());
            }
          }
          Set<Long> found = new TreeSet<>();
          new Search(
                  session, new Range(from, to, false, Long.MAX_VALUE), null, ProgressListener.NONE)
              .reads(PhysicalRange.split(null, list, 8), hit -> found.add(hit.position()));
          assertTrue(told.size() > 50, "only " + told.size());
          assertEquals(told, found);
        });
  }

  @Test
  void aSearchEndsWhenItIsCancelled() {
    with(
        session -> {
          ProgressListener cancelled =
              new ProgressListener() {
                @Override
                public void progress(long done, long total) {}

                @Override
                public boolean isCancelled() {
                  return true;
                }
              };
          Search search = new Search(session, Range.all(session), null, cancelled);
          assertThrows(
              CancellationException.class,
              () -> search.executions(List.of(address(session, "heap_free")), hit -> true));
        });
  }

  @Test
  void whatIsNoConditionIsSaidInOneLine() {
    with(
        session -> {
          for (String text :
              List.of(
                  "",
                  "rax",
                  "rax ==",
                  "[rax:4 == 1",
                  "rax == 1 &&",
                  "nosuch == 1",
                  "(".repeat(99),
                  "[1]:3 == 0",
                  "rax == 1 )",
                  "1" + "0".repeat(40) + " == 1")) {
            QueryException e =
                assertThrows(
                    QueryException.class, () -> Condition.parse(text, session.symbols()), text);
            assertEquals(1, e.getMessage().lines().count());
          }
        });
  }
}
