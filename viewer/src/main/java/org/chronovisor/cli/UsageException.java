package org.chronovisor.cli;

/** The command was used wrongly; the message says how to put it right. */
final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  UsageException(String message) {
    super(message);
  }
}
