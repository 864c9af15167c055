package org.chronovisor.x86;

/**
 * SSE arithmetic on one element, with the MXCSR flags it sets.
 *
 * <p>Java's float and double arithmetic is IEEE 754 to nearest; whether a result is inexact is
 * found by its rounding error, and only while PE is still clear. Everything else is left to {@link
 * SseSoft}.
 */
final class SseFloat {
  private static final SseFormat SINGLE = SseFormat.SINGLE;
  private static final SseFormat DOUBLE = SseFormat.DOUBLE;
  private static final int CONTROL =
      SseSoft.ROUNDING | SseSoft.FLUSH_TO_ZERO | SseSoft.DENORMALS_ARE_ZERO;
  private static final int INEXACT = SseSoft.INEXACT;

  /** Below this biased exponent an error term may itself underflow. */
  private static final int EXACT_ERRORS = 0x80;

  private SseFloat() {}

  // ---- which results may be taken from Java ---------------------------------------------------

  private static int exponent(long bits) {
    return (int) (bits >>> 52) & 0x7ff;
  }

  private static int exponent(int bits) {
    return (bits >>> 23) & 0xff;
  }

  private static boolean isDenormal(long bits) {
    return exponent(bits) == 0 && bits << 1 != 0;
  }

  private static boolean isDenormal(int bits) {
    return exponent(bits) == 0 && bits << 1 != 0;
  }

  /** MXCSR asks for nothing that matters to these operands. */
  private static boolean isPlain(int mxcsr, long a, long b) {
    return (mxcsr & CONTROL) == 0
        || ((mxcsr & SseSoft.ROUNDING) == 0 && !isDenormal(a) && !isDenormal(b));
  }

  private static boolean isPlain(int mxcsr, int a, int b) {
    return (mxcsr & CONTROL) == 0
        || ((mxcsr & SseSoft.ROUNDING) == 0 && !isDenormal(a) && !isDenormal(b));
  }

  // ---- double --------------------------------------------------------------------------------

  static long add(Cpu cpu, long a, long b) {
    double x = Double.longBitsToDouble(a);
    double y = Double.longBitsToDouble(b);
    double r = x + y;
    long bits = Double.doubleToRawLongBits(r);
    int mxcsr = cpu.mxcsr;
    if (sumIsUsable(mxcsr, a, b, bits)) {
      if ((mxcsr & INEXACT) == 0 && sumError(x, y, r) != 0) {
        cpu.mxcsr = mxcsr | INEXACT;
      }
      return bits;
    }
    return SseSoft.add(cpu, DOUBLE, a, b, false);
  }

  static long subtract(Cpu cpu, long a, long b) {
    double x = Double.longBitsToDouble(a);
    double y = Double.longBitsToDouble(b);
    double r = x - y;
    long bits = Double.doubleToRawLongBits(r);
    int mxcsr = cpu.mxcsr;
    if (sumIsUsable(mxcsr, a, b, bits)) {
      if ((mxcsr & INEXACT) == 0 && sumError(x, -y, r) != 0) {
        cpu.mxcsr = mxcsr | INEXACT;
      }
      return bits;
    }
    return SseSoft.add(cpu, DOUBLE, a, b, true);
  }

  /** A denormal sum is exact; near overflow the error term might overflow. */
  private static boolean sumIsUsable(int mxcsr, long a, long b, long result) {
    return exponent(result) <= 0x7fc
        && ((mxcsr & CONTROL) == 0 || (isPlain(mxcsr, a, b) && !isDenormal(result)));
  }

  /** The exact error of r = x + y (Knuth, TAOCP vol. 2, 4.2.2, theorem B). */
  private static double sumError(double x, double y, double r) {
    double part = r - x;
    return (x - (r - part)) + (y - part);
  }

  static long multiply(Cpu cpu, long a, long b) {
    double x = Double.longBitsToDouble(a);
    double y = Double.longBitsToDouble(b);
    double r = x * y;
    long bits = Double.doubleToRawLongBits(r);
    int mxcsr = cpu.mxcsr;
    if (isPlain(mxcsr, a, b)) {
      int e = exponent(bits);
      if (e > 1 && e < 0x7ff) {
        if ((mxcsr & INEXACT) != 0) {
          return bits;
        }
        if (e > EXACT_ERRORS) {
          if (Math.fma(x, y, -r) != 0) {
            cpu.mxcsr = mxcsr | INEXACT;
          }
          return bits;
        }
      } else if (r == 0 && (x == 0 || y == 0)) {
        return bits;
      }
    }
    return SseSoft.multiply(cpu, DOUBLE, a, b);
  }

  static long divide(Cpu cpu, long a, long b) {
    double x = Double.longBitsToDouble(a);
    double y = Double.longBitsToDouble(b);
    double r = x / y;
    long bits = Double.doubleToRawLongBits(r);
    int mxcsr = cpu.mxcsr;
    if (isPlain(mxcsr, a, b)) {
      int e = exponent(bits);
      if (e > 1 && e < 0x7ff) {
        if ((mxcsr & INEXACT) != 0) {
          return bits;
        }
        if (exponent(a) > EXACT_ERRORS && e > EXACT_ERRORS) {
          if (Math.fma(-r, y, x) != 0) {
            cpu.mxcsr = mxcsr | INEXACT;
          }
          return bits;
        }
      } else if (x == 0 && r == 0 && exponent(b) < 0x7ff) {
        return bits;
      }
    }
    return SseSoft.divide(cpu, DOUBLE, a, b);
  }

  /** a x b + c, rounded once. */
  static long multiplyAdd(
      Cpu cpu, long a, long b, long c, boolean negateProduct, boolean negateAddend) {
    int mxcsr = cpu.mxcsr;
    if (isPlain(mxcsr, a, b) && isPlain(mxcsr, c, c)) {
      double x = Double.longBitsToDouble(negateProduct ? a ^ Long.MIN_VALUE : a);
      double y = Double.longBitsToDouble(b);
      double z = Double.longBitsToDouble(negateAddend ? c ^ Long.MIN_VALUE : c);
      double r = Math.fma(x, y, z);
      long bits = Double.doubleToRawLongBits(r);
      int e = exponent(bits);
      if (e > 1 && e < 0x7ff && ((mxcsr & INEXACT) != 0 || isExactSum(x, y, z, r))) {
        return bits;
      }
    }
    return SseSoft.multiplyAdd(cpu, DOUBLE, a, b, c, negateProduct, negateAddend);
  }

  /** True only if r = x y + z exactly; false when in doubt. */
  private static boolean isExactSum(double x, double y, double z, double r) {
    double product = x * y;
    int e = exponent(Double.doubleToRawLongBits(product));
    if (e < EXACT_ERRORS || e > 0x7fc || exponent(Double.doubleToRawLongBits(r)) > 0x7fc) {
      return false;
    }
    double productError = Math.fma(x, y, -product);
    double sum = product + z;
    double sumError = sumError(product, z, sum);
    // What is left when r is taken away must be nothing.
    double rest = sum - r;
    double total = rest + sumError;
    return sumError(sum, -r, rest) == 0
        && sumError(rest, sumError, total) == 0
        && total == -productError;
  }

  static long squareRoot(Cpu cpu, long a) {
    int mxcsr = cpu.mxcsr;
    if (a > 0
        && exponent(a) < 0x7ff
        && exponent(a) > EXACT_ERRORS
        && (mxcsr & SseSoft.ROUNDING) == 0) {
      double x = Double.longBitsToDouble(a);
      double r = Math.sqrt(x);
      if ((mxcsr & INEXACT) == 0 && Math.fma(-r, r, x) != 0) {
        cpu.mxcsr = mxcsr | INEXACT;
      }
      return Double.doubleToRawLongBits(r);
    }
    return SseSoft.squareRoot(cpu, DOUBLE, a);
  }

  // ---- float ---------------------------------------------------------------------------------

  static int add(Cpu cpu, int a, int b) {
    float x = Float.intBitsToFloat(a);
    float y = Float.intBitsToFloat(b);
    float r = x + y;
    int bits = Float.floatToRawIntBits(r);
    int mxcsr = cpu.mxcsr;
    if (sumIsUsable(mxcsr, a, b, bits)) {
      if ((mxcsr & INEXACT) == 0 && sumError(x, y, r) != 0) {
        cpu.mxcsr = mxcsr | INEXACT;
      }
      return bits;
    }
    return (int) SseSoft.add(cpu, SINGLE, a & 0xffff_ffffL, b & 0xffff_ffffL, false);
  }

  static int subtract(Cpu cpu, int a, int b) {
    float x = Float.intBitsToFloat(a);
    float y = Float.intBitsToFloat(b);
    float r = x - y;
    int bits = Float.floatToRawIntBits(r);
    int mxcsr = cpu.mxcsr;
    if (sumIsUsable(mxcsr, a, b, bits)) {
      if ((mxcsr & INEXACT) == 0 && sumError(x, -y, r) != 0) {
        cpu.mxcsr = mxcsr | INEXACT;
      }
      return bits;
    }
    return (int) SseSoft.add(cpu, SINGLE, a & 0xffff_ffffL, b & 0xffff_ffffL, true);
  }

  private static boolean sumIsUsable(int mxcsr, int a, int b, int result) {
    return exponent(result) <= 0xfc
        && ((mxcsr & CONTROL) == 0 || (isPlain(mxcsr, a, b) && !isDenormal(result)));
  }

  private static float sumError(float x, float y, float r) {
    float part = r - x;
    return (x - (r - part)) + (y - part);
  }

  static int multiply(Cpu cpu, int a, int b) {
    float x = Float.intBitsToFloat(a);
    float y = Float.intBitsToFloat(b);
    float r = x * y;
    int bits = Float.floatToRawIntBits(r);
    int mxcsr = cpu.mxcsr;
    if (isPlain(mxcsr, a, b)) {
      int e = exponent(bits);
      if (e > 1 && e < 0xff) {
        // The product of two floats is exact in double.
        if ((mxcsr & INEXACT) == 0 && (double) x * y != r) {
          cpu.mxcsr = mxcsr | INEXACT;
        }
        return bits;
      } else if (r == 0 && (x == 0 || y == 0)) {
        return bits;
      }
    }
    return (int) SseSoft.multiply(cpu, SINGLE, a & 0xffff_ffffL, b & 0xffff_ffffL);
  }

  static int divide(Cpu cpu, int a, int b) {
    float x = Float.intBitsToFloat(a);
    float y = Float.intBitsToFloat(b);
    float r = x / y;
    int bits = Float.floatToRawIntBits(r);
    int mxcsr = cpu.mxcsr;
    if (isPlain(mxcsr, a, b)) {
      int e = exponent(bits);
      if (e > 1 && e < 0xff) {
        if ((mxcsr & INEXACT) == 0 && (double) r * y != x) {
          cpu.mxcsr = mxcsr | INEXACT;
        }
        return bits;
      } else if (x == 0 && r == 0 && exponent(b) < 0xff) {
        return bits;
      }
    }
    return (int) SseSoft.divide(cpu, SINGLE, a & 0xffff_ffffL, b & 0xffff_ffffL);
  }

  /** a x b + c, rounded once. */
  static int multiplyAdd(
      Cpu cpu, int a, int b, int c, boolean negateProduct, boolean negateAddend) {
    int mxcsr = cpu.mxcsr;
    if (isPlain(mxcsr, a, b) && isPlain(mxcsr, c, c)) {
      float x = Float.intBitsToFloat(negateProduct ? a ^ Integer.MIN_VALUE : a);
      float y = Float.intBitsToFloat(b);
      float z = Float.intBitsToFloat(negateAddend ? c ^ Integer.MIN_VALUE : c);
      float r = Math.fma(x, y, z);
      int bits = Float.floatToRawIntBits(r);
      int e = exponent(bits);
      if (e > 1 && e < 0xff && ((mxcsr & INEXACT) != 0 || isExactSum(x, y, z, r))) {
        return bits;
      }
    }
    return (int)
        SseSoft.multiplyAdd(
            cpu,
            SINGLE,
            a & 0xffff_ffffL,
            b & 0xffff_ffffL,
            c & 0xffff_ffffL,
            negateProduct,
            negateAddend);
  }

  /** The product of two floats is exact in double. */
  private static boolean isExactSum(float x, float y, float z, float r) {
    double product = (double) x * y;
    double sum = product + z;
    return sum == r && sumError(product, z, sum) == 0;
  }

  static int squareRoot(Cpu cpu, int a) {
    int mxcsr = cpu.mxcsr;
    if (a > 0 && exponent(a) != 0 && exponent(a) < 0xff && (mxcsr & SseSoft.ROUNDING) == 0) {
      float x = Float.intBitsToFloat(a);
      // Rounding the double root once more is innocuous: 53 bits are more than 2 x 24 + 1.
      float r = (float) Math.sqrt(x);
      if ((mxcsr & INEXACT) == 0 && (double) r * r != x) {
        cpu.mxcsr = mxcsr | INEXACT;
      }
      return Float.floatToRawIntBits(r);
    }
    return (int) SseSoft.squareRoot(cpu, SINGLE, a & 0xffff_ffffL);
  }

  /** QEMU 10.0: the exact 1 / x, and no flags. */
  static int reciprocal(Cpu cpu, int a) {
    int mxcsr = cpu.mxcsr;
    int r = divide(cpu, 0x3f80_0000, a);
    cpu.mxcsr = mxcsr;
    return r;
  }

  /** QEMU 10.0: 1 / sqrt(x), both correctly rounded, and no flags. */
  static int reciprocalRoot(Cpu cpu, int a) {
    int mxcsr = cpu.mxcsr;
    int r = divide(cpu, 0x3f80_0000, squareRoot(cpu, a));
    cpu.mxcsr = mxcsr;
    return r;
  }

  // ---- comparison ----------------------------------------------------------------------------

  static final int LESS = -1;
  static final int EQUAL = 0;
  static final int GREATER = 1;
  static final int UNORDERED = 2;

  /**
   * Relation of a to b.
   *
   * @param signalling quiet NaNs set IE, too
   */
  static int compare(Cpu cpu, long a, long b, boolean signalling) {
    if ((cpu.mxcsr & SseSoft.DENORMALS_ARE_ZERO) != 0) {
      a = SseSoft.flushed(cpu, DOUBLE, a);
      b = SseSoft.flushed(cpu, DOUBLE, b);
    }
    double x = Double.longBitsToDouble(a);
    double y = Double.longBitsToDouble(b);
    if (x < y) {
      return LESS;
    }
    if (x == y) {
      return EQUAL;
    }
    if (x > y) {
      return GREATER;
    }
    if (signalling || DOUBLE.isSignalling(a) || DOUBLE.isSignalling(b)) {
      cpu.mxcsr |= SseSoft.INVALID;
    }
    return UNORDERED;
  }

  static int compare(Cpu cpu, int a, int b, boolean signalling) {
    if ((cpu.mxcsr & SseSoft.DENORMALS_ARE_ZERO) != 0) {
      a = (int) SseSoft.flushed(cpu, SINGLE, a & 0xffff_ffffL);
      b = (int) SseSoft.flushed(cpu, SINGLE, b & 0xffff_ffffL);
    }
    float x = Float.intBitsToFloat(a);
    float y = Float.intBitsToFloat(b);
    if (x < y) {
      return LESS;
    }
    if (x == y) {
      return EQUAL;
    }
    if (x > y) {
      return GREATER;
    }
    if (signalling
        || SINGLE.isSignalling(a & 0xffff_ffffL)
        || SINGLE.isSignalling(b & 0xffff_ffffL)) {
      cpu.mxcsr |= SseSoft.INVALID;
    }
    return UNORDERED;
  }

  /** The second operand unless a is less: for NaNs and zeroes of both signs, too. */
  static long minimum(Cpu cpu, long a, long b) {
    return compare(cpu, a, b, true) == LESS ? a : b;
  }

  static int minimum(Cpu cpu, int a, int b) {
    return compare(cpu, a, b, true) == LESS ? a : b;
  }

  static long maximum(Cpu cpu, long a, long b) {
    return compare(cpu, a, b, true) == GREATER ? a : b;
  }

  static int maximum(Cpu cpu, int a, int b) {
    return compare(cpu, a, b, true) == GREATER ? a : b;
  }

  // ---- conversion ----------------------------------------------------------------------------

  static long toDouble(Cpu cpu, int a) {
    int e = exponent(a);
    if (e != 0 && e != 0xff || a << 1 == 0) {
      return Double.doubleToRawLongBits(Float.intBitsToFloat(a));
    }
    return SseSoft.convert(cpu, SINGLE, DOUBLE, a & 0xffff_ffffL);
  }

  static int toFloat(Cpu cpu, long a) {
    double x = Double.longBitsToDouble(a);
    float r = (float) x;
    int bits = Float.floatToRawIntBits(r);
    int e = exponent(bits);
    int mxcsr = cpu.mxcsr;
    if ((e > 1 && e < 0xff && (mxcsr & SseSoft.ROUNDING) == 0) || a << 1 == 0) {
      if ((mxcsr & INEXACT) == 0 && r != x) {
        cpu.mxcsr = mxcsr | INEXACT;
      }
      return bits;
    }
    return (int) SseSoft.convert(cpu, DOUBLE, SINGLE, a);
  }

  static long integerToDouble(Cpu cpu, long value) {
    double r = (double) value;
    if ((value << 10) >> 10 == value) {
      return Double.doubleToRawLongBits(r);
    }
    return SseSoft.fromInteger(cpu, DOUBLE, value);
  }

  static int integerToFloat(Cpu cpu, long value) {
    if ((value << 39) >> 39 == value) {
      return Float.floatToRawIntBits((float) value);
    }
    return (int) SseSoft.fromInteger(cpu, SINGLE, value);
  }

  /** Rounds to an integral value in a mode of {@link SseSoft}. */
  private static double integral(double x, int mode) {
    return switch (mode) {
      case SseSoft.DOWN -> Math.floor(x);
      case SseSoft.UP -> Math.ceil(x);
      case SseSoft.TRUNCATE -> x < 0 ? Math.ceil(x) : Math.floor(x);
      default -> Math.rint(x);
    };
  }

  /** Integer of 32 or 64 bits; the most negative one, and IE, when out of range. */
  static long toInteger(Cpu cpu, double x, boolean truncate, boolean wide) {
    double r = integral(x, truncate ? SseSoft.TRUNCATE : SseSoft.roundingMode(cpu));
    boolean inRange =
        wide ? r >= -0x1p63 && r < 0x1p63 : r >= Integer.MIN_VALUE && r <= Integer.MAX_VALUE;
    if (!inRange) {
      cpu.mxcsr |= SseSoft.INVALID;
      return wide ? Long.MIN_VALUE : Integer.MIN_VALUE;
    }
    if (r != x) {
      cpu.mxcsr |= INEXACT;
    }
    return (long) r;
  }

  static long doubleToInteger(Cpu cpu, long a, boolean truncate, boolean wide) {
    return toInteger(cpu, Double.longBitsToDouble(SseSoft.flushed(cpu, DOUBLE, a)), truncate, wide);
  }

  static long floatToInteger(Cpu cpu, int a, boolean truncate, boolean wide) {
    int flushed = (int) SseSoft.flushed(cpu, SINGLE, a & 0xffff_ffffL);
    return toInteger(cpu, Float.intBitsToFloat(flushed), truncate, wide);
  }

  /** ROUNDSD and ROUNDPD: {@code control} is the immediate (SDM vol. 2, ROUNDPD). */
  static long round(Cpu cpu, long a, int control) {
    a = SseSoft.flushed(cpu, DOUBLE, a);
    if (DOUBLE.isNan(a)) {
      return SseSoft.quieted(cpu, DOUBLE, a);
    }
    double x = Double.longBitsToDouble(a);
    double r = integral(x, (control & 4) != 0 ? SseSoft.roundingMode(cpu) : control & 3);
    if (r != x && (control & 8) == 0) {
      cpu.mxcsr |= INEXACT;
    }
    return Double.doubleToRawLongBits(r);
  }

  static int round(Cpu cpu, int a, int control) {
    a = (int) SseSoft.flushed(cpu, SINGLE, a & 0xffff_ffffL);
    if (SINGLE.isNan(a & 0xffff_ffffL)) {
      return (int) SseSoft.quieted(cpu, SINGLE, a & 0xffff_ffffL);
    }
    double x = Float.intBitsToFloat(a);
    double r = integral(x, (control & 4) != 0 ? SseSoft.roundingMode(cpu) : control & 3);
    if (r != x && (control & 8) == 0) {
      cpu.mxcsr |= INEXACT;
    }
    return Float.floatToRawIntBits((float) r);
  }
}
