package org.chronovisor.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.chronovisor.query.NotMappedException;
import org.chronovisor.query.QueryException;
import org.chronovisor.recorder.RecordException;
import org.chronovisor.replay.ReplayException;
import org.chronovisor.symbols.AddressException;
import org.chronovisor.trace.TraceException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The streams of one run of the command line, and how errors become lines and exit codes. */
final class Console {
  private static final String NAME = "chronovisor";
  private static final long FINISH_SECONDS = 90;

  private final PrintStream rawOut;
  private final PrintWriter out;
  private final PrintWriter err;
  private final InputStream in;
  private final StatusLine status;
  private final CountDownLatch finished = new CountDownLatch(1);
  private volatile int exitCode = ExitCode.FAULT;
  private Thread finisher;

  Console(PrintStream out, PrintStream err, InputStream in) {
    rawOut = out;
    this.out = writer(out);
    this.err = writer(err);
    this.in = in;
    status = new StatusLine(this.err, err == System.err && Terminal.isErrorTerminal());
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), false);
  }

  PrintWriter out() {
    return out;
  }

  PrintWriter err() {
    return err;
  }

  InputStream in() {
    return in;
  }

  /** Standard output for bytes; flush {@link #out} before. */
  PrintStream rawOut() {
    return rawOut;
  }

  StatusLine status() {
    return status;
  }

  /** Standard input and output are a person's terminal. */
  boolean isInteractive() {
    return in == System.in && Terminal.isTerminal();
  }

  int execute(String... args) {
    RootCommand root = new RootCommand(this);
    CommandLine line = new CommandLine(root);
    line.setOut(out);
    line.setErr(err);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUsageHelpWidth(Terminal.width());
    line.getSubcommands().get("record").setStopAtPositional(true);
    line.setExecutionExceptionHandler((e, command, parsed) -> failed(e, root));
    line.setParameterExceptionHandler((e, arguments) -> misused(e));
    try {
      int code = line.execute(args);
      out.flush();
      exitCode = code == 0 && out.checkError() ? ExitCode.FAULT : code;
      return exitCode;
    } finally {
      status.clear();
      out.flush();
      err.flush();
      finished.countDown();
      removeFinisher();
    }
  }

  /**
   * From now on Ctrl-C and SIGTERM let the command finish what it has to, and its exit code counts,
   * not the signal's.
   */
  void finishOnSignal() {
    finisher =
        new Thread(
            () -> {
              try {
                if (finished.await(FINISH_SECONDS, TimeUnit.SECONDS)) {
                  Runtime.getRuntime().halt(exitCode);
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "finish");
    try {
      Runtime.getRuntime().addShutdownHook(finisher);
    } catch (IllegalStateException e) {
      // The signal came already: there is nothing to finish yet.
      finisher = null;
    }
  }

  private void removeFinisher() {
    if (finisher != null) {
      try {
        Runtime.getRuntime().removeShutdownHook(finisher);
      } catch (IllegalStateException e) {
        // A signal came: the hook ends the JVM now.
      }
    }
  }

  private int misused(ParameterException e) {
    String message = oneLine(e.getMessage());
    if (e instanceof UnmatchedArgumentException unmatched) {
      String first = unmatched.getUnmatched().get(0);
      boolean command = e.getCommandLine().getParent() == null && !first.startsWith("-");
      message = command ? "no command '" + first + "'" : message;
      if (!unmatched.getSuggestions().isEmpty()) {
        message += "; did you mean " + String.join(", ", unmatched.getSuggestions()) + "?";
      }
    }
    String help = e.getCommandLine().getCommandSpec().qualifiedName() + " --help";
    return error(ExitCode.USAGE, message + " (see '" + help + "')");
  }

  private int failed(Exception e, RootCommand root) {
    status.clear();
    out.flush();
    if (root.debug) {
      e.printStackTrace(err);
    }
    if (e instanceof NotMappedException) {
      return error(ExitCode.NO, e.getMessage());
    }
    if (e instanceof UsageException
        || e instanceof AddressException
        || e instanceof QueryException) {
      return error(ExitCode.USAGE, e.getMessage());
    }
    if (e instanceof ReplayException) {
      return error(
          ExitCode.FAULT,
          "replay and recording disagree " + e.getMessage() + "; 'chronovisor verify' says more");
    }
    if (e instanceof RecordException refused && refused.isUsage()) {
      return error(ExitCode.USAGE, e.getMessage());
    }
    if (e instanceof TraceException || e instanceof RecordException) {
      return error(ExitCode.FAULT, e.getMessage());
    }
    if (e instanceof FileSystemException file) {
      String reason = file.getReason() == null ? "cannot be used" : file.getReason();
      return error(ExitCode.FAULT, file.getFile() + ": " + reason);
    }
    if (e instanceof IOException) {
      return error(ExitCode.FAULT, e.getMessage());
    }
    return error(ExitCode.FAULT, "unexpected: " + e + "; run again with --debug for the details");
  }

  /** Prints one line to standard error and returns the code. */
  int error(int code, String message) {
    status.clear();
    err.println(NAME + ": " + oneLine(String.valueOf(message)));
    err.flush();
    return code;
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*[\\r\\n]+\\s*", " ");
  }
}
