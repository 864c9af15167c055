package org.chronovisor.trace.internal.store;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.chronovisor.trace.TraceException;

/** Reads what {@link BytesOut} wrote; every read is bounds-checked. */
public final class BytesIn {
  private final byte[] bytes;
  private final ByteBuffer buffer;
  private final String what;
  private int position;

  /**
   * @param what name of the thing that is read, for the message when it is damaged
   */
  public BytesIn(byte[] bytes, String what) {
    this.bytes = bytes;
    this.what = what;
    buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Another reader of the same bytes, at the same place. */
  public BytesIn copy() {
    BytesIn copy = new BytesIn(bytes, what);
    copy.position = position;
    return copy;
  }

  public int remaining() {
    return bytes.length - position;
  }

  public int u8() {
    return bytes[advance(1)] & 0xff;
  }

  public int u16() {
    return buffer.getShort(advance(2)) & 0xffff;
  }

  public int u32() {
    return buffer.getInt(advance(4));
  }

  public long u64() {
    return buffer.getLong(advance(8));
  }

  public long varint() {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      int b = bytes[advance(1)];
      if (shift == 63 && (b & 0xfe) != 0) {
        throw damaged("a number is too long");
      }
      value |= (b & 0x7fL) << shift;
      if (b >= 0) {
        return value;
      }
    }
  }

  public long zigzag() {
    long value = varint();
    return (value >>> 1) ^ -(value & 1);
  }

  /** A varint in [0, max]. */
  public int number(int max) {
    long value = varint();
    if (value < 0 || value > max) {
      throw damaged("a number is out of range");
    }
    return (int) value;
  }

  /** Number of elements that follow, at least one byte each: never more than what is left. */
  public int count(int max) {
    int value = number(max);
    if (value > remaining()) {
      throw damaged("a list is longer than its data");
    }
    return value;
  }

  public byte[] bytes(int length) {
    int from = advance(length);
    return Arrays.copyOfRange(bytes, from, from + length);
  }

  public String string(int maxBytes) {
    int length = count(maxBytes);
    return new String(bytes, advance(length), length, StandardCharsets.UTF_8);
  }

  public boolean flag() {
    return number(1) != 0;
  }

  /** All bytes must have been read. */
  public void end() {
    if (remaining() != 0) {
      throw damaged("bytes are left over");
    }
  }

  public TraceException damaged(String detail) {
    return new TraceException("The trace is damaged: " + what + ": " + detail);
  }

  private int advance(int length) {
    int from = position;
    if (length < 0 || length > bytes.length - from) {
      throw damaged("it ends too early");
    }
    position = from + length;
    return from;
  }
}
