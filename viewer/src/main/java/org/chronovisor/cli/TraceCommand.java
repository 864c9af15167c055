package org.chronovisor.cli;

import java.nio.file.Path;
import org.chronovisor.query.TraceSession;
import org.chronovisor.symbols.AddressException;
import org.chronovisor.symbols.AddressExpression;
import picocli.CommandLine.Parameters;

/** A command about one trace. */
abstract class TraceCommand extends BaseCommand {
  @Parameters(index = "0", paramLabel = "TRACE", description = "A trace directory or .cvt file.")
  Path trace;

  @Override
  public Integer call() throws Exception {
    try (TraceSession session = TraceSession.open(trace)) {
      return run(session);
    }
  }

  abstract int run(TraceSession session) throws Exception;

  /** Reads an instruction number: decimal digits, or {@code end}. */
  static long position(TraceSession session, String text, String option) {
    return position(text.equals("end") ? session.end() : 0, text, option);
  }

  /**
   * Reads an instruction number.
   *
   * @param end what {@code end} stands for
   */
  static long position(long end, String text, String option) {
    if (text.equals("end")) {
      return end;
    }
    try {
      long position = Long.parseLong(text.replace("_", ""));
      if (position >= 0) {
        return position;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new UsageException(
        option + " takes an instruction number in decimal digits, or 'end', not '" + text + "'");
  }

  /** Reads a length in bytes. */
  static int length(String text, int longest) {
    long length;
    try {
      length = AddressExpression.number(text.strip());
    } catch (AddressException e) {
      throw new UsageException("'" + text + "' is not a length in bytes");
    }
    if (length < 1 || length > longest) {
      throw new UsageException("a length must be from 1 to " + longest + " bytes");
    }
    return (int) length;
  }
}
