package org.chronovisor.recorder;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** Client of QEMU's machine protocol (docs/interop/qmp-spec). Thread-safe. */
final class QmpClient implements Closeable {
  private static final long TIMEOUT_SECONDS = 30;
  private static final long POLL_MILLIS = 50;
  private static final int GIVE_UP_POLLS = 10;
  private static final String HUMAN_COMMAND = "human-monitor-command";
  private static final Map<String, Object> CLOSED = Map.of();

  private final SocketChannel channel;
  private final Consumer<Event> listener;
  private final BlockingQueue<Map<String, Object>> replies = new ArrayBlockingQueue<>(16);
  private final ReentrantLock turn = new ReentrantLock();
  private volatile boolean closed;
  private volatile boolean ending;
  private long nextId = 1;

  /** QEMU's main loop waits for the vCPU, and answers nobody until it has stopped. */
  static final class StoppingException extends IOException {
    private static final long serialVersionUID = 1;

    StoppingException() {
      super("QEMU is stopping its vCPU");
    }
  }

  /**
   * An asynchronous event of QEMU.
   *
   * @param reason its {@code data.reason}, or empty
   */
  record Event(String name, String reason) {}

  /**
   * Negotiates and is ready for commands.
   *
   * @param listener called from the reading thread; {@link #execute} must not be called in it
   */
  QmpClient(SocketChannel channel, Consumer<Event> listener) throws IOException {
    this.channel = channel;
    this.listener = listener;
    Thread reader = new Thread(this::read, "qmp");
    reader.setDaemon(true);
    reader.start();
    execute("qmp_capabilities", Map.of());
  }

  private void read() {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        Map<String, Object> message = Json.parse(line);
        if (message.get("event") instanceof String name) {
          if (name.equals("SHUTDOWN") || name.equals("GUEST_PANICKED")) {
            ending = true;
          }
          listener.accept(new Event(name, reason(message.get("data"))));
        } else if (message.containsKey("return") || message.containsKey("error")) {
          replies.put(message);
        }
      }
    } catch (IOException e) {
      // QEMU is gone: whoever waits for a reply is told below
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    closed = true;
    replies.offer(CLOSED);
  }

  private static String reason(Object data) {
    return data instanceof Map<?, ?> map && map.get("reason") instanceof String s ? s : "";
  }

  /**
   * Tells that QEMU is about to stop the vCPU: from now on {@link #monitorWhileVcpuWaits} gives up
   * early.
   */
  void expectStop() {
    ending = true;
  }

  /** Runs a command and returns its {@code return} value. */
  Object execute(String command, Map<String, String> arguments) throws IOException {
    return execute(command, arguments, false);
  }

  /** Those of the features (QEMU's property names) that the first CPU has. */
  List<String> cpuFeatures(List<String> names) throws IOException {
    List<String> present = new ArrayList<>();
    for (String name : names) {
      Map<String, String> property =
          Map.of("path", "/machine/unattached/device[0]", "property", name);
      if (Boolean.TRUE.equals(execute("qom-get", property))) {
        present.add(name);
      }
    }
    return present;
  }

  /** Sends a command whose answer nobody waits for. */
  void post(String command) throws IOException {
    send(command, Map.of());
  }

  private synchronized long send(String command, Map<String, String> arguments) throws IOException {
    long id = nextId++;
    ByteBuffer out =
        ByteBuffer.wrap(
            (Json.command(command, arguments, id) + "\n").getBytes(StandardCharsets.UTF_8));
    while (out.hasRemaining()) {
      channel.write(out);
    }
    return id;
  }

  private Object execute(String command, Map<String, String> arguments, boolean mayGiveUp)
      throws IOException {
    takeTurn(mayGiveUp);
    try {
      return reply(command, send(command, arguments), mayGiveUp);
    } finally {
      turn.unlock();
    }
  }

  /** Another thread's command may itself wait for the vCPU. */
  private void takeTurn(boolean mayGiveUp) throws IOException {
    try {
      int idle = 0;
      while (!turn.tryLock(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        if (mayGiveUp && ending && ++idle > GIVE_UP_POLLS) {
          throw new StoppingException();
        }
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private Object reply(String command, long id, boolean mayGiveUp) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
    int idle = 0;
    while (true) {
      Map<String, Object> reply = nextReply();
      if (reply == CLOSED) {
        throw new IOException("QEMU is gone");
      }
      if (reply == null) {
        if (mayGiveUp && ending && ++idle > GIVE_UP_POLLS) {
          throw new StoppingException();
        }
        if (System.nanoTime() > deadline) {
          throw new IOException("QEMU did not answer " + command);
        }
      } else if (Long.valueOf(id).equals(reply.get("id"))) {
        if (reply.get("error") instanceof Map<?, ?> error) {
          throw new IOException("QEMU refused " + command + ": " + error.get("desc"));
        }
        return reply.get("return");
      }
    }
  }

  private static IOException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IOException("interrupted", e);
  }

  private Map<String, Object> nextReply() throws IOException {
    try {
      Map<String, Object> reply = replies.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
      if (reply == null && closed) {
        return CLOSED;
      }
      return reply;
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Runs a command of the human monitor and returns what it prints. */
  String monitor(String commandLine) throws IOException {
    return text(execute(HUMAN_COMMAND, Map.of("command-line", commandLine), false));
  }

  /**
   * The same while the vCPU waits for the caller.
   *
   * @throws StoppingException when QEMU's main loop waits for the vCPU, too
   */
  String monitorWhileVcpuWaits(String commandLine) throws IOException {
    return text(execute(HUMAN_COMMAND, Map.of("command-line", commandLine), true));
  }

  private static String text(Object reply) {
    return reply instanceof String s ? s : "";
  }

  /** QEMU's run state: running, paused, shutdown, guest-panicked, debug ... */
  String status() throws IOException {
    Object reply = execute("query-status", Map.of());
    return reply instanceof Map<?, ?> map && map.get("status") instanceof String s ? s : "";
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
