package org.chronovisor.recorder;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;

/** Messages to and from the plugin (docs/ring-protocol.md, "Control socket"). */
final class ControlChannel implements Closeable {
  private static final int MAX_MESSAGE = 1 << 24;

  private final SocketChannel channel;
  private final ByteBuffer header = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);

  /**
   * One message.
   *
   * @param payload little endian
   */
  record Message(int type, ByteBuffer payload) {}

  ControlChannel(SocketChannel channel) {
    this.channel = channel;
  }

  /** Waits for the next message; null when the plugin is gone. */
  Message receive() throws IOException {
    header.clear();
    try {
      fill(header);
    } catch (EOFException e) {
      return null;
    }
    int length = header.getInt(0);
    if (length < 0 || length > MAX_MESSAGE) {
      throw new IOException("the plugin sent a message of " + Integer.toUnsignedString(length));
    }
    ByteBuffer payload = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    fill(payload);
    return new Message(header.getInt(4), payload.flip());
  }

  private void fill(ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException();
      }
    }
  }

  void send(int type, ByteBuffer payload) throws IOException {
    ByteBuffer message =
        ByteBuffer.allocate(8 + payload.remaining()).order(ByteOrder.LITTLE_ENDIAN);
    message.putInt(payload.remaining()).putInt(type).put(payload).flip();
    while (message.hasRemaining()) {
      channel.write(message);
    }
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
