package org.chronovisor.it;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A client of QEMU's GDB stub, as plain as can be, and on purpose not the recorder's.
 *
 * <p>Blocks until answers come: the QEMU behind it has a time limit.
 */
final class GdbStub implements AutoCloseable {
  private final SocketChannel channel;
  private final InputStream in;

  /** Connects to a socket that QEMU is about to create. */
  GdbStub(Path socket, Process qemu) throws IOException, InterruptedException {
    channel = connect(socket, qemu);
    in = new BufferedInputStream(Channels.newInputStream(channel));
    request("qSupported:hwbreak+");
    // Single steps leave interrupts (2) and timers (4) on, as a run does.
    expectOk(request("Qqemu.sstep=1"));
  }

  private static SocketChannel connect(Path socket, Process qemu)
      throws IOException, InterruptedException {
    while (true) {
      SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        channel.connect(UnixDomainSocketAddress.of(socket));
        return channel;
      } catch (SocketException e) {
        channel.close();
        if (!qemu.isAlive()) {
          throw e;
        }
        Thread.sleep(5);
      }
    }
  }

  String request(String packet) throws IOException {
    send(packet);
    return receive();
  }

  private void send(String packet) throws IOException {
    int sum = 0;
    for (byte b : packet.getBytes(StandardCharsets.US_ASCII)) {
      sum += b;
    }
    String framed = String.format("+$%s#%02x", packet, sum & 0xff);
    ByteBuffer out = ByteBuffer.wrap(framed.getBytes(StandardCharsets.US_ASCII));
    while (out.hasRemaining()) {
      channel.write(out);
    }
  }

  private void acknowledge() throws IOException {
    channel.write(ByteBuffer.wrap(new byte[] {'+'}));
  }

  /** The next packet; only QEMU's plain hexadecimal and text answers are understood. */
  private String receive() throws IOException {
    int c = in.read();
    while (c != '$') {
      if (c < 0) {
        throw new EOFException("QEMU's GDB stub is gone");
      }
      c = in.read();
    }
    ByteArrayOutputStream packet = new ByteArrayOutputStream();
    for (c = in.read(); c != '#'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("QEMU's GDB stub is gone");
      }
      packet.write(c);
    }
    in.read();
    in.read();
    return packet.toString(StandardCharsets.ISO_8859_1);
  }

  private static void expectOk(String reply) {
    if (!reply.equals("OK")) {
      throw new IllegalStateException("QEMU's GDB stub answers " + reply);
    }
  }

  /** Runs to an address. */
  void continueTo(long address) throws IOException {
    String point = "1," + Long.toHexString(address) + ",1";
    expectOk(request("Z" + point));
    expectStop(request("c"));
    expectOk(request("z" + point));
  }

  /** Executes one instruction, or delivers one interrupt or exception. */
  void step() throws IOException {
    expectStop(request("s"));
  }

  private static void expectStop(String reply) {
    if (!reply.startsWith("T05")) {
      throw new IllegalStateException("the guest stopped by itself: " + reply);
    }
  }

  /** The next instruction's address; code segments of the samples begin at zero. */
  long pc() throws IOException {
    // Register 16 is rip.
    return ByteBuffer.wrap(bytes(request("p10"))).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  /** The {@code g} packet's bytes. */
  byte[] registers() throws IOException {
    return bytes(request("g"));
  }

  /** What a command of QEMU's monitor prints. */
  String monitor(String command) throws IOException {
    StringBuilder hex = new StringBuilder("qRcmd,");
    for (byte b : command.getBytes(StandardCharsets.US_ASCII)) {
      hex.append(String.format("%02x", b));
    }
    StringBuilder text = new StringBuilder();
    String reply = request(hex.toString());
    while (!reply.equals("OK")) {
      if (!reply.startsWith("O")) {
        throw new IllegalStateException("QEMU's monitor answers " + reply);
      }
      text.append(new String(bytes(reply.substring(1)), StandardCharsets.ISO_8859_1));
      acknowledge();
      reply = receive();
    }
    return text.toString();
  }

  private static byte[] bytes(String hex) {
    byte[] bytes = new byte[hex.length() / 2];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Integer.parseInt(hex, 2 * i, 2 * i + 2, 16);
    }
    return bytes;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
