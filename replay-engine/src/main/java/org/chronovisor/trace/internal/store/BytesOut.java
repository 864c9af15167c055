package org.chronovisor.trace.internal.store;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing array of bytes with the number encodings of the trace format, little endian. */
public final class BytesOut {
  private byte[] bytes = new byte[64];
  private int size;

  public int size() {
    return size;
  }

  public byte[] toByteArray() {
    return Arrays.copyOf(bytes, size);
  }

  public void u8(int value) {
    reserve(1);
    bytes[size++] = (byte) value;
  }

  public void u16(int value) {
    u8(value);
    u8(value >> 8);
  }

  public void u32(int value) {
    reserve(4);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(size, value);
    size += 4;
  }

  public void u64(long value) {
    reserve(8);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(size, value);
    size += 8;
  }

  /** An unsigned number in groups of 7 bits, lowest first; 1 to 10 bytes. */
  public void varint(long value) {
    reserve(10);
    while ((value & ~0x7fL) != 0) {
      bytes[size++] = (byte) (value | 0x80);
      value >>>= 7;
    }
    bytes[size++] = (byte) value;
  }

  /** A signed number as a varint, small when its magnitude is. */
  public void zigzag(long value) {
    varint((value << 1) ^ (value >> 63));
  }

  public void bytes(byte[] source) {
    bytes(source, 0, source.length);
  }

  public void bytes(byte[] source, int offset, int length) {
    reserve(length);
    System.arraycopy(source, offset, bytes, size, length);
    size += length;
  }

  /** Length as a varint, then UTF-8. */
  public void string(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    varint(utf8.length);
    bytes(utf8);
  }

  private void reserve(int more) {
    if (bytes.length - size < more) {
      long wanted = Math.max((long) size + more, Math.min(2L * size, Integer.MAX_VALUE - 16));
      bytes = Arrays.copyOf(bytes, Math.toIntExact(wanted));
    }
  }
}
