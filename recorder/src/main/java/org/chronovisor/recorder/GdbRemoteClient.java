package org.chronovisor.recorder;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** Client of QEMU's GDB stub (GDB manual, "GDB Remote Serial Protocol"). One thread. */
final class GdbRemoteClient implements Closeable {
  private static final int MAX_PACKET = 1 << 20;
  private static final long TIMEOUT_MILLIS = 30_000;
  private static final String CLOSED = "\0closed";

  private final SocketChannel channel;
  private final BlockingQueue<String> packets = new ArrayBlockingQueue<>(64);

  GdbRemoteClient(SocketChannel channel) throws IOException {
    this.channel = channel;
    Thread reader = new Thread(this::read, "gdb");
    reader.setDaemon(true);
    reader.start();
    request("qSupported:hwbreak+");
  }

  private void read() {
    try (InputStream in =
        new java.io.BufferedInputStream(Channels.newInputStream(channel), 1 << 14)) {
      String packet;
      while ((packet = readPacket(in)) != null) {
        write("+".getBytes(StandardCharsets.US_ASCII));
        packets.put(packet);
      }
    } catch (IOException e) {
      // QEMU is gone: whoever waits is told below
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    packets.offer(CLOSED);
  }

  /**
   * Reads the next packet, skipping acknowledgements and damaged packets.
   *
   * @return its content with escapes and runs resolved, or null at the end of the stream
   */
  static String readPacket(InputStream in) throws IOException {
    while (true) {
      int c = in.read();
      while (c >= 0 && c != '$') {
        c = in.read();
      }
      ByteArrayOutputStream raw = new ByteArrayOutputStream();
      int sum = 0;
      for (c = in.read(); c >= 0 && c != '#'; c = in.read()) {
        raw.write(c);
        sum += c;
        if (raw.size() > MAX_PACKET) {
          throw new IOException("GDB packet too long");
        }
      }
      int high = Character.digit(in.read(), 16);
      int low = Character.digit(in.read(), 16);
      if (c < 0) {
        return null;
      }
      if (high * 16 + low == (sum & 0xff)) {
        return decode(raw.toByteArray());
      }
    }
  }

  private static String decode(byte[] raw) throws IOException {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < raw.length; i++) {
      char c = (char) (raw[i] & 0xff);
      if (c == '}' && i + 1 < raw.length) {
        out.append((char) (raw[++i] & 0xff ^ 0x20));
      } else if (c == '*' && i + 1 < raw.length && out.length() > 0) {
        int count = (raw[++i] & 0xff) - 29;
        char last = out.charAt(out.length() - 1);
        out.append(String.valueOf(last).repeat(Math.max(0, count)));
      } else {
        out.append(c);
      }
      if (out.length() > MAX_PACKET) {
        throw new IOException("GDB packet too long");
      }
    }
    return out.toString();
  }

  /** A packet ready to send. */
  static byte[] encode(String content) {
    int sum = 0;
    for (int i = 0; i < content.length(); i++) {
      sum += content.charAt(i);
    }
    return String.format("$%s#%02x", content, sum & 0xff).getBytes(StandardCharsets.ISO_8859_1);
  }

  private synchronized void write(byte[] bytes) throws IOException {
    ByteBuffer out = ByteBuffer.wrap(bytes);
    while (out.hasRemaining()) {
      channel.write(out);
    }
  }

  /** Sends a packet without waiting for an answer: {@code c}. */
  void send(String content) throws IOException {
    write(encode(content));
  }

  /** Sends a packet and returns the answer. */
  String request(String content) throws IOException {
    send(content);
    String reply = receive(TIMEOUT_MILLIS);
    if (reply == null) {
      throw new IOException("QEMU's GDB stub did not answer " + content);
    }
    return reply;
  }

  /** Sends a packet that must be answered by OK. */
  void command(String content) throws IOException {
    String reply = request(content);
    if (!reply.equals("OK")) {
      throw new IOException("QEMU's GDB stub refused " + content + ": " + reply);
    }
  }

  /** The next packet (a stop reply), or null after {@code millis}. */
  String receive(long millis) throws IOException {
    try {
      String packet = packets.poll(millis, TimeUnit.MILLISECONDS);
      if (CLOSED.equals(packet)) {
        packets.offer(CLOSED);
        throw new IOException("QEMU is gone");
      }
      return packet;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  void setBreakpoint(long address) throws IOException {
    command("Z1," + Long.toHexString(address) + ",1");
  }

  void removeBreakpoint(long address) throws IOException {
    command("z1," + Long.toHexString(address) + ",1");
  }

  /** Chooses the vCPU that {@link #registers} and {@link #memory} are about. */
  void selectCpu(int number) throws IOException {
    // QEMU's thread ids are the vCPUs' numbers plus one (gdbstub/gdbstub.c).
    command("Hg" + Integer.toHexString(number + 1));
  }

  /** The {@code g} packet's bytes. */
  byte[] registers() throws IOException {
    return bytes(request("g"));
  }

  /** Reads memory at a virtual address; shorter than asked when not all of it is mapped. */
  byte[] memory(long address, int length) throws IOException {
    String reply = request("m" + Long.toHexString(address) + "," + Integer.toHexString(length));
    return reply.startsWith("E") ? new byte[0] : bytes(reply);
  }

  private static byte[] bytes(String hex) throws IOException {
    byte[] bytes = new byte[hex.length() / 2];
    for (int i = 0; i < bytes.length; i++) {
      int high = Character.digit(hex.charAt(2 * i), 16);
      int low = Character.digit(hex.charAt(2 * i + 1), 16);
      if ((high | low) < 0) {
        throw new IOException("not hexadecimal: " + hex);
      }
      bytes[i] = (byte) (high * 16 + low);
    }
    return bytes;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
