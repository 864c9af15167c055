package org.chronovisor.cli;

import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import org.chronovisor.query.ProgressListener;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What every command has: the console, and {@code --help}. */
abstract class BaseCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  final Console console() {
    return ((RootCommand) spec.root().userObject()).console;
  }

  final PrintWriter out() {
    return console().out();
  }

  final void json(Map<String, ?> object) {
    out().println(Json.write(object));
  }

  /** A progress bar for a search. */
  final ProgressListener progress(String task) {
    StatusLine status = console().status();
    status.begin(task);
    return status::progress;
  }
}
