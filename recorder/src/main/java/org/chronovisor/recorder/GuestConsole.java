package org.chronovisor.recorder;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** The last line that the guest wrote to a serial port or to QEMU's debug console. */
final class GuestConsole {
  private static final int COM1 = 0x3f8;
  private static final int COM2 = 0x2f8;
  private static final int DEBUG = 0xe9;
  private static final int LINE_CONTROL = 3;
  private static final int DIVISOR_LATCH = 0x80;
  private static final int MAX_LINE = 200;

  private final byte[] line = new byte[MAX_LINE];
  private int length;
  private boolean[] divisorLatch = new boolean[2];
  private volatile String last = "";

  /** A byte, or the low byte of more, went out of a port. */
  void output(int port, long value) {
    for (int i = 0; i < 2; i++) {
      int base = i == 0 ? COM1 : COM2;
      if (port == base + LINE_CONTROL) {
        divisorLatch[i] = (value & DIVISOR_LATCH) != 0;
      } else if (port == base && !divisorLatch[i]) {
        character((byte) value);
      }
    }
    if (port == DEBUG) {
      character((byte) value);
    }
  }

  private void character(byte c) {
    if (c == '\n' || c == '\r') {
      if (length > 0) {
        last = text();
      }
      length = 0;
    } else if (length < MAX_LINE) {
      line[length++] = c;
    }
  }

  private String text() {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    try {
      CharBuffer chars = decoder.decode(ByteBuffer.wrap(line, 0, length));
      return chars.toString().replaceAll("\u001b\\[[0-9;?]*[A-Za-z]", "").replaceAll("\\p{C}", "");
    } catch (java.nio.charset.CharacterCodingException e) {
      return "";
    }
  }

  /** The last whole line; printable characters only. Any thread. */
  String lastLine() {
    return last;
  }
}
