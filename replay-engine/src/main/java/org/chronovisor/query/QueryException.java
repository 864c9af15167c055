package org.chronovisor.query;

/** A question cannot be answered as asked; the message is one line that says why. */
public class QueryException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public QueryException(String message) {
    super(message);
  }
}
