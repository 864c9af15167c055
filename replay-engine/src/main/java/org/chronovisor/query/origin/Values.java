package org.chronovisor.query.origin;

import org.chronovisor.query.MemoryBytes;

/** Values as text. */
final class Values {
  private Values() {}

  /**
   * A number of up to eight bytes, or the bytes in order of address; unknown ones as {@code ??}.
   */
  static String hex(MemoryBytes value) {
    if (value.length() <= 8 && value.isKnown(0, value.length())) {
      return "0x" + Long.toHexString(value.value(0, value.length()));
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < value.length(); i++) {
      text.append(value.isKnown(i) ? String.format("%02x", value.bytes()[i] & 0xff) : "??");
    }
    return text.toString();
  }

  /** The bytes as quoted text when all are printable and there are at least two, else null. */
  static String text(MemoryBytes value) {
    int length = value.length();
    while (length > 0 && value.bytes()[length - 1] == 0) {
      length--;
    }
    if (length < 2) {
      return null;
    }
    StringBuilder text = new StringBuilder("\"");
    for (int i = 0; i < length; i++) {
      int b = value.bytes()[i];
      if (!value.isKnown(i) || b < 0x20 || b > 0x7e) {
        return null;
      }
      text.append((char) b);
    }
    return text.append('"').toString();
  }
}
