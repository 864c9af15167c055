package org.chronovisor.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.chronovisor.query.LastWriter;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.StateQuery;
import org.chronovisor.query.Stop;
import org.chronovisor.query.StopSearch;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.calls.Profile;
import org.chronovisor.query.origin.Cell;
import org.chronovisor.query.origin.OriginFinder;
import org.chronovisor.symbols.AddressExpression;

/** Measures queries on a trace of the sample 'compute'. */
final class QueryBench {
  private static final double PERCENTILE = 0.95;
  private static final int STEPS = 200;
  private static final int TRAIL = 20;
  private static final long SNAPSHOTS = 64 << 20;

  /** Variables that the guest writes once, before it begins to work. */
  private static final List<String> WRITTEN_ONCE = List.of("ram_bytes", "command_line");

  private final Path trace;
  private final StatusLine status;

  QueryBench(Path trace, StatusLine status) {
    this.trace = trace;
    this.status = status;
  }

  /** Adds the figures to a map. */
  void measure(Map<String, Object> map) {
    status.show("asking: opening");
    // The first session of the process loads classes; a user's first question does, too.
    long begin = System.nanoTime();
    try (TraceSession session = TraceSession.open(trace)) {
      StateQuery.at(session, session.end() / 2);
      map.put("openMs", millis(begin));
      stepping(session, map);
      lastWrite(session, map);
      farBreakpoint(session, map);
      origin(session, map);
      status.show("asking: profile");
      begin = System.nanoTime();
      Profile profile = Profile.of(session, ProgressListener.NONE);
      map.put("profileMips", profile.total() * 1e3 / Math.max(1, System.nanoTime() - begin));
    }
  }

  private void stepping(TraceSession session, Map<String, Object> map) {
    status.show("asking: steps back");
    session.replayer().keepSnapshots(SNAPSHOTS);
    StopSearch search = new StopSearch(session);
    Random random = new Random(2);
    double[] millis = new double[STEPS];
    for (int i = 0; i < STEPS; i++) {
      if (i % 20 == 0) {
        session.seek(20 + random.nextLong(Math.max(1, session.end() - 20)));
      }
      long begin = System.nanoTime();
      search.stepBack();
      millis[i] = millis(begin);
    }
    map.put("stepMsP95", percentile(millis));
  }

  private void lastWrite(TraceSession session, Map<String, Object> map) {
    status.show("asking: last writes");
    double[] millis = new double[WRITTEN_ONCE.size() * 4];
    for (int i = 0; i < millis.length; i++) {
      AddressExpression address =
          AddressExpression.parse(WRITTEN_ONCE.get(i % WRITTEN_ONCE.size()));
      long begin = System.nanoTime();
      LastWriter.find(session, session.end(), address, 8, ProgressListener.NONE);
      millis[i] = millis(begin);
    }
    map.put("lastWriteMsP95", percentile(millis));
  }

  private void farBreakpoint(TraceSession session, Map<String, Object> map) {
    status.show("asking: a breakpoint hit once, long ago");
    session.seek(session.end());
    long begin = System.nanoTime();
    StopSearch search = new StopSearch(session);
    long address = session.symbols().find("kernel_main").orElseThrow().address();
    search.stopAt(List.of(address), List.of());
    Stop stop = search.backwards();
    map.put("farBreakpointMs", stop.reason() == Stop.Reason.BREAKPOINT ? millis(begin) : -1.0);
  }

  /** The slowest of some trails of up to 20 steps. */
  private void origin(TraceSession session, Map<String, Object> map) {
    status.show("asking: origins");
    double slowest = 0;
    int longest = 0;
    Random random = new Random(3);
    for (int i = 0; i < 10; i++) {
      long position = session.end() - 1 - random.nextLong(Math.max(1, session.end() / 2));
      Cell cell = Cell.register(i < 5 ? 0 : 7); // rax and rdi
      long begin = System.nanoTime();
      int steps =
          new OriginFinder(session, ProgressListener.NONE)
              .follow(position, cell, TRAIL)
              .steps()
              .size();
      slowest = Math.max(slowest, millis(begin));
      longest = Math.max(longest, steps);
    }
    map.put("originMs", slowest);
    map.put("originSteps", longest);
  }

  private static double millis(long begin) {
    return (System.nanoTime() - begin) / 1e6;
  }

  private static double percentile(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[(int) Math.ceil(PERCENTILE * sorted.length) - 1];
  }
}
