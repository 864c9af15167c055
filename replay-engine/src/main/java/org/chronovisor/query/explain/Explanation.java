package org.chronovisor.query.explain;

import java.util.List;
import org.chronovisor.query.Backtrace;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.origin.Origin;

/**
 * Why a run failed.
 *
 * @param trails where the bad values came from
 * @param rootCause the instruction to blame, or null when none is found
 * @param details what belongs to it, in order of importance
 * @param callers the functions active at the root cause, or else at the failure
 */
public record Explanation(
    Failure failure,
    List<Trail> trails,
    Finding rootCause,
    List<Finding> details,
    List<Backtrace.Frame> callers) {
  /** A value and where it came from. */
  public record Trail(String title, Origin origin) {}

  public Explanation {
    trails = List.copyOf(trails);
    details = List.copyOf(details);
    callers = List.copyOf(callers);
  }

  /** Explains how a trace ends. */
  public static Explanation of(TraceSession session, ProgressListener progress) {
    return new Explainer(session, progress).explain();
  }
}
