package org.chronovisor.cli;

/** Entry point of the command line. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.exit(execute(args));
  }

  /**
   * Runs one command.
   *
   * @return the exit code: 0 good, 1 the answer is "no", 2 bad usage, 3 trace or machine at fault
   */
  public static int execute(String... args) {
    return new Console(System.out, System.err, System.in).execute(args);
  }
}
