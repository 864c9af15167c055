package org.chronovisor.view.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import javax.swing.SwingUtilities;
import org.chronovisor.gdb.GdbExpressions;
import org.chronovisor.query.QueryException;
import org.chronovisor.query.TraceSession;
import org.chronovisor.symbols.dwarf.DwarfException;
import org.chronovisor.symbols.dwarf.RecordedCode;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.view.ui.Strings;

/**
 * The source's variables at a position, by a gdb of the machine's own on a thread of its own. It is
 * started when it is first asked; without one, every answer says why there are no values. Event
 * thread only.
 */
public final class Variables implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 3;

  private final TraceReader trace;
  private final List<Path> roots;
  private final ExecutorService thread;
  private final AtomicLong newest = new AtomicLong();

  /** Worker's own. */
  private GdbExpressions gdb;

  private Path elf;
  private String reason;
  private long position = -1;
  private volatile boolean closed;

  /** A variable, a parameter or an expression that the user watches. */
  public record Value(Kind kind, String name, String value) {}

  /** What a value is of. */
  public enum Kind {
    PARAMETER,
    LOCAL,
    WATCH
  }

  /**
   * What there is to show.
   *
   * @param reason why there are no values, or null
   */
  public record Answer(long position, List<Value> values, String reason) {
    public Answer {
      values = List.copyOf(values);
    }
  }

  /**
   * @param trace stays open until this is closed
   * @param roots directories in which the recorded name of the guest's file is looked up
   */
  public Variables(TraceReader trace, List<Path> roots) {
    this.trace = trace;
    this.roots = List.copyOf(roots);
    thread =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread made = new Thread(task, "variables");
              made.setDaemon(true);
              return made;
            });
  }

  /** Takes the guest's file from somewhere else. */
  public void setFile(Path file) {
    run(
        () -> {
          end();
          elf = file;
          reason = null;
        });
  }

  /**
   * Reads the variables of the innermost function and the watched expressions; gives up what was
   * asked before.
   */
  public void read(long at, List<String> watches, Consumer<Answer> done) {
    long request = newest.incrementAndGet();
    run(
        () -> {
          if (request != newest.get()) {
            return;
          }
          Answer answer = answer(at, watches);
          SwingUtilities.invokeLater(
              () -> {
                if (request == newest.get() && !closed) {
                  done.accept(answer);
                }
              });
        });
  }

  /**
   * Reads one expression.
   *
   * @param done hears its value, or null when it has none
   */
  public void hover(long at, String expression, Consumer<String> done) {
    run(
        () -> {
          String value = null;
          try {
            if (ready()) {
              goTo(at);
              value = gdb.print(0, expression);
            }
          } catch (QueryException e) {
            value = null; // a word that is no variable here
          } catch (IOException e) {
            lost(e);
          }
          String found = value;
          SwingUtilities.invokeLater(() -> done.accept(found));
        });
  }

  private void run(Runnable task) {
    try {
      thread.execute(task);
    } catch (RejectedExecutionException e) {
      // The window is closed.
    }
  }

  private Answer answer(long at, List<String> watches) {
    List<Value> values = new ArrayList<>();
    if (!ready()) {
      return new Answer(at, values, reason);
    }
    try {
      goTo(at);
      String none = null;
      for (String watch : watches) {
        values.add(new Value(Kind.WATCH, watch, print(watch)));
      }
      try {
        for (GdbExpressions.Variable variable : gdb.locals(0)) {
          Kind kind = variable.parameter() ? Kind.PARAMETER : Kind.LOCAL;
          values.add(new Value(kind, variable.name(), variable.value()));
        }
      } catch (QueryException e) {
        none = Strings.get("variables.noDebug"); // gdb knows no function here
      }
      return new Answer(at, values, none);
    } catch (IOException | QueryException e) {
      lost(e);
      return new Answer(at, List.of(), reason);
    }
  }

  private String print(String expression) throws IOException {
    try {
      return gdb.print(0, expression);
    } catch (QueryException e) {
      return e.getMessage();
    }
  }

  private void goTo(long at) throws IOException {
    if (position != at) {
      gdb.goTo(at);
      position = at;
    }
  }

  private void lost(Exception e) {
    end();
    reason = Strings.get("variables.lost", e.getMessage());
  }

  /** gdb runs; else {@link #reason} says why it does not. */
  private boolean ready() {
    if (gdb != null) {
      return true;
    }
    if (reason != null || closed) {
      return false;
    }
    try {
      Path file = elf == null ? recorded() : elf;
      if (file == null) {
        return false;
      }
      if (!check(file)) {
        return false;
      }
      gdb = new GdbExpressions(new TraceSession(trace), file);
      position = -1;
      return true;
    } catch (QueryException e) {
      reason = e.getMessage();
    } catch (IOException e) {
      reason = Strings.get("variables.lost", e.getMessage());
    }
    return false;
  }

  /** The file that was recorded, wherever it is on this machine. */
  private Path recorded() {
    List<String> command = trace.header().commandLine();
    int kernel = command.indexOf("-kernel");
    if (kernel < 0 || kernel + 1 >= command.size()) {
      reason = Strings.get("variables.noKernel");
      return null;
    }
    String name = command.get(kernel + 1);
    for (Path root : roots) {
      Path file = root.resolve(name);
      if (Files.isRegularFile(file)) {
        return file;
      }
    }
    reason = Strings.get("variables.noFile", name);
    return null;
  }

  private boolean check(Path file) throws IOException {
    try {
      RecordedCode.Match match = RecordedCode.compare(file, trace.blocks());
      if (match == RecordedCode.Match.SAME) {
        return true;
      }
      boolean large = match == RecordedCode.Match.TOO_LARGE;
      reason = Strings.get(large ? "variables.tooLarge" : "variables.otherBuild", file);
    } catch (DwarfException e) {
      reason = Strings.get("variables.noElf", file, e.getMessage());
    }
    return false;
  }

  private void end() {
    if (gdb != null) {
      gdb.close();
      gdb = null;
    }
    position = -1;
  }

  /** Ends gdb. */
  @Override
  public void close() {
    closed = true;
    run(this::end);
    thread.shutdown();
    try {
      thread.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
