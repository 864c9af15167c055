package org.chronovisor.query;

/** A question has no answer as asked; the message is one line that says why. */
public final class QueryException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public QueryException(String message) {
    super(message);
  }
}
