package org.chronovisor.replay;

/** Replay and recording disagree; the message is one line that says where and what. */
public final class ReplayException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final long position;

  public ReplayException(long position, String message) {
    super("at instruction " + position + ": " + message);
    this.position = position;
  }

  /** Retired instructions before the disagreement. */
  public long position() {
    return position;
  }
}
