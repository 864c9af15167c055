package org.chronovisor.x86;

/** Operations on the elements of a 64-bit half of an xmm register. */
final class SseLanes {
  static final long SIGN_BYTES = 0x8080_8080_8080_8080L;
  static final long SIGN_WORDS = 0x8000_8000_8000_8000L;
  private static final long SIGN_DWORDS = 0x8000_0000_8000_0000L;
  private static final long LOW = 0xffff_ffffL;

  private SseLanes() {}

  /** Function of two elements; extra high bits of the result are dropped. */
  interface Element {
    int apply(int a, int b);
  }

  static long withLow(long value, int low) {
    return value & ~LOW | low & LOW;
  }

  static long join(int low, int high) {
    return low & LOW | (long) high << 32;
  }

  static int high(long value) {
    return (int) (value >>> 32);
  }

  // ---- one element ---------------------------------------------------------------------------

  static int signedByte(long value, int i) {
    return (byte) (value >>> (8 * i));
  }

  static int unsignedByte(long value, int i) {
    return (int) (value >>> (8 * i)) & 0xff;
  }

  static int signedWord(long value, int i) {
    return (short) (value >>> (16 * i));
  }

  static int unsignedWord(long value, int i) {
    return (int) (value >>> (16 * i)) & 0xffff;
  }

  static int saturateSignedByte(int x) {
    return Math.max(-128, Math.min(127, x));
  }

  static int saturateUnsignedByte(int x) {
    return Math.max(0, Math.min(255, x));
  }

  static int saturateSignedWord(int x) {
    return Math.max(-32768, Math.min(32767, x));
  }

  static int saturateUnsignedWord(int x) {
    return Math.max(0, Math.min(65535, x));
  }

  // ---- all elements --------------------------------------------------------------------------

  static long signedBytes(long a, long b, Element e) {
    long result = 0;
    for (int i = 0; i < 8; i++) {
      result |= (e.apply(signedByte(a, i), signedByte(b, i)) & 0xffL) << (8 * i);
    }
    return result;
  }

  static long unsignedBytes(long a, long b, Element e) {
    long result = 0;
    for (int i = 0; i < 8; i++) {
      result |= (e.apply(unsignedByte(a, i), unsignedByte(b, i)) & 0xffL) << (8 * i);
    }
    return result;
  }

  static long signedWords(long a, long b, Element e) {
    long result = 0;
    for (int i = 0; i < 4; i++) {
      result |= (e.apply(signedWord(a, i), signedWord(b, i)) & 0xffffL) << (16 * i);
    }
    return result;
  }

  static long unsignedWords(long a, long b, Element e) {
    long result = 0;
    for (int i = 0; i < 4; i++) {
      result |= (e.apply(unsignedWord(a, i), unsignedWord(b, i)) & 0xffffL) << (16 * i);
    }
    return result;
  }

  static long dwords(long a, long b, Element e) {
    return join(e.apply((int) a, (int) b), e.apply(high(a), high(b)));
  }

  // Sums without a carry across elements: add all but the sign bits, then put those in.

  static long addBytes(long a, long b) {
    return ((a & ~SIGN_BYTES) + (b & ~SIGN_BYTES)) ^ ((a ^ b) & SIGN_BYTES);
  }

  static long subtractBytes(long a, long b) {
    return ((a | SIGN_BYTES) - (b & ~SIGN_BYTES)) ^ ((a ^ ~b) & SIGN_BYTES);
  }

  static long addWords(long a, long b) {
    return ((a & ~SIGN_WORDS) + (b & ~SIGN_WORDS)) ^ ((a ^ b) & SIGN_WORDS);
  }

  static long subtractWords(long a, long b) {
    return ((a | SIGN_WORDS) - (b & ~SIGN_WORDS)) ^ ((a ^ ~b) & SIGN_WORDS);
  }

  static long addDwords(long a, long b) {
    return ((a & ~SIGN_DWORDS) + (b & ~SIGN_DWORDS)) ^ ((a ^ b) & SIGN_DWORDS);
  }

  static long subtractDwords(long a, long b) {
    return ((a | SIGN_DWORDS) - (b & ~SIGN_DWORDS)) ^ ((a ^ ~b) & SIGN_DWORDS);
  }

  static long equalBytes(long a, long b) {
    long x = a ^ b;
    // Sign bit of each byte: the byte of x is zero.
    long zero = ~(((x & ~SIGN_BYTES) + ~SIGN_BYTES) | x | ~SIGN_BYTES);
    return (zero >>> 7) * 0xff;
  }

  static long equalWords(long a, long b) {
    long x = a ^ b;
    long zero = ~(((x & ~SIGN_WORDS) + ~SIGN_WORDS) | x | ~SIGN_WORDS);
    return (zero >>> 15) * 0xffff;
  }

  /** All ones in the bytes where a is less than b, unsigned. */
  private static long lessBytes(long a, long b) {
    long borrow = (~a & b) | (~(a ^ b) & subtractBytes(a, b));
    return ((borrow & SIGN_BYTES) >>> 7) * 0xff;
  }

  static long minimumBytes(long a, long b) {
    long less = lessBytes(a, b);
    return a & less | b & ~less;
  }

  static long maximumBytes(long a, long b) {
    long less = lessBytes(a, b);
    return b & less | a & ~less;
  }

  /** psubusb. */
  static long subtractSaturatedBytes(long a, long b) {
    return subtractBytes(a, b) & ~lessBytes(a, b);
  }

  /** The sign bits of eight bytes. */
  static int signMask(long bytes) {
    return (int) (((bytes & SIGN_BYTES) >>> 7) * 0x0102_0408_1020_4080L >>> 56);
  }
}
