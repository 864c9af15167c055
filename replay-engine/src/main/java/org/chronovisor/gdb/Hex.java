package org.chronovisor.gdb;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** The protocol's numbers and byte strings. */
final class Hex {
  private static final HexFormat FORMAT = HexFormat.of();

  private Hex() {}

  /**
   * An unsigned number of up to 16 digits.
   *
   * @throws PacketException when it is none
   */
  static long number(String text) {
    String digits = text.replaceFirst("^0+(?=.)", "");
    try {
      if (digits.isEmpty() || digits.length() > 16 || !HexFormat.isHexDigit(digits.charAt(0))) {
        throw new PacketException("not a number");
      }
      return Long.parseUnsignedLong(digits, 16);
    } catch (NumberFormatException e) {
      throw new PacketException("not a number");
    }
  }

  /** A number that must lie in [0, most]. */
  static int number(String text, int most) {
    long value = number(text);
    if (Long.compareUnsigned(value, most) > 0) {
      throw new PacketException("number too large");
    }
    return (int) value;
  }

  static String of(byte[] bytes) {
    return FORMAT.formatHex(bytes);
  }

  static String ofText(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The text that hexadecimal digits stand for. */
  static String text(String hex) {
    try {
      return new String(FORMAT.parseHex(hex), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new PacketException("not hexadecimal");
    }
  }

  /** A number's low bytes in the guest's order. */
  static void littleEndian(StringBuilder out, long value, int bytes) {
    for (int i = 0; i < bytes; i++) {
      FORMAT.toHexDigits(out, (byte) (i < 8 ? value >>> (8 * i) : 0));
    }
  }
}
