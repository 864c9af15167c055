package org.chronovisor.x86;

import java.math.BigInteger;

/**
 * A value in the x87 format (Intel SDM vol. 1, 4.2.2): an explicit integer bit, no hidden one.
 *
 * @param high sign (bit 15) and biased exponent
 * @param mantissa integer bit and fraction
 */
record Float80(int high, long mantissa) {
  static final int MAX_EXPONENT = 0x7fff;
  static final int BIAS = 0x3fff;
  private static final int SIGN = 0x8000;
  private static final long INTEGER_BIT = 1L << 63;
  private static final long QUIET_BIT = 1L << 62;

  /** Negative and quiet, without payload. */
  static final Float80 DEFAULT_NAN = new Float80(0xffff, INTEGER_BIT | QUIET_BIT);

  static Float80 zero(boolean negative) {
    return new Float80(negative ? SIGN : 0, 0);
  }

  static Float80 infinity(boolean negative) {
    return new Float80((negative ? SIGN : 0) | MAX_EXPONENT, INTEGER_BIT);
  }

  /** Fraction: the bits of the mantissa below the integer bit. */
  static Float80 nan(boolean negative, long fraction) {
    return new Float80((negative ? SIGN : 0) | MAX_EXPONENT, INTEGER_BIT | fraction);
  }

  static Float80 normal(boolean negative, int exponent, long mantissa) {
    return new Float80((negative ? SIGN : 0) | exponent, mantissa);
  }

  boolean isNegative() {
    return (high & SIGN) != 0;
  }

  Float80 negated() {
    return new Float80(high ^ SIGN, mantissa);
  }

  Float80 magnitude() {
    return new Float80(high & MAX_EXPONENT, mantissa);
  }

  int exponent() {
    return high & MAX_EXPONENT;
  }

  /** An encoding that the FPU does not know: no integer bit where there must be one. */
  boolean isInvalid() {
    return exponent() != 0 && mantissa >= 0;
  }

  boolean isNan() {
    return exponent() == MAX_EXPONENT && mantissa << 1 != 0;
  }

  boolean isSignalling() {
    return isNan() && (mantissa & QUIET_BIT) == 0;
  }

  boolean isInfinite() {
    return exponent() == MAX_EXPONENT && mantissa << 1 == 0;
  }

  boolean isZero() {
    return exponent() == 0 && mantissa == 0;
  }

  Float80 quiet() {
    return new Float80(high, mantissa | QUIET_BIT);
  }

  /** Integer s of a finite value s x 2^{@link #scale}, without its sign. */
  BigInteger significand() {
    BigInteger low = BigInteger.valueOf(mantissa & Long.MAX_VALUE);
    return mantissa < 0 ? low.setBit(63) : low;
  }

  int scale() {
    return Math.max(exponent(), 1) - BIAS - 63;
  }
}
