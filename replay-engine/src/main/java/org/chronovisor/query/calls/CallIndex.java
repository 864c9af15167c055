package org.chronovisor.query.calls;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.TraceSession;

/**
 * The calls of a run as a tree, in order of entry. When there are too many the shortest ones are
 * left out; as a caller has at least the instructions of what it called, no call is without its
 * caller. Immutable.
 */
public final class CallIndex {
  private final List<Call> calls;

  /** Index of each call's caller, -1 for an outermost one. */
  private final int[] parents;

  /** Index of the first call that a call made, and of its caller's next one; -1 for none. */
  private final int[] firstChild;

  private final int[] nextSibling;
  private final long shortest;
  private final long leftOut;

  private CallIndex(List<Call> calls, long shortest, long leftOut) {
    this.calls = calls;
    this.shortest = shortest;
    this.leftOut = leftOut;
    parents = new int[calls.size()];
    firstChild = new int[calls.size()];
    nextSibling = new int[calls.size()];
    link();
  }

  /** Walks a run once. */
  public static CallIndex of(TraceSession session, int most, ProgressListener progress) {
    return of(session, most, function -> true, progress);
  }

  /**
   * Walks a run once.
   *
   * @param most calls to keep; at least 2
   * @param wanted only calls of these functions; then parents may be missing
   */
  public static CallIndex of(
      TraceSession session, int most, Predicate<String> wanted, ProgressListener progress) {
    Collector collector = new Collector(most, wanted);
    CallWalk.run(session, session.end(), collector, progress);
    collector.calls.sort(Comparator.comparingLong(Call::entry).thenComparingInt(Call::depth));
    return new CallIndex(collector.calls, collector.shortest, collector.leftOut);
  }

  private static final class Collector implements CallVisitor {
    final List<Call> calls = new ArrayList<>();
    final int most;
    final Predicate<String> wanted;
    final Map<String, Boolean> known = new HashMap<>();
    long shortest;
    long leftOut;

    Collector(int most, Predicate<String> wanted) {
      this.most = most;
      this.wanted = wanted;
    }

    @Override
    public void left(Call call) {
      if (!known.computeIfAbsent(call.function(), wanted::test)) {
        return;
      }
      if (call.instructions() < shortest) {
        leftOut++;
        return;
      }
      calls.add(call);
      if (calls.size() > most) {
        thin();
      }
    }

    /** Drops about half of the calls, the short ones. */
    private void thin() {
      long[] lengths = calls.stream().mapToLong(Call::instructions).sorted().toArray();
      shortest = Math.max(shortest + 1, lengths[lengths.length / 2] + 1);
      int before = calls.size();
      calls.removeIf(call -> call.instructions() < shortest);
      leftOut += before - calls.size();
    }
  }

  /** A call's caller is the last one entered before it on its stack, one level up. */
  private void link() {
    Map<Integer, List<Integer>> open = new HashMap<>();
    int[] last = new int[calls.size()];
    Arrays.fill(firstChild, -1);
    Arrays.fill(nextSibling, -1);
    int lastRoot = -1;
    for (int i = 0; i < calls.size(); i++) {
      Call call = calls.get(i);
      List<Integer> chain = open.computeIfAbsent(call.stack(), s -> new ArrayList<>());
      while (!chain.isEmpty() && calls.get(chain.get(chain.size() - 1)).depth() >= call.depth()) {
        chain.remove(chain.size() - 1);
      }
      parents[i] = chain.isEmpty() ? -1 : chain.get(chain.size() - 1);
      chain.add(i);
      last[i] = -1;
      int before = parents[i] < 0 ? lastRoot : last[parents[i]];
      if (before >= 0) {
        nextSibling[before] = i;
      } else if (parents[i] >= 0) {
        firstChild[parents[i]] = i;
      }
      if (parents[i] < 0) {
        lastRoot = i;
      } else {
        last[parents[i]] = i;
      }
    }
  }

  public int size() {
    return calls.size();
  }

  public Call call(int index) {
    return calls.get(index);
  }

  /** Index of a call's caller, -1 for an outermost one. */
  public int caller(int index) {
    return parents[index];
  }

  public boolean hasCalls(int index) {
    return firstChild[index] >= 0;
  }

  /** The calls that a call made, in order; of -1 the outermost ones. */
  public List<Integer> calls(int index) {
    List<Integer> found = new ArrayList<>();
    int first = index >= 0 ? firstChild[index] : calls.isEmpty() ? -1 : 0;
    for (int i = first; i >= 0; i = nextSibling[i]) {
      found.add(i);
    }
    return found;
  }

  /** The innermost call kept that was active before the instruction at a position; -1 for none. */
  public int activeAt(long position) {
    int low = 0;
    int high = calls.size() - 1;
    int found = -1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (calls.get(middle).entry() <= position) {
        found = middle;
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    while (found >= 0 && !isActive(calls.get(found), position)) {
      found = parents[found];
    }
    return found;
  }

  /** Whether a call had begun and not ended before the instruction at a position. */
  public static boolean isActive(Call call, long position) {
    return call.entry() <= position && (call.exit() < 0 || position < call.exit());
  }

  /** Calls with fewer instructions are not kept; 0 when all are. */
  public long shortest() {
    return shortest;
  }

  /** Number of calls that are not kept. */
  public long leftOut() {
    return leftOut;
  }
}
