package org.chronovisor.query.search;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntPredicate;
import org.chronovisor.query.TraceSession;

/**
 * Which part of a run is searched, and how.
 *
 * @param from first position
 * @param to position behind the last
 * @param backwards the last hits are wanted first
 * @param most hits; the search ends when it has them
 */
public record Range(long from, long to, boolean backwards, long most) {
  /** All of a run, forwards. */
  public static Range all(TraceSession session) {
    return new Range(0, session.end() + 1, false, Long.MAX_VALUE);
  }

  /** The segments that may have a hit, in the order of the search. */
  List<Integer> segments(TraceSession session, IntPredicate interesting) {
    List<Integer> segments = new ArrayList<>();
    for (int i = 0; i < session.trace().segmentCount(); i++) {
      long start = session.trace().segment(i).start();
      long end = session.trace().segment(i).end();
      if (start < to && end >= from && interesting.test(i)) {
        segments.add(i);
      }
    }
    if (backwards) {
      Collections.reverse(segments);
    }
    return segments;
  }

  boolean contains(long position) {
    return position >= from && position < to;
  }

  /** Keeps what one segment gives for the search: the first or the last of its hits. */
  final class Hits {
    private final List<Hit> hits = new ArrayList<>();
    private long count;

    void add(Hit hit) {
      count++;
      if (backwards || hits.size() < most) {
        hits.add(hit);
      }
      // Backwards the last ones count; the list must not grow with the run.
      if (backwards && hits.size() > 2 * Math.min(most, 1 << 20)) {
        hits.subList(0, hits.size() - (int) Math.min(most, 1 << 20)).clear();
      }
    }

    /** Whether no more are wanted. */
    boolean isFull() {
      return !backwards && count >= most;
    }

    /** In the order of the search. */
    List<Hit> get() {
      if (backwards) {
        Collections.reverse(hits);
      }
      return hits.subList(0, (int) Math.min(most, hits.size()));
    }
  }
}
