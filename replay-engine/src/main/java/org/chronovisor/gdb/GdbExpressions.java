package org.chronovisor.gdb;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.chronovisor.query.QueryException;
import org.chronovisor.query.TraceSession;

/**
 * Evaluates source-level expressions at positions of a trace, by a gdb of the machine's own that is
 * attached to the trace.
 *
 * <p>gdb reads no start-up file, loads no script that the ELF file names, asks no server and calls
 * no function of the guest. The trace session belongs to this object until it is closed.
 */
public final class GdbExpressions implements Closeable {
  private static final int SECONDS = 60;

  private static final List<String> SETTINGS =
      List.of(
          "set auto-load off",
          "set debuginfod enabled off",
          "set may-call-functions off",
          "set auto-solib-add off",
          "set confirm off",
          "set pagination off",
          "set width 0",
          "set print elements 200");

  private final GdbServer server;
  private final Process gdb;
  private final BufferedReader in;
  private final OutputStream out;
  private final ScheduledExecutorService timer;

  /**
   * A local variable or parameter.
   *
   * @param value as gdb prints it
   */
  public record Variable(String name, boolean parameter, String value) {}

  /**
   * Starts gdb at the session's position.
   *
   * @param elf with the debug information; what was recorded (RecordedCode): by another build every
   *     value would be wrong
   * @throws QueryException when there is no gdb; one line for people
   */
  public GdbExpressions(TraceSession session, Path elf) throws IOException {
    List<String> command = new ArrayList<>(List.of("gdb", "-nx", "-nh", "-q"));
    command.add("--interpreter=mi3");
    for (String setting : SETTINGS) {
      command.addAll(List.of("-iex", setting));
    }
    command.add(elf.toAbsolutePath().toString());
    try {
      gdb = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    } catch (IOException e) {
      throw new QueryException(
          "gdb is not installed: variables and expressions need it (package 'gdb')");
    }
    in = gdb.inputReader(StandardCharsets.UTF_8);
    out = gdb.getOutputStream();
    timer = Executors.newSingleThreadScheduledExecutor(GdbExpressions::daemon);
    server = new GdbServer(session, InetAddress.getLoopbackAddress(), 0);
    daemon(this::serve).start();
    try {
      ask("-target-select remote 127.0.0.1:" + server.port());
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "gdb-expressions");
    thread.setDaemon(true);
    return thread;
  }

  private void serve() {
    try {
      server.serve(true);
    } catch (IOException e) {
      // gdb notices: its connection ends.
    }
  }

  /**
   * Goes to a position.
   *
   * @throws QueryException when the trace has none such
   */
  public void goTo(long position) throws IOException {
    ask("-interpreter-exec console \"monitor goto " + position + "\"");
    ask("-interpreter-exec console \"maintenance flush register-cache\"");
    ask("-interpreter-exec console \"maintenance flush dcache\"");
  }

  /**
   * Value of an expression of the source's language.
   *
   * @param frame number of the active function, 0 the innermost
   * @throws QueryException with gdb's message when it has none
   */
  public String print(int frame, String expression) throws IOException {
    if (expression.chars().anyMatch(Character::isISOControl)) {
      throw new QueryException("an expression is one line of text");
    }
    String quoted = expression.replace("\\", "\\\\").replace("\"", "\\\"");
    String value =
        ask("-data-evaluate-expression --thread 1 --frame " + frame + " \"" + quoted + "\"")
            .text("value");
    return value == null ? "" : value;
  }

  /**
   * The variables of an active function that are in scope.
   *
   * @param frame number of the active function, 0 the innermost
   */
  public List<Variable> locals(int frame) throws IOException {
    MiRecord answer = ask("-stack-list-variables --thread 1 --frame " + frame + " --all-values");
    List<Variable> variables = new ArrayList<>();
    for (Map<?, ?> one : answer.tuples("variables")) {
      variables.add(
          new Variable(
              String.valueOf(one.get("name")),
              "1".equals(one.get("arg")),
              String.valueOf(one.get("value"))));
    }
    return variables;
  }

  /** One question and its answer. */
  private MiRecord ask(String command) throws IOException {
    ScheduledFuture<?> limit = timer.schedule(gdb::destroyForcibly, SECONDS, TimeUnit.SECONDS);
    try {
      out.write((command + "\n").getBytes(StandardCharsets.UTF_8));
      out.flush();
      for (String line; (line = in.readLine()) != null; ) {
        if (line.startsWith("^")) {
          MiRecord answer = MiRecord.parse(line.substring(1));
          if (answer.kind().equals("error")) {
            throw new QueryException("gdb: " + answer.text("msg"));
          }
          return answer;
        }
      }
      throw new IOException("gdb has ended without an answer");
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    } finally {
      limit.cancel(false);
    }
  }

  @Override
  public void close() {
    gdb.destroy();
    timer.shutdownNow();
    server.close();
    try {
      if (!gdb.waitFor(2, TimeUnit.SECONDS)) {
        gdb.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
