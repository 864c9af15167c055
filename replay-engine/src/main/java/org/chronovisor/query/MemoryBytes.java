package org.chronovisor.query;

/**
 * Bytes of guest memory at a position, each known, unknown, or not mapped.
 *
 * @param address of the first byte
 * @param physical the address is a guest physical one
 * @param bytes zero where not known
 * @param states one {@link #KNOWN}, {@link #UNKNOWN} or {@link #UNMAPPED} per byte
 */
@SuppressWarnings("ArrayRecordComponent") // bytes are what it is about
public record MemoryBytes(long address, boolean physical, byte[] bytes, byte[] states) {
  public static final byte KNOWN = 0;

  /** Outside RAM, or changed by a device at an unknown moment. */
  public static final byte UNKNOWN = 1;

  /** The linear address has no translation. */
  public static final byte UNMAPPED = 2;

  /** Bytes that are all known, of no place in particular. */
  public static MemoryBytes known(byte[] bytes) {
    return new MemoryBytes(0, true, bytes, new byte[bytes.length]);
  }

  public int length() {
    return bytes.length;
  }

  public boolean isKnown(int index) {
    return states[index] == KNOWN;
  }

  public boolean isMapped(int index) {
    return states[index] != UNMAPPED;
  }

  /** Whether all of {@code length} bytes from an index on are known. */
  public boolean isKnown(int index, int length) {
    for (int i = index; i < index + length; i++) {
      if (!isKnown(i)) {
        return false;
      }
    }
    return true;
  }

  /** Little-endian value of up to 8 bytes, zero-extended. */
  public long value(int index, int length) {
    long value = 0;
    for (int i = length - 1; i >= 0; i--) {
      value = value << 8 | (bytes[index + i] & 0xff);
    }
    return value;
  }

  /** Two characters for one byte: {@code ??} unknown, {@code --} not mapped. */
  public String cell(int index) {
    if (isKnown(index)) {
      return String.format("%02x", bytes[index] & 0xff);
    }
    return isMapped(index) ? "??" : "--";
  }

  /** A byte as a character: '.' when it is not printable, '?' unknown, ' ' not mapped. */
  public char character(int index) {
    if (!isKnown(index)) {
      return isMapped(index) ? '?' : ' ';
    }
    byte b = bytes[index];
    return b >= 0x20 && b < 0x7f ? (char) b : '.';
  }

  /** A number of up to eight bytes, or the bytes in order of address. */
  public String hex() {
    if (length() <= 8 && isKnown(0, length())) {
      return "0x" + Long.toHexString(value(0, length()));
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length(); i++) {
      text.append(cell(i));
    }
    return text.toString();
  }
}
