package org.chronovisor.query;

import java.nio.charset.StandardCharsets;

/**
 * A line the guest printed.
 *
 * @param position of the instruction that printed its first character
 * @param port I/O port
 * @param bytes as printed, with the line's end if it has one
 * @param positions of the instruction that printed each byte
 */
@SuppressWarnings("ArrayRecordComponent") // bytes are what it is about
public record ConsoleLine(long position, int port, byte[] bytes, long[] positions) {
  /**
   * The text without line end; control characters, which could move the cursor, as {@code \xNN}.
   */
  public String text() {
    String raw = new String(bytes, StandardCharsets.UTF_8);
    int end = raw.length();
    while (end > 0 && (raw.charAt(end - 1) == '\n' || raw.charAt(end - 1) == '\r')) {
      end--;
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < end; i++) {
      char c = raw.charAt(i);
      if (c != '\t' && Character.isISOControl(c)) {
        text.append(String.format("\\x%02x", (int) c));
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }
}
