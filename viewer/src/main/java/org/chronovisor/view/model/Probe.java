package org.chronovisor.view.model;

import org.chronovisor.query.TraceSession;

/** Something a pane wants to know at every position. */
@FunctionalInterface
public interface Probe<T> {
  /** Reads it; the session stands at the position. Called on the worker's thread. */
  T read(TraceSession session);
}
