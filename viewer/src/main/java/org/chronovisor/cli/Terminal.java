package org.chronovisor.cli;

/** What is known of the terminal. The launcher tells by system properties what Java cannot see. */
final class Terminal {
  private static final int DEFAULT_WIDTH = 100;
  private static final int NARROWEST = 60;
  private static final int WIDEST = 200;

  private Terminal() {}

  /** Standard error is a terminal. */
  static boolean isErrorTerminal() {
    String told = System.getProperty("chronovisor.terminal");
    return told == null ? isTerminal() : Boolean.parseBoolean(told);
  }

  /** Standard input and output are a terminal. */
  @SuppressWarnings("SystemConsoleNull") // newer JDKs are asked below
  static boolean isTerminal() {
    java.io.Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      // From JDK 22 on a console exists without a terminal too.
      return (boolean) java.io.Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException before22) {
      return true;
    }
  }

  /** Columns, from the COLUMNS variable when the shell exports it. */
  static int width() {
    String columns = System.getenv("COLUMNS");
    try {
      return columns == null
          ? DEFAULT_WIDTH
          : Math.max(NARROWEST, Math.min(WIDEST, Integer.parseInt(columns)));
    } catch (NumberFormatException e) {
      return DEFAULT_WIDTH;
    }
  }
}
