package org.chronovisor.recorder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.chronovisor.recorder.QmpClient.StoppingException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The client's turns, with the other end of the socket in the test's hand. */
@Timeout(20)
class QmpClientTest {
  private static final Pattern ID = Pattern.compile("\"id\": *(\\d+)");

  @TempDir Path directory;

  /** Else the guest's end would take as long as a command's time limit, and the trace's end. */
  @Test
  void whoHoldsTheVcpuDoesNotWaitForACommandThatWaitsForTheVcpu() throws Exception {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("qmp"));
    CountDownLatch shutdown = new CountDownLatch(1);
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(address);
      SocketChannel mine = SocketChannel.open(address);
      try (SocketChannel qemu = server.accept();
          BufferedReader commands =
              new BufferedReader(
                  new InputStreamReader(Channels.newInputStream(qemu), StandardCharsets.UTF_8))) {
        CompletableFuture<QmpClient> opening =
            CompletableFuture.supplyAsync(() -> open(mine, shutdown));
        answer(qemu, commands.readLine(), "{}");
        try (QmpClient client = opening.get(10, TimeUnit.SECONDS)) {
          CompletableFuture<Object> waiting =
              CompletableFuture.supplyAsync(() -> execute(client, "query-status"));
          final String command = commands.readLine();
          send(qemu, "{\"event\": \"SHUTDOWN\", \"data\": {\"reason\": \"guest-shutdown\"}}");
          assertTrue(shutdown.await(10, TimeUnit.SECONDS));
          assertThrows(
              StoppingException.class, () -> client.monitorWhileVcpuWaits("info registers"));
          answer(qemu, command, "{\"status\": \"shutdown\"}");
          assertEquals(Map.of("status", "shutdown"), waiting.get(10, TimeUnit.SECONDS));
        }
      }
    }
  }

  private static QmpClient open(SocketChannel channel, CountDownLatch shutdown) {
    try {
      return new QmpClient(channel, event -> shutdown.countDown());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Object execute(QmpClient client, String command) {
    try {
      return client.execute(command, Map.of());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void answer(SocketChannel qemu, String command, String value) throws IOException {
    Matcher id = ID.matcher(command);
    assertTrue(id.find(), command);
    send(qemu, "{\"return\": " + value + ", \"id\": " + id.group(1) + "}");
  }

  private static void send(SocketChannel qemu, String line) throws IOException {
    qemu.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
  }
}
