package org.chronovisor.recorder;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Client of QEMU's machine protocol (docs/interop/qmp-spec). Thread-safe. */
final class QmpClient implements Closeable {
  private static final long TIMEOUT_SECONDS = 30;
  private static final Map<String, Object> CLOSED = Map.of();

  private final SocketChannel channel;
  private final Consumer<Event> listener;
  private final BlockingQueue<Map<String, Object>> replies = new ArrayBlockingQueue<>(16);
  private volatile boolean closed;
  private long nextId = 1;

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

  /** Runs a command and returns its {@code return} value. */
  synchronized Object execute(String command, Map<String, String> arguments) throws IOException {
    long id = nextId++;
    ByteBuffer out =
        ByteBuffer.wrap(
            (Json.command(command, arguments, id) + "\n").getBytes(StandardCharsets.UTF_8));
    while (out.hasRemaining()) {
      channel.write(out);
    }
    try {
      while (true) {
        Map<String, Object> reply =
            closed ? replies.poll() : replies.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        if (reply == null && !closed) {
          throw new IOException("QEMU did not answer " + command);
        }
        if (reply == null || reply == CLOSED) {
          throw new IOException("QEMU is gone");
        }
        if (!Long.valueOf(id).equals(reply.get("id"))) {
          continue;
        }
        if (reply.get("error") instanceof Map<?, ?> error) {
          throw new IOException("QEMU refused " + command + ": " + error.get("desc"));
        }
        return reply.get("return");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Runs a command of the human monitor and returns what it prints. */
  String monitor(String commandLine) throws IOException {
    Object text = execute("human-monitor-command", Map.of("command-line", commandLine));
    return text instanceof String s ? s : "";
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
