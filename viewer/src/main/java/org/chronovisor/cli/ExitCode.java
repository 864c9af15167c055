package org.chronovisor.cli;

/** The exit codes that scripts rely on. */
final class ExitCode {
  static final int GOOD = 0;

  /** The answer is "no": verification failed, or nothing was found. */
  static final int NO = 1;

  static final int USAGE = 2;

  /** The trace or the machine is at fault. */
  static final int FAULT = 3;

  private ExitCode() {}
}
