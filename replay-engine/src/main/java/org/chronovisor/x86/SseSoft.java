package org.chronovisor.x86;

import java.math.BigInteger;

/**
 * Exact binary floating point for the cases that {@link SseFloat} does not do by Java arithmetic:
 * NaNs, infinities, underflow, overflow, denormals as zero, rounding other than to nearest.
 *
 * <p>As QEMU 10.0 computes for SSE (fpu/softfloat-parts.c.inc, target/i386/tcg/fpu_helper.c), which
 * differs from the SDM: NaN operands are chosen by the x87 rule, DE is never set, results are
 * flushed to zero before rounding, and unmasked exceptions do not trap.
 */
final class SseSoft {
  static final int INVALID = 1;
  static final int ZERO_DIVIDE = 4;
  static final int OVERFLOW = 8;
  static final int UNDERFLOW = 0x10;
  static final int INEXACT = 0x20;
  static final int DENORMALS_ARE_ZERO = 0x40;
  static final int ROUNDING = 0x6000;
  static final int FLUSH_TO_ZERO = 0x8000;

  static final int NEAREST = 0;
  static final int DOWN = 1;
  static final int UP = 2;
  static final int TRUNCATE = 3;

  private SseSoft() {}

  static int roundingMode(Cpu cpu) {
    return (cpu.mxcsr & ROUNDING) >> 13;
  }

  // ---- operations ----------------------------------------------------------------------------

  /** a + b, or a - b. */
  static long add(Cpu cpu, SseFormat f, long a, long b, boolean subtract) {
    a = flushed(cpu, f, a);
    b = flushed(cpu, f, b);
    if (f.isNan(a) || f.isNan(b)) {
      return pickNan(cpu, f, a, b);
    }
    if (subtract) {
      b ^= f.signBit();
    }
    if (f.isInfinite(a)) {
      return f.isInfinite(b) && a != b ? invalid(cpu, f) : a;
    }
    if (f.isInfinite(b)) {
      return b;
    }
    int scale = Math.min(f.scale(a), f.scale(b));
    BigInteger sum = signed(f, a, scale).add(signed(f, b, scale));
    if (sum.signum() == 0) {
      // x - x is -0 only when rounding down; (-0) + (-0) is -0.
      boolean negative = f.isNegative(a) && f.isNegative(b);
      boolean mixed = f.isNegative(a) != f.isNegative(b);
      return negative || (mixed && roundingMode(cpu) == DOWN) ? f.signBit() : 0;
    }
    return round(cpu, f, sum.signum() < 0, sum.abs(), scale, false);
  }

  private static BigInteger signed(SseFormat f, long bits, int scale) {
    BigInteger m = BigInteger.valueOf(f.significand(bits)).shiftLeft(f.scale(bits) - scale);
    return f.isNegative(bits) ? m.negate() : m;
  }

  static long multiply(Cpu cpu, SseFormat f, long a, long b) {
    a = flushed(cpu, f, a);
    b = flushed(cpu, f, b);
    if (f.isNan(a) || f.isNan(b)) {
      return pickNan(cpu, f, a, b);
    }
    long sign = (a ^ b) & f.signBit();
    if (f.isInfinite(a) || f.isInfinite(b)) {
      return f.isZero(a) || f.isZero(b) ? invalid(cpu, f) : sign | f.infinity();
    }
    if (f.isZero(a) || f.isZero(b)) {
      return sign;
    }
    BigInteger product =
        BigInteger.valueOf(f.significand(a)).multiply(BigInteger.valueOf(f.significand(b)));
    return round(cpu, f, sign != 0, product, f.scale(a) + f.scale(b), false);
  }

  /** a x b + c, rounded once; the signs of product and addend may be changed before. */
  static long multiplyAdd(
      Cpu cpu, SseFormat f, long a, long b, long c, boolean negateProduct, boolean negateAddend) {
    a = flushed(cpu, f, a);
    b = flushed(cpu, f, b);
    c = flushed(cpu, f, c);
    if (f.isNan(a) || f.isNan(b) || f.isNan(c)) {
      return pickNan(cpu, f, a, b, c);
    }
    c = negateAddend ? c ^ f.signBit() : c;
    long sign = (a ^ b) & f.signBit() ^ (negateProduct ? f.signBit() : 0);
    if (f.isInfinite(a) || f.isInfinite(b)) {
      boolean undefined =
          f.isZero(a) || f.isZero(b) || (f.isInfinite(c) && (c & f.signBit()) != sign);
      return undefined ? invalid(cpu, f) : sign | f.infinity();
    }
    if (f.isInfinite(c)) {
      return c;
    }
    BigInteger product =
        BigInteger.valueOf(f.significand(a)).multiply(BigInteger.valueOf(f.significand(b)));
    if (product.signum() == 0 && f.isZero(c)) {
      return (c & f.signBit()) == sign ? sign : roundingMode(cpu) == DOWN ? f.signBit() : 0;
    }
    int productScale = f.scale(a) + f.scale(b);
    int scale = Math.min(productScale, f.scale(c));
    BigInteger sum =
        (sign != 0 ? product.negate() : product)
            .shiftLeft(productScale - scale)
            .add(signed(f, c, scale));
    if (sum.signum() == 0) {
      return roundingMode(cpu) == DOWN ? f.signBit() : 0;
    }
    return round(cpu, f, sum.signum() < 0, sum.abs(), scale, false);
  }

  static long divide(Cpu cpu, SseFormat f, long a, long b) {
    a = flushed(cpu, f, a);
    b = flushed(cpu, f, b);
    if (f.isNan(a) || f.isNan(b)) {
      return pickNan(cpu, f, a, b);
    }
    long sign = (a ^ b) & f.signBit();
    if (f.isInfinite(a)) {
      return f.isInfinite(b) ? invalid(cpu, f) : sign | f.infinity();
    }
    if (f.isInfinite(b)) {
      return sign;
    }
    if (f.isZero(b)) {
      if (f.isZero(a)) {
        return invalid(cpu, f);
      }
      cpu.mxcsr |= ZERO_DIVIDE;
      return sign | f.infinity();
    }
    if (f.isZero(a)) {
      return sign;
    }
    // Both significands have at most 53 bits: the quotient gets at least 64.
    int shift = 120;
    BigInteger[] quotient =
        BigInteger.valueOf(f.significand(a))
            .shiftLeft(shift)
            .divideAndRemainder(BigInteger.valueOf(f.significand(b)));
    return round(
        cpu, f, sign != 0, quotient[0], f.scale(a) - f.scale(b) - shift, quotient[1].signum() != 0);
  }

  static long squareRoot(Cpu cpu, SseFormat f, long a) {
    a = flushed(cpu, f, a);
    if (f.isNan(a)) {
      return quieted(cpu, f, a);
    }
    if (f.isZero(a)) {
      return a;
    }
    if (f.isNegative(a)) {
      return invalid(cpu, f);
    }
    if (f.isInfinite(a)) {
      return a;
    }
    int shift = 128 + (f.scale(a) & 1);
    BigInteger[] root = BigInteger.valueOf(f.significand(a)).shiftLeft(shift).sqrtAndRemainder();
    return round(cpu, f, false, root[0], (f.scale(a) - shift) / 2, root[1].signum() != 0);
  }

  /** Conversion between formats. */
  static long convert(Cpu cpu, SseFormat from, SseFormat to, long a) {
    a = flushed(cpu, from, a);
    long sign = from.isNegative(a) ? to.signBit() : 0;
    if (from.isNan(a)) {
      long fraction = from.fraction(quieted(cpu, from, a));
      int wider = to.fractionBits() - from.fractionBits();
      return sign | to.infinity() | (wider > 0 ? fraction << wider : fraction >> -wider);
    }
    if (from.isInfinite(a)) {
      return sign | to.infinity();
    }
    if (from.isZero(a)) {
      return sign;
    }
    return round(cpu, to, sign != 0, BigInteger.valueOf(from.significand(a)), from.scale(a), false);
  }

  /** Conversion of a signed integer. */
  static long fromInteger(Cpu cpu, SseFormat f, long value) {
    if (value == 0) {
      return 0;
    }
    return round(cpu, f, value < 0, BigInteger.valueOf(value).abs(), 0, false);
  }

  // ---- NaNs ----------------------------------------------------------------------------------

  /** The operand itself, or zero when it is denormal and DAZ is set. */
  static long flushed(Cpu cpu, SseFormat f, long bits) {
    return (cpu.mxcsr & DENORMALS_ARE_ZERO) != 0 && f.isDenormal(bits) ? bits & f.signBit() : bits;
  }

  private static long invalid(Cpu cpu, SseFormat f) {
    cpu.mxcsr |= INVALID;
    return f.defaultNan();
  }

  /** A NaN made quiet; a signalling one sets IE. */
  static long quieted(Cpu cpu, SseFormat f, long nan) {
    if (f.isSignalling(nan)) {
      cpu.mxcsr |= INVALID;
    }
    return nan | f.quietBit();
  }

  /** QEMU 10.0 applies the x87 rule to SSE, too: a quiet NaN, else the larger significand. */
  private static long pickNan(Cpu cpu, SseFormat f, long a, long b) {
    boolean signallingA = f.isSignalling(a);
    boolean signallingB = f.isSignalling(b);
    if (signallingA || signallingB) {
      cpu.mxcsr |= INVALID;
    }
    long chosen;
    if (!f.isNan(b)) {
      chosen = a;
    } else if (!f.isNan(a)) {
      chosen = b;
    } else if (signallingA != signallingB) {
      chosen = signallingA ? b : a;
    } else {
      int order = Long.compare(f.fraction(a), f.fraction(b));
      boolean first = order > 0 || (order == 0 && !f.isNegative(a) && f.isNegative(b));
      chosen = first ? a : b;
    }
    return chosen | f.quietBit();
  }

  /** The first of three, or the addend when there is no product of infinity and zero. */
  private static long pickNan(Cpu cpu, SseFormat f, long a, long b, long c) {
    if (f.isSignalling(a) || f.isSignalling(b) || f.isSignalling(c)) {
      cpu.mxcsr |= INVALID;
    }
    return (f.isNan(a) ? a : f.isNan(b) ? b : c) | f.quietBit();
  }

  // ---- rounding ------------------------------------------------------------------------------

  /**
   * Rounds m x 2^scale, m not zero.
   *
   * @param sticky the true value is a little larger in magnitude; m must then have more bits than
   *     the format
   */
  private static long round(
      Cpu cpu, SseFormat f, boolean negative, BigInteger m, int scale, boolean sticky) {
    final int mode = roundingMode(cpu);
    final int precision = f.fractionBits() + 1;
    final long sign = negative ? f.signBit() : 0;
    final int exponent = m.bitLength() - 1 + scale + f.bias();
    if (exponent <= 0 && (cpu.mxcsr & FLUSH_TO_ZERO) != 0) {
      cpu.mxcsr |= UNDERFLOW | INEXACT;
      return sign;
    }
    int drop = m.bitLength() - precision;
    long normal = rounded(m, drop, sticky, mode, negative);
    boolean carried = normal >>> precision != 0;
    if (exponent > 0) {
      int finalExponent = carried ? exponent + 1 : exponent;
      if (finalExponent >= f.maxExponent()) {
        cpu.mxcsr |= OVERFLOW | INEXACT;
        boolean toInfinity = mode == NEAREST || mode == (negative ? DOWN : UP);
        return sign | (toInfinity ? f.infinity() : f.infinity() - 1);
      }
      if (isInexact(m, drop, sticky)) {
        cpu.mxcsr |= INEXACT;
      }
      long fraction = carried ? 0 : normal & (f.quietBit() * 2 - 1);
      return sign | (long) finalExponent << f.fractionBits() | fraction;
    }
    // Tiny unless rounding with an unbounded exponent would reach the smallest normal number.
    boolean tiny = exponent < 0 || !carried;
    drop = 1 - f.bias() - f.fractionBits() - scale;
    if (isInexact(m, drop, sticky)) {
      cpu.mxcsr |= tiny ? INEXACT | UNDERFLOW : INEXACT;
    }
    return sign | rounded(m, drop, sticky, mode, negative);
  }

  private static boolean isInexact(BigInteger m, int drop, boolean sticky) {
    return sticky || (drop > 0 && m.getLowestSetBit() < drop);
  }

  /** m / 2^drop as an integer. */
  private static long rounded(BigInteger m, int drop, boolean sticky, int mode, boolean negative) {
    if (drop <= 0) {
      return m.shiftLeft(-drop).longValueExact();
    }
    long kept = m.shiftRight(drop).longValueExact();
    if (!isInexact(m, drop, sticky)) {
      return kept;
    }
    boolean up =
        switch (mode) {
          case DOWN -> negative;
          case UP -> !negative;
          case TRUNCATE -> false;
          default ->
              m.testBit(drop - 1) && ((kept & 1) != 0 || sticky || m.getLowestSetBit() < drop - 1);
        };
    return up ? kept + 1 : kept;
  }
}
