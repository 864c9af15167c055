package org.chronovisor.gdb;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicBoolean;
import org.chronovisor.query.TraceSession;

/** Serves a trace to gdb, one client at a time; others are turned away. */
public final class GdbServer implements Closeable {
  private final TraceSession session;
  private final ServerSocket server;
  private final AtomicBoolean busy = new AtomicBoolean();

  /**
   * Starts to listen.
   *
   * @param session from now on used by the server alone; its position is where clients begin
   * @param port 0 for any free one
   */
  public GdbServer(TraceSession session, InetAddress address, int port) throws IOException {
    this.session = session;
    server = new ServerSocket();
    server.setReuseAddress(true);
    server.bind(new InetSocketAddress(address, port), 4);
  }

  public int port() {
    return server.getLocalPort();
  }

  /**
   * Serves until a client kills the target, {@link #close}, or after the first client.
   *
   * @param once end with the first client
   */
  public void serve(boolean once) throws IOException {
    while (!server.isClosed()) {
      Socket socket;
      try {
        socket = server.accept();
      } catch (IOException e) {
        if (server.isClosed()) {
          return;
        }
        throw e;
      }
      if (busy.compareAndSet(false, true)) {
        Thread client = new Thread(() -> converse(socket, once), "gdb-client");
        client.setDaemon(true);
        client.start();
      } else {
        socket.close();
      }
    }
  }

  private void converse(Socket socket, boolean once) {
    boolean last = once;
    try (PacketChannel channel = new PacketChannel(socket)) {
      last |= new GdbSession(session, channel).run() == GdbSession.Outcome.KILLED;
    } catch (IOException e) {
      // The client is gone: the next one may come.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      busy.set(false);
      if (last) {
        close();
      }
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
