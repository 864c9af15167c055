package org.chronovisor.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.chronovisor.it.Recordings.How;
import org.chronovisor.query.Stop;
import org.chronovisor.query.StopSearch;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.Watchpoint;
import org.chronovisor.replay.Replayer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Compares searches with a walk over all positions that looks at each pc and each watched word. */
@Timeout(180)
class StopSearchTest {
  private static final int SEARCHES = 60;
  private static final int WORDS = 4;

  @ParameterizedTest
  @EnumSource(names = {"HEAP_OVERFLOW", "IRQ_RACE"})
  void stopsWhereAWalkFindsTheNearestHit(Sample sample) {
    Random random = new Random(3);
    try (TraceSession session =
        TraceSession.open(Recordings.of(sample, How.DETERMINISTIC).trace())) {
      Replayer replayer = session.replayer();
      replayer.keepSnapshots(64 << 20);
      int end = Math.toIntExact(session.end());
      long[] addresses = stackWords(session, random, end);
      long[] pcs = new long[end + 1];
      long[][] values = new long[WORDS][end + 1];
      for (int at = 0; at <= end; at++) {
        replayer.seek(at);
        pcs[at] = session.pc();
        for (int w = 0; w < WORDS; w++) {
          values[w][at] = replayer.cpu().mmu.load64(addresses[w]);
        }
      }
      StopSearch search = new StopSearch(session);
      int stopped = 0;
      for (int i = 0; i < SEARCHES; i++) {
        int origin = random.nextInt(end + 1);
        List<Long> breakpoints = new ArrayList<>();
        List<Watchpoint> watchpoints = new ArrayList<>();
        List<long[]> watched = new ArrayList<>();
        replayer.seek(end);
        for (int n = random.nextInt(3); n > 0; n--) {
          breakpoints.add(pcs[random.nextInt(end)]);
        }
        if (random.nextBoolean()) {
          int w = random.nextInt(WORDS);
          watchpoints.add(Watchpoint.at(session, addresses[w], 8));
          watched.add(values[w]);
        }
        search.stopAt(breakpoints, watchpoints);
        replayer.seek(origin);
        boolean forwards = random.nextBoolean();
        Stop stop = forwards ? search.forwards() : search.backwards();
        int expected = walk(origin, forwards ? 1 : -1, pcs, breakpoints, watched);
        assertEquals(expected, stop.position(), stop + " from " + origin);
        assertEquals(expected, replayer.position());
        assertEquals(pcs[expected], session.pc());
        stopped += expected > 0 && expected < end ? 1 : 0;
      }
      assertTrue(stopped > SEARCHES / 4, "only " + stopped + " stops");
    }
  }

  /** Addresses that calls, and the frames of interrupts, are pushed to. */
  private static long[] stackWords(TraceSession session, Random random, int end) {
    long[] addresses = new long[WORDS];
    for (int w = 0; w < WORDS; w++) {
      session.seek(end / 2 + random.nextInt(end / 2));
      addresses[w] = (session.replayer().cpu().r[4] & -8) - 8;
    }
    return addresses;
  }

  private static int walk(
      int origin, int direction, long[] pcs, List<Long> breakpoints, List<long[]> watched) {
    int at = origin;
    while (at + direction >= 0 && at + direction < pcs.length) {
      int before = at;
      at += direction;
      int here = at;
      if (breakpoints.contains(pcs[at])
          || watched.stream().anyMatch(values -> values[before] != values[here])) {
        return at;
      }
    }
    return at;
  }
}
