package org.chronovisor.x86;

import java.math.BigInteger;

/**
 * Arithmetic of the x87 FPU with its rounding and precision control, as QEMU 10.0 computes
 * (fpu/softfloat-parts.c.inc, target/i386/tcg/fpu_helper.c).
 *
 * <p>Results of all operations but NaNs are rounded to the precision of the control word, those of
 * conversions too. One per instruction execution: it collects the exceptions.
 */
final class X87Math {
  private static final int INVALID = 1;
  private static final int ZERO_DIVIDE = 4;
  private static final int OVERFLOW = 8;
  private static final int UNDERFLOW = 0x10;
  private static final int INEXACT = 0x20;

  private static final int EXCEPTIONS = 0x3f;

  /** ES and B of the status word. */
  private static final int SUMMARY = 0x8080;

  private final int mode;

  /** Bits of the fraction that a result may have. */
  private final int precision;

  private int raised;

  X87Math(Cpu cpu) {
    mode = cpu.fcw >> 10 & 3;
    int control = cpu.fcw >> 8 & 3;
    precision = control == 0 ? 23 : control == 2 ? 52 : 63;
  }

  /** Puts the exceptions into the status word. */
  void finish(Cpu cpu) {
    cpu.fsw |= raised;
    if ((cpu.fsw & ~cpu.fcw & EXCEPTIONS) != 0) {
      cpu.fsw |= SUMMARY;
    }
  }

  // ---- operations ----------------------------------------------------------------------------

  Float80 add(Float80 a, Float80 b) {
    return sum(a, b, false);
  }

  Float80 subtract(Float80 a, Float80 b) {
    return sum(a, b, true);
  }

  private Float80 sum(Float80 a, Float80 b, boolean subtract) {
    if (a.isInvalid() || b.isInvalid()) {
      return invalid();
    }
    if (a.isNan() || b.isNan()) {
      return pickNan(a, b);
    }
    if (subtract) {
      b = b.negated();
    }
    if (a.isInfinite()) {
      return b.isInfinite() && a.isNegative() != b.isNegative() ? invalid() : a;
    }
    if (b.isInfinite()) {
      return b;
    }
    int scale = Math.min(a.scale(), b.scale());
    BigInteger sum = signed(a, scale).add(signed(b, scale));
    if (sum.signum() == 0) {
      boolean negative = a.isNegative() && b.isNegative();
      boolean mixed = a.isNegative() != b.isNegative();
      return Float80.zero(negative || (mixed && mode == SseSoft.DOWN));
    }
    return round(sum.signum() < 0, sum.abs(), scale, false);
  }

  private static BigInteger signed(Float80 a, int scale) {
    BigInteger m = a.significand().shiftLeft(a.scale() - scale);
    return a.isNegative() ? m.negate() : m;
  }

  Float80 multiply(Float80 a, Float80 b) {
    if (a.isInvalid() || b.isInvalid()) {
      return invalid();
    }
    if (a.isNan() || b.isNan()) {
      return pickNan(a, b);
    }
    boolean negative = a.isNegative() != b.isNegative();
    if (a.isInfinite() || b.isInfinite()) {
      return a.isZero() || b.isZero() ? invalid() : Float80.infinity(negative);
    }
    if (a.isZero() || b.isZero()) {
      return Float80.zero(negative);
    }
    BigInteger product = a.significand().multiply(b.significand());
    return round(negative, product, a.scale() + b.scale(), false);
  }

  Float80 divide(Float80 a, Float80 b) {
    if (a.isInvalid() || b.isInvalid()) {
      return invalid();
    }
    if (a.isNan() || b.isNan()) {
      return pickNan(a, b);
    }
    boolean negative = a.isNegative() != b.isNegative();
    if (a.isInfinite()) {
      return b.isInfinite() ? invalid() : Float80.infinity(negative);
    }
    if (b.isInfinite()) {
      return Float80.zero(negative);
    }
    if (b.isZero()) {
      if (a.isZero()) {
        return invalid();
      }
      raised |= ZERO_DIVIDE;
      return Float80.infinity(negative);
    }
    if (a.isZero()) {
      return Float80.zero(negative);
    }
    // Significands have 1 to 64 bits: the quotient gets at least 76.
    int shift = 140;
    BigInteger[] quotient = a.significand().shiftLeft(shift).divideAndRemainder(b.significand());
    return round(negative, quotient[0], a.scale() - b.scale() - shift, quotient[1].signum() != 0);
  }

  Float80 squareRoot(Float80 a) {
    if (a.isInvalid()) {
      return invalid();
    }
    if (a.isNan()) {
      return quieted(a);
    }
    if (a.isZero()) {
      return a;
    }
    if (a.isNegative()) {
      return invalid();
    }
    if (a.isInfinite()) {
      return a;
    }
    int shift = 160 + (a.scale() & 1);
    BigInteger[] root = a.significand().shiftLeft(shift).sqrtAndRemainder();
    return round(false, root[0], (a.scale() - shift) / 2, root[1].signum() != 0);
  }

  /** frndint. */
  Float80 integral(Float80 a) {
    if (a.isInvalid()) {
      return invalid();
    }
    if (a.isNan()) {
      return quieted(a);
    }
    if (a.isInfinite() || a.isZero()) {
      return a;
    }
    BigInteger m = a.significand();
    int drop = -a.scale();
    // Where the last bit of the precision is worth 1 or more, QEMU rounds to the precision only.
    if (m.bitLength() - 1 - drop < precision && drop > 0) {
      boolean inexact = isInexact(m, drop, false);
      m = rounded(m, drop, false, a.isNegative());
      if (inexact) {
        raised |= INEXACT;
      }
      if (m.signum() == 0) {
        return Float80.zero(a.isNegative());
      }
      drop = 0;
    }
    return round(a.isNegative(), m, -drop, false);
  }

  /** Relation of a to b, as {@link SseFloat#compare} tells it. */
  int compare(Float80 a, Float80 b, boolean signalling) {
    if (a.isInvalid() || b.isInvalid()) {
      raised |= INVALID;
      return SseFloat.UNORDERED;
    }
    if (a.isNan() || b.isNan()) {
      if (signalling || a.isSignalling() || b.isSignalling()) {
        raised |= INVALID;
      }
      return SseFloat.UNORDERED;
    }
    if (a.isZero() && b.isZero()) {
      return SseFloat.EQUAL;
    }
    if (a.isNegative() != b.isNegative()) {
      return a.isNegative() ? SseFloat.LESS : SseFloat.GREATER;
    }
    // A denormal's integer bit may be set: it then is worth what it is with exponent 1.
    int order = Integer.compare(Math.max(a.exponent(), 1), Math.max(b.exponent(), 1));
    if (order == 0) {
      order = Long.compareUnsigned(a.mantissa(), b.mantissa());
    }
    return Integer.signum(a.isNegative() ? -order : order);
  }

  // ---- conversions ---------------------------------------------------------------------------

  /** Of a float or double. */
  Float80 from(SseFormat f, long bits) {
    boolean negative = f.isNegative(bits);
    if (f.isNan(bits)) {
      return quieted(Float80.nan(negative, f.fraction(bits) << 63 - f.fractionBits()));
    }
    if (f.isInfinite(bits)) {
      return Float80.infinity(negative);
    }
    if (f.isZero(bits)) {
      return Float80.zero(negative);
    }
    return round(negative, BigInteger.valueOf(f.significand(bits)), f.scale(bits), false);
  }

  /** Of a signed integer; exceptions of this are lost in QEMU 10.0. */
  Float80 from(long value) {
    int before = raised;
    Float80 result =
        value == 0
            ? Float80.zero(false)
            : round(value < 0, BigInteger.valueOf(value).abs(), 0, false);
    raised = before;
    return result;
  }

  /** Of a signed integer, exactly. */
  static Float80 exactly(long value) {
    if (value == 0) {
      return Float80.zero(false);
    }
    long magnitude = Math.abs(value);
    int zeros = Long.numberOfLeadingZeros(magnitude);
    return Float80.normal(value < 0, Float80.BIAS + 63 - zeros, magnitude << zeros);
  }

  /** To a float or double. */
  long to(SseFormat f, Float80 a) {
    if (a.isInvalid()) {
      raised |= INVALID;
      return f.defaultNan();
    }
    long sign = a.isNegative() ? f.signBit() : 0;
    if (a.isNan()) {
      return sign
          | f.infinity()
          | (quieted(a).mantissa() & Long.MAX_VALUE) >>> 63 - f.fractionBits();
    }
    if (a.isInfinite()) {
      return sign | f.infinity();
    }
    if (a.isZero()) {
      return sign;
    }
    Rounded r =
        round(a.isNegative(), a.significand(), a.scale(), false, f.fractionBits(), f.maxExponent());
    // The integer bit adds 1 to the exponent, unless the result is denormal.
    return sign | ((long) Math.max(r.exponent - 1, 0) << f.fractionBits()) + r.significand;
  }

  /**
   * To an integer of 16, 32 or 64 bits; the most negative one, with IE alone, when it does not fit.
   */
  long toInteger(Float80 a, int bits, boolean truncate) {
    long worst = -1L << (bits - 1);
    if (a.isInvalid() || a.isNan() || a.isInfinite()) {
      raised |= INVALID;
      return worst;
    }
    BigInteger m = a.significand();
    int drop = -a.scale();
    boolean inexact = isInexact(m, drop, false);
    BigInteger value =
        truncate && drop > 0 ? m.shiftRight(drop) : rounded(m, drop, false, a.isNegative());
    value = a.isNegative() ? value.negate() : value;
    if (value.bitLength() >= bits) {
      raised |= INVALID;
      return worst;
    }
    if (inexact) {
      raised |= INEXACT;
    }
    return value.longValue();
  }

  // ---- NaNs ----------------------------------------------------------------------------------

  private Float80 invalid() {
    raised |= INVALID;
    return Float80.DEFAULT_NAN;
  }

  private Float80 quieted(Float80 nan) {
    if (nan.isSignalling()) {
      raised |= INVALID;
    }
    return nan.quiet();
  }

  /** A quiet NaN, else the larger significand, else the positive one. */
  private Float80 pickNan(Float80 a, Float80 b) {
    boolean signallingA = a.isSignalling();
    boolean signallingB = b.isSignalling();
    if (signallingA || signallingB) {
      raised |= INVALID;
    }
    Float80 chosen;
    if (!b.isNan()) {
      chosen = a;
    } else if (!a.isNan()) {
      chosen = b;
    } else if (signallingA != signallingB) {
      chosen = signallingA ? b : a;
    } else {
      int order = Long.compareUnsigned(a.mantissa(), b.mantissa());
      chosen = order > 0 || (order == 0 && !a.isNegative() && b.isNegative()) ? a : b;
    }
    return chosen.quiet();
  }

  // ---- rounding ------------------------------------------------------------------------------

  /**
   * A rounded magnitude.
   *
   * @param exponent biased; 0 for denormals and zero
   * @param significand with its integer bit; 0 for infinity when the exponent is the largest
   */
  private record Rounded(int exponent, long significand) {}

  /** Rounds m x 2^scale, m not zero, to the precision of the control word. */
  private Float80 round(boolean negative, BigInteger m, int scale, boolean sticky) {
    Rounded r = round(negative, m, scale, sticky, precision, Float80.MAX_EXPONENT);
    return r.exponent == Float80.MAX_EXPONENT
        ? Float80.infinity(negative)
        : Float80.normal(negative, r.exponent, r.significand << 63 - precision);
  }

  private Rounded round(
      boolean negative, BigInteger m, int scale, boolean sticky, int bits, int maxExponent) {
    int bias = maxExponent >> 1;
    int exponent = m.bitLength() - 1 + scale + bias;
    int drop = m.bitLength() - 1 - bits;
    BigInteger normal = rounded(m, drop, sticky, negative);
    boolean carried = normal.bitLength() > bits + 1;
    if (exponent > 0) {
      int finalExponent = carried ? exponent + 1 : exponent;
      if (finalExponent >= maxExponent) {
        raised |= OVERFLOW | INEXACT;
        boolean toInfinity =
            mode == SseSoft.NEAREST || mode == (negative ? SseSoft.DOWN : SseSoft.UP);
        return toInfinity
            ? new Rounded(maxExponent, 1L << bits)
            : new Rounded(maxExponent - 1, -1L >>> 63 - bits);
      }
      if (isInexact(m, drop, sticky)) {
        raised |= INEXACT;
      }
      long significand = normal.longValue();
      return new Rounded(finalExponent, carried ? 1L << bits : significand);
    }
    // Tiny unless rounding with an unbounded exponent would reach the smallest normal number.
    boolean tiny = exponent < 0 || !carried;
    drop = 1 - bias - bits - scale;
    if (isInexact(m, drop, sticky)) {
      raised |= tiny ? INEXACT | UNDERFLOW : INEXACT;
    }
    BigInteger denormal = rounded(m, drop, sticky, negative);
    return new Rounded(denormal.bitLength() > bits ? 1 : 0, denormal.longValue());
  }

  private static boolean isInexact(BigInteger m, int drop, boolean sticky) {
    return sticky || (drop > 0 && m.signum() != 0 && m.getLowestSetBit() < drop);
  }

  /** m / 2^drop as an integer. */
  private BigInteger rounded(BigInteger m, int drop, boolean sticky, boolean negative) {
    if (drop <= 0) {
      return m.shiftLeft(-drop);
    }
    BigInteger kept = m.shiftRight(drop);
    if (!isInexact(m, drop, sticky)) {
      return kept;
    }
    boolean up =
        switch (mode) {
          case SseSoft.DOWN -> negative;
          case SseSoft.UP -> !negative;
          case SseSoft.TRUNCATE -> false;
          default ->
              m.testBit(drop - 1) && (kept.testBit(0) || sticky || m.getLowestSetBit() < drop - 1);
        };
    return up ? kept.add(BigInteger.ONE) : kept;
  }
}
