package org.chronovisor.gdb;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Frames packets on a connection: {@code $data#checksum}, acknowledged until told otherwise (gdb
 * manual, "Overview" of the remote protocol).
 *
 * <p>A thread of its own reads, so that an interrupt is seen while the machine runs.
 */
final class PacketChannel implements Closeable {
  /** Longest packet accepted, in bytes. */
  static final int LONGEST = 0x4000;

  private static final int INTERRUPT = 3;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  /** An empty one stands for the end of the connection. */
  private final BlockingQueue<Optional<String>> packets = new ArrayBlockingQueue<>(64);

  private volatile boolean acknowledging = true;
  private volatile boolean interrupted;
  private volatile boolean closed;
  private String lastReply = "";

  PacketChannel(Socket socket) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream());
    out = socket.getOutputStream();
    Thread reader = new Thread(this::read, "gdb-reader");
    reader.setDaemon(true);
    reader.start();
  }

  /** The next packet's data, one char per byte; null at the end of the connection. */
  String receive() throws InterruptedException {
    return packets.take().orElse(null);
  }

  /** Whether an interrupt has come since the last packet, or the client has gone. */
  boolean isInterrupted() {
    return interrupted || closed;
  }

  /** Ends acknowledgements; to be called when the client's wish is answered. */
  void stopAcknowledging() {
    acknowledging = false;
  }

  /** Sends a packet, one byte per char. */
  synchronized void send(String data) throws IOException {
    lastReply = data;
    write(data);
  }

  private void write(String data) throws IOException {
    byte[] bytes = data.getBytes(StandardCharsets.ISO_8859_1);
    ByteArrayOutputStream packet = new ByteArrayOutputStream(bytes.length + 16);
    packet.write('$');
    int sum = 0;
    for (byte b : bytes) {
      boolean special = b == '#' || b == '$' || b == '}' || b == '*';
      if (special) {
        packet.write('}');
        sum += '}';
      }
      int sent = special ? b ^ 0x20 : b;
      packet.write(sent);
      sum += sent;
    }
    packet.writeBytes(String.format("#%02x", sum & 0xff).getBytes(StandardCharsets.US_ASCII));
    out.write(packet.toByteArray());
    out.flush();
  }

  private synchronized void sendAgain() throws IOException {
    write(lastReply);
  }

  private synchronized void acknowledge(boolean good) throws IOException {
    if (acknowledging) {
      out.write(good ? '+' : '-');
      out.flush();
    }
  }

  private void read() {
    try {
      for (int b; (b = in.read()) >= 0; ) {
        if (b == '$') {
          String packet = packet();
          if (packet == null) {
            break;
          }
        } else if (b == INTERRUPT) {
          interrupted = true;
        } else if (b == '-' && acknowledging) {
          sendAgain();
        }
      }
    } catch (IOException e) {
      // The connection is gone: the same as its end.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    closed = true;
    // A full queue is not waited for: its reader meets the end later, by the flag.
    while (!packets.offer(Optional.empty())) {
      packets.poll();
    }
  }

  /** Reads a packet behind its first byte; null at the end of the connection. */
  private String packet() throws IOException, InterruptedException {
    StringBuilder data = new StringBuilder();
    int sum = 0;
    boolean escaped = false;
    for (int b; (b = in.read()) >= 0; ) {
      if (b == '#') {
        int high = in.read();
        int low = in.read();
        boolean good =
            low >= 0
                && Character.digit(high, 16) == (sum >>> 4 & 15)
                && Character.digit(low, 16) == (sum & 15)
                && data.length() <= LONGEST;
        acknowledge(good || !acknowledging);
        if (good) {
          // Here, not when it is answered: an interrupt may follow at once.
          interrupted = false;
          packets.put(Optional.of(data.toString()));
        }
        return low < 0 ? null : "";
      }
      if (b == '$') {
        data.setLength(0);
        sum = 0;
        escaped = false;
        continue;
      }
      sum += b;
      if (!escaped && b == '}') {
        escaped = true;
      } else if (data.length() <= LONGEST) {
        data.append((char) (escaped ? b ^ 0x20 : b));
        escaped = false;
      }
    }
    return null;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
