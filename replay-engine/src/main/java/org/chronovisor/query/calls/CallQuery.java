package org.chronovisor.query.calls;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.TraceSession;

/** The calls of a run. */
public final class CallQuery {
  private CallQuery() {}

  /**
   * Calls in order of their entry.
   *
   * @param function only calls of this one, or null
   * @param depth only calls up to this depth
   * @param most of them; the first ones
   * @return the calls, at most one more than {@code most}: then there are more
   */
  public static List<Call> calls(
      TraceSession session,
      String function,
      int depth,
      long from,
      long to,
      int most,
      ProgressListener progress) {
    List<Call> found = new ArrayList<>();
    // In order of exit; those that end last may have begun first.
    CallWalk.run(
        session,
        session.end(),
        new CallVisitor() {
          @Override
          public void left(Call call) {
            boolean wanted =
                (function == null || function.equals(call.function()))
                    && call.depth() <= depth
                    && call.entry() < to
                    && (call.exit() < 0 || call.exit() > from);
            if (wanted) {
              found.add(call);
              if (found.size() > 4 * (most + 1) + 1000) {
                found.sort(Comparator.comparingLong(Call::entry));
                found.subList(most + 1, found.size()).clear();
              }
            }
          }
        },
        progress);
    found.sort(Comparator.comparingLong(Call::entry).thenComparingInt(Call::depth));
    return found.subList(0, Math.min(found.size(), most + 1));
  }

  /**
   * The functions active before the instruction at a position, innermost first: of all calls since
   * the recording started those that had not ended.
   */
  public static List<Call> activeAt(
      TraceSession session, long position, ProgressListener progress) {
    List<Call> active = new ArrayList<>();
    Frame frame = CallWalk.run(session, position, new CallVisitor() {}, progress);
    for (; frame != null; frame = frame.caller) {
      active.add(frame.call(-1));
    }
    return active;
  }
}
