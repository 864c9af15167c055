package org.chronovisor.recorder;

/** A recording could not be made; the message is one line that says what to do about it. */
public final class RecordException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public RecordException(String message) {
    super(message);
  }

  public RecordException(String message, Throwable cause) {
    super(message, cause);
  }
}
