package org.chronovisor.trace;

/**
 * A trace is damaged, foreign, or cannot be read or written; the message is one line for people.
 */
public final class TraceException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public TraceException(String message) {
    super(message);
  }

  public TraceException(String message, Throwable cause) {
    super(message, cause);
  }
}
