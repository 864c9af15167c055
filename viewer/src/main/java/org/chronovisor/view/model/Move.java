package org.chronovisor.view.model;

import org.chronovisor.query.TraceSession;

/** A way from one position to another. */
@FunctionalInterface
public interface Move {
  /**
   * Goes it.
   *
   * @param session stands at the position to go from
   * @return the position to show
   */
  long go(TraceSession session, JobControl control);
}
