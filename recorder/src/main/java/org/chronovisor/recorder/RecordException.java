package org.chronovisor.recorder;

/** A recording could not be made; the message is one line that says what to do about it. */
public final class RecordException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final boolean usage;

  public RecordException(String message) {
    this(message, null);
  }

  public RecordException(String message, Throwable cause) {
    this(message, cause, false);
  }

  private RecordException(String message, Throwable cause, boolean usage) {
    super(message, cause);
    this.usage = usage;
  }

  /** The command line asks for what cannot be recorded; the message says what to write instead. */
  static RecordException refused(String message) {
    return new RecordException(message, null, true);
  }

  static RecordException refused(String message, Throwable cause) {
    return new RecordException(message, cause, true);
  }

  /** True when another command line would help; else the machine or the guest is at fault. */
  public boolean isUsage() {
    return usage;
  }
}
