package org.chronovisor.recorder;

import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A listening Unix socket to which QEMU connects once. */
final class LocalSocket implements Closeable {
  private final ServerSocketChannel server;

  LocalSocket(Path path) throws IOException {
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(path));
    server.configureBlocking(false);
  }

  /**
   * Waits for the connection.
   *
   * @param alive false when nobody will connect any more
   * @return a blocking channel, or null when nobody came
   */
  SocketChannel accept(long seconds, BooleanSupplier alive) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (System.nanoTime() < deadline) {
      boolean last = !alive.getAsBoolean();
      SocketChannel channel = server.accept();
      if (channel != null) {
        channel.configureBlocking(true);
        return channel;
      }
      if (last) {
        return null;
      }
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
    return null;
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
