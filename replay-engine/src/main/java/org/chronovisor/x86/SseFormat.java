package org.chronovisor.x86;

/**
 * A binary interchange format (IEEE 754-2008, 3.4) seen as bits in a long.
 *
 * @param fractionBits 10, 23 or 52
 * @param maxExponent the biased exponent of infinities
 */
record SseFormat(int fractionBits, int maxExponent) {
  static final SseFormat HALF = new SseFormat(10, 0x1f);
  static final SseFormat SINGLE = new SseFormat(23, 0xff);
  static final SseFormat DOUBLE = new SseFormat(52, 0x7ff);

  int bias() {
    return maxExponent >> 1;
  }

  long signBit() {
    return (maxExponent + 1L) << fractionBits;
  }

  long quietBit() {
    return 1L << (fractionBits - 1);
  }

  long infinity() {
    return (long) maxExponent << fractionBits;
  }

  /** Negative and quiet, without payload (SDM vol. 1, 4.8.3.7). */
  long defaultNan() {
    return signBit() | infinity() | quietBit();
  }

  long fraction(long bits) {
    return bits & ((1L << fractionBits) - 1);
  }

  private int exponent(long bits) {
    return (int) (bits >>> fractionBits) & maxExponent;
  }

  boolean isNegative(long bits) {
    return (bits & signBit()) != 0;
  }

  boolean isZero(long bits) {
    return (bits & ~signBit()) == 0;
  }

  boolean isDenormal(long bits) {
    return exponent(bits) == 0 && fraction(bits) != 0;
  }

  boolean isInfinite(long bits) {
    return (bits & ~signBit()) == infinity();
  }

  boolean isNan(long bits) {
    return exponent(bits) == maxExponent && fraction(bits) != 0;
  }

  boolean isSignalling(long bits) {
    return isNan(bits) && (bits & quietBit()) == 0;
  }

  /** Integer s of a finite value s x 2^{@link #scale}. */
  long significand(long bits) {
    return exponent(bits) == 0 ? fraction(bits) : fraction(bits) | 1L << fractionBits;
  }

  int scale(long bits) {
    return Math.max(exponent(bits), 1) - bias() - fractionBits;
  }
}
