package org.chronovisor.symbols.dwarf;

/** Reads little-endian numbers and LEB128 from a part of a section; every read is checked. */
final class DwarfInput {
  private final byte[] bytes;
  private final String name;
  private final int end;
  private int position;

  /** All of a section. */
  DwarfInput(byte[] bytes, String name) {
    this(bytes, name, 0, bytes.length);
  }

  /** A section from an offset on. */
  static DwarfInput at(byte[] bytes, String name, long offset) {
    DwarfInput in = new DwarfInput(bytes, name);
    in.skip(offset);
    return in;
  }

  private DwarfInput(byte[] bytes, String name, int start, int end) {
    this.bytes = bytes;
    this.name = name;
    this.position = start;
    this.end = end;
  }

  /**
   * What an initial length announces.
   *
   * @param body behind the length
   * @param wide 64-bit DWARF
   */
  record Unit(DwarfInput body, boolean wide) {}

  /** Takes a part that begins with its length (DWARF 5, 7.4). */
  Unit unit() {
    long length = u32();
    boolean wide = length == 0xffffffffL;
    return new Unit(take(wide ? u64() : length), wide);
  }

  /** Takes the next bytes as an input of its own. */
  DwarfInput take(long length) {
    int start = skip(length);
    return new DwarfInput(bytes, name, start, position);
  }

  /** Passes over bytes; where they begin. */
  int skip(long length) {
    if (length < 0 || length > end - position) {
      throw damaged("it ends too early");
    }
    int start = position;
    position += (int) length;
    return start;
  }

  int remaining() {
    return end - position;
  }

  /** Offset in the section. */
  int position() {
    return position;
  }

  int u8() {
    return bytes[skip(1)] & 0xff;
  }

  int s8() {
    return bytes[skip(1)];
  }

  int u16() {
    return (int) number(2);
  }

  long u32() {
    return number(4);
  }

  long u64() {
    return number(8);
  }

  /** An unsigned number of 1 to 8 bytes. */
  long number(int size) {
    int start = skip(size);
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << 8 | bytes[start + i] & 0xff;
    }
    return value;
  }

  /** An offset: 4 bytes in 32-bit DWARF, 8 in 64-bit DWARF (DWARF 5, 7.4). */
  long offset(boolean wide) {
    return wide ? u64() : u32();
  }

  /** Unsigned LEB128; bits above the 64th are lost, as in other readers. */
  long uleb() {
    long value = 0;
    int shift = 0;
    int b;
    do {
      b = u8();
      value |= shift < 64 ? (b & 0x7fL) << shift : 0;
      shift = Math.min(shift + 7, 64);
    } while ((b & 0x80) != 0);
    return value;
  }

  /** Signed LEB128. */
  long sleb() {
    long value = 0;
    int shift = 0;
    int b;
    do {
      b = u8();
      value |= shift < 64 ? (b & 0x7fL) << shift : 0;
      shift = Math.min(shift + 7, 64);
    } while ((b & 0x80) != 0);
    return shift < 64 && (b & 0x40) != 0 ? value | -1L << shift : value;
  }

  /** Passes over a string with its zero; where it begins. */
  int skipString() {
    int start = position;
    while (u8() != 0) {
      // u8 checks the end
    }
    return start;
  }

  DwarfException damaged(String detail) {
    return new DwarfException(
        name + " is damaged at offset 0x" + Integer.toHexString(position) + ": " + detail);
  }
}
