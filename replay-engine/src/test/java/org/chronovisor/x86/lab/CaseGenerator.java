package org.chronovisor.x86.lab;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import org.chronovisor.x86.Mode;

/** Fills in the inputs of a case; the same template and number always give the same ones. */
final class CaseGenerator {
  /** Another number gives other inputs: for longer searches than the build's. */
  static final long SEED = 1_000_003L * Long.getLong("insn-lab.seed", 0);

  private static final int MASKED_EXCEPTIONS = 0x1f80;
  private static final int FLUSH_TO_ZERO = 0x8000;
  private static final int DENORMALS_ARE_ZEROS = 0x40;

  private static final int[] COUNTS = {
    0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 15, 16, 17, 18, 24, 27, 30, 31, 32, 33, 34, 40, 47, 48, 49, 63,
    64, 65, 127, 128, 255
  };

  private static final long[] INTEGERS = {
    0,
    0,
    1,
    -1,
    2,
    -2,
    3,
    10,
    0x0f,
    0x10,
    0x7e,
    0x7f,
    0x80,
    0x81,
    0xfe,
    0xff,
    0x100,
    0x7ffe,
    0x7fff,
    0x8000,
    0x8001,
    0xffff,
    0x10000,
    0x7fffffffL,
    0x80000000L,
    0x80000001L,
    0xfffffffeL,
    0xffffffffL,
    0x100000000L,
    0xffffffff80000000L,
    0xffffffff7fffffffL,
    -128,
    -129,
    -32768,
    Long.MIN_VALUE,
    Long.MIN_VALUE + 1,
    Long.MAX_VALUE,
    Long.MAX_VALUE - 1,
    0x5555555555555555L,
    0xaaaaaaaaaaaaaaaaL,
    0x0123456789abcdefL,
    0x8080808080808080L,
    0x7f7f7f7f7f7f7f7fL,
    0xff00ff00ff00ff00L,
    0x00010000ffff8000L,
    0x7fff8000ffff0001L
  };

  private static final double[] DOUBLES = {
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    1.5,
    2.5,
    -2.5,
    3.0,
    0.1,
    Math.PI,
    Double.MIN_VALUE,
    -Double.MIN_VALUE,
    Double.MIN_NORMAL,
    -Double.MIN_NORMAL,
    Double.MAX_VALUE,
    -Double.MAX_VALUE,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    0x0.fffffffffffffp-1022,
    1e-310,
    -1e-320,
    0x1.0000000000001p0,
    0x1.fffffffffffffp0,
    0x1.0000010p0,
    0x1.000001p0,
    0x1.0000010000001p0,
    0x1.000003p0,
    0x1.fffffefffffffp127,
    0x1.ffffffp127,
    0x1.fffffep127,
    0x1p128,
    0x1p-126,
    0x1.ffffffp-127,
    0x1p-149,
    0x1p-150,
    0x1.8p-150,
    -0x1p-151,
    0x1.4p-148,
    2147483647.0,
    2147483647.5,
    2147483648.0,
    -2147483648.0,
    -2147483648.5,
    -2147483649.0,
    4294967296.0,
    0x1p63,
    -0x1p63,
    0x1.fffffffffffffp62,
    0x1p52,
    4503599627370496.5,
    4503599627370497.5,
    1e300,
    1e-300,
    1e16,
    0x1p1023,
    0x1p-1074,
    0x1p511,
    0x1p512,
    0x1p-511,
    0x1p-537
  };

  private static final long[] DOUBLE_NANS = {
    0x7ff8000000000000L, 0xfff8000000000000L, 0x7ff8000000001234L, 0xfff8123400000000L,
    0x7ff0000000000001L, 0xfff0000000000001L, 0x7ff7ffffffffffffL, 0xfff4000020000000L
  };

  private static final float[] FLOATS = {
    0f,
    -0f,
    1f,
    -1f,
    0.5f,
    -0.5f,
    1.5f,
    2.5f,
    -2.5f,
    3f,
    0.1f,
    (float) Math.PI,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    Float.MIN_NORMAL,
    -Float.MIN_NORMAL,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    0x0.fffffep-126f,
    1e-40f,
    -1e-44f,
    0x1.000002p0f,
    0x1.fffffep0f,
    2147483520f,
    2147483648f,
    -2147483648f,
    -2147483904f,
    4294967296f,
    0x1p63f,
    -0x1p63f,
    8388607.5f,
    8388608f,
    16777216f,
    1e30f,
    1e-30f,
    0x1p127f,
    0x1p-149f,
    0x1p64f,
    0x1p-63f,
    0x1p-75f,
    127.5f,
    -32768.5f,
    65536f
  };

  private static final int[] FLOAT_NANS = {
    0x7fc00000, 0xffc00000, 0x7fc01234, 0xffc45600, 0x7f800001, 0xff800001, 0x7fbfffff, 0xffa00000
  };

  private CaseGenerator() {}

  /** Writes the inputs of case {@code number} of the template in {@code slot} to {@code record}. */
  static void fill(Template t, int slot, int number, long address, byte[] record) {
    SplittableRandom random =
        new SplittableRandom(
            SEED + t.text().hashCode() * 31L + number + (t.mode() == Mode.CODE32 ? 7 : 0));
    ByteBuffer out = ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN);
    java.util.Arrays.fill(record, (byte) 0);
    long block = address + LabLayout.BLOCK;
    long middle = block + LabLayout.BLOCK_BYTES / 2;

    for (int i = 0; i < 16; i++) {
      out.putLong(LabLayout.XMM + 16 * i, vector(t, random));
      out.putLong(LabLayout.XMM + 16 * i + 8, vector(t, random));
    }
    if (random.nextInt(4) == 0) {
      // Equal and nearly equal operands.
      System.arraycopy(record, LabLayout.XMM + 16, record, LabLayout.XMM + 32, 16);
      record[LabLayout.XMM + 32] ^= (byte) random.nextInt(2);
    }
    upperHalves(t, random, record, out);
    for (int i = 0; i < LabLayout.BLOCK_BYTES; i += 8) {
      out.putLong(LabLayout.BLOCK + i, vector(t, random));
    }

    long[] r = new long[16];
    for (int i = 0; i < 16; i++) {
      r[i] = integer(random);
    }
    if (random.nextInt(5) == 0) {
      r[2] = r[1];
    }
    r[3] = middle;
    r[4] = middle + 128;
    operands(t, random, r, out, block);
    int selector = LabLayout.CODE64_SELECTOR;
    if (t.mode() == Mode.CODE32) {
      selector = LabLayout.CODE32_SELECTOR;
      for (int i = 0; i < 16; i++) {
        r[i] &= 0xffff_ffffL;
      }
    }
    for (int i = 0; i < 16; i++) {
      out.putLong(LabLayout.GENERAL + 8 * i, r[i]);
    }
    out.putLong(LabLayout.RFLAGS, flags(random));
    out.putInt(LabLayout.MXCSR, control(random));
    out.putInt(LabLayout.TARGET, (int) AssembledCode.address(slot));
    out.putShort(LabLayout.TARGET + 4, (short) selector);
  }

  private static void upperHalves(
      Template t, SplittableRandom random, byte[] record, ByteBuffer out) {
    for (int i = 0; i < LabLayout.UPPER_BYTES; i += 8) {
      out.putLong(LabLayout.UPPER + i, vector(t, random));
    }
    if (random.nextInt(4) == 0) {
      // In both lanes, too.
      System.arraycopy(record, LabLayout.UPPER + 16, record, LabLayout.UPPER + 32, 16);
      System.arraycopy(record, LabLayout.XMM + 16, record, LabLayout.XMM + 32, 16);
    }
    if (t.has(Operands.VECTOR_INDEX)) {
      for (int i = 0; i < 4; i++) {
        // Of 32 and of 64 bits; ymm5.
        int at = (i < 2 ? LabLayout.XMM + 80 : LabLayout.UPPER + 64) + 8 * i;
        out.putInt(at, random.nextInt(-24, 24));
        out.putInt(at + 4, t.text().contains("q") ? out.getInt(at) >> 31 : random.nextInt(-24, 24));
      }
    }
  }

  private static void operands(
      Template t, SplittableRandom random, long[] r, ByteBuffer out, long block) {
    if (t.has(Operands.EXTENDED)) {
      int middle = LabLayout.BLOCK + LabLayout.BLOCK_BYTES / 2;
      extended(random, out, middle);
      extended(random, out, middle + 16);
      if (random.nextInt(6) == 0) {
        // Equal or opposite operands.
        out.putLong(middle + 16, out.getLong(middle));
        out.putShort(middle + 24, (short) (out.getShort(middle + 8) ^ random.nextInt(2) << 15));
      }
      out.putLong(middle + 32, vector(t, random));
      out.putInt(middle + 40, x87Control(random));
      out.putInt(middle + 44, x87Control(random));
    }
    if (t.has(Operands.COUNT)) {
      r[1] = (r[1] & ~0xffL) | COUNTS[random.nextInt(COUNTS.length)];
    }
    if (t.has(Operands.INDEX)) {
      r[1] = random.nextInt(-12, 13);
      r[2] = random.nextInt(-8, 9);
    }
    if (t.has(Operands.BIT)) {
      r[1] = random.nextInt(-1900, 1900);
    }
    if (t.has(Operands.STRING)) {
      r[6] = block + 128 + random.nextInt(256);
      r[7] =
          random.nextInt(3) == 0
              ? r[6] + random.nextInt(-9, 10)
              : block + 128 + random.nextInt(256);
      boolean bytes8 = t.text().endsWith("b");
      r[1] = random.nextInt(4) == 0 ? 0 : random.nextInt(bytes8 && random.nextBoolean() ? 120 : 13);
      if (random.nextBoolean()) {
        // Long equal stretches, for scas and cmps.
        byte[] bytes = out.array();
        java.util.Arrays.fill(
            bytes, LabLayout.BLOCK, LabLayout.CASE_BYTES, (byte) random.nextInt(-1, 2));
        bytes[LabLayout.BLOCK + 128 + random.nextInt(256)] ^= 1;
        bytes[LabLayout.BLOCK + 128 + random.nextInt(256)] ^= 1;
        if (random.nextBoolean()) {
          r[0] = out.getLong(LabLayout.BLOCK);
        }
      }
    }
    if (t.has(Operands.DIVIDE)) {
      switch (random.nextInt(5)) {
        case 0 -> r[2] = 0;
        case 1 -> r[2] = r[0] >> 63;
        case 2 -> r[2] = (int) r[0] >> 31;
        case 3 -> r[2] = (r[2] & ~0xffffL) | ((short) r[0] >> 15 & 0xffff);
        default -> r[2] = random.nextInt(-3, 4);
      }
      if (random.nextInt(3) == 0) {
        r[0] = (r[0] & ~0xffffL) | ((byte) r[0] & 0xffff);
      }
    }
    if (t.has(Operands.FLAGS)) {
      for (int i = 0; i < 4; i++) {
        long image = flags(random) | (random.nextInt() & 0x24_0000) | 2;
        out.putLong(LabLayout.BLOCK + 384 + 8 * i, image);
      }
    }
    if (t.has(Operands.COMPARE)) {
      switch (random.nextInt(4)) {
        case 0 -> r[0] = out.getLong(LabLayout.BLOCK + 256);
        case 1 -> {
          r[0] = out.getLong(LabLayout.BLOCK + 256);
          r[2] = out.getLong(LabLayout.BLOCK + 264);
        }
        case 2 -> {
          r[0] = out.getInt(LabLayout.BLOCK + 256) & 0xffff_ffffL;
          r[2] = out.getInt(LabLayout.BLOCK + 260) & 0xffff_ffffL;
        }
        default -> r[0] = r[2];
      }
    }
    if (t.has(Operands.LOOP)) {
      r[1] = random.nextInt(3) == 0 ? r[1] & ~0xffff_ffffL : random.nextInt(4);
    }
    if (t.has(Operands.CONTROL)) {
      out.putInt(LabLayout.BLOCK + 256, control(random));
    }
  }

  private static long flags(SplittableRandom random) {
    int all = 0x8d5 | 0x400;
    return switch (random.nextInt(4)) {
      case 0 -> 2;
      case 1 -> 0x8d5 | 2;
      default -> (random.nextInt() & all) | 2;
    };
  }

  private static int control(SplittableRandom random) {
    int value = MASKED_EXCEPTIONS | random.nextInt(4) << 13;
    if (random.nextInt(4) == 0) {
      value |= FLUSH_TO_ZERO;
    }
    if (random.nextInt(4) == 0) {
      value |= DENORMALS_ARE_ZEROS;
    }
    return switch (random.nextInt(4)) {
      case 0 -> value | 0x3f;
      case 1 -> value | random.nextInt(64);
      default -> value;
    };
  }

  /** Any rounding and precision; exceptions mostly masked. */
  private static int x87Control(SplittableRandom random) {
    int masks = random.nextInt(4) == 0 ? random.nextInt(64) : 0x3f;
    int precision = random.nextBoolean() ? 3 : random.nextInt(4);
    return 0x40 | masks | precision << 8 | random.nextInt(4) << 10;
  }

  private static void extended(SplittableRandom random, ByteBuffer out, int at) {
    long top = Long.MIN_VALUE;
    long mantissa = top | random.nextLong();
    int exponent = 0x3fff + random.nextInt(-70, 71);
    switch (random.nextInt(16)) {
      case 0 -> {
        // NaNs and infinity, and what is neither for want of an integer bit.
        exponent = 0x7fff;
        mantissa =
            new long[] {top, top | 1, top | 3L << 61, top | 1L << 62, 0, 1L << 62, mantissa}
                [random.nextInt(7)];
      }
      case 1 -> {
        exponent = 0;
        mantissa = random.nextInt(3) == 0 ? 0 : mantissa >>> random.nextInt(64);
      }
      case 2 -> {
        exponent = random.nextInt(1, 70);
        mantissa = random.nextInt(5) == 0 ? mantissa >>> 1 : mantissa;
      }
      case 3 -> exponent = 0x7ffe - random.nextInt(3);
      case 4 -> exponent = 0x3fff + new int[] {-1022, -1074, 1023, 1024, -1075}[random.nextInt(5)];
      case 5 -> exponent = 0x3fff + new int[] {-126, -149, 127, 128, -150}[random.nextInt(5)];
      case 6, 7 -> {
        // Small integers and halves.
        mantissa = (long) random.nextInt(1, 64) << 58;
        exponent = 0x3fff + 5 - random.nextInt(4) - Long.numberOfLeadingZeros(mantissa);
        mantissa <<= Long.numberOfLeadingZeros(mantissa);
      }
      case 8 ->
          exponent = 0x3fff + new int[] {14, 15, 16, 30, 31, 32, 62, 63, 64}[random.nextInt(9)];
      case 9 ->
          mantissa =
              top
                  | new long[] {0, 1, -1, -1L << 11, -1L << 40, 1L << 10, 3L << 39}
                      [random.nextInt(7)];
      case 10 -> mantissa &= -1L << random.nextInt(64) | top;
      case 11 -> exponent = random.nextInt(0x8000);
      default -> {
        // Moderate.
      }
    }
    if (random.nextInt(12) == 0) {
      mantissa = top | mantissa & -1L << 40 | 1L << 39;
    }
    out.putLong(at, mantissa);
    out.putShort(at + 8, (short) (exponent | random.nextInt(2) << 15));
  }

  private static long vector(Template t, SplittableRandom random) {
    if (t.has(Operands.DOUBLE)) {
      return real64(random);
    }
    if (t.has(Operands.SINGLE)) {
      return (real32(random) & 0xffff_ffffL) | (long) real32(random) << 32;
    }
    return switch (random.nextInt(4)) {
      case 0 -> (integer(random) & 0xffff_ffffL) | integer(random) << 32;
      case 1 -> integer(random);
      case 2 -> {
        long value = 0;
        for (int i = 0; i < 4; i++) {
          value = value << 16 | (integer(random) & 0xffff);
        }
        yield value;
      }
      default -> random.nextLong();
    };
  }

  private static long integer(SplittableRandom random) {
    return switch (random.nextInt(8)) {
      case 0 -> random.nextLong();
      case 1 -> random.nextLong() >> random.nextInt(64);
      case 2 -> (random.nextLong() & ~0xffffL) | (INTEGERS[random.nextInt(19)] & 0xffff);
      case 3 ->
          (random.nextLong() << 32) | (INTEGERS[random.nextInt(INTEGERS.length)] & 0xffff_ffffL);
      default -> INTEGERS[random.nextInt(INTEGERS.length)];
    };
  }

  private static long real64(SplittableRandom random) {
    return switch (random.nextInt(10)) {
      case 0 -> DOUBLE_NANS[random.nextInt(DOUBLE_NANS.length)];
      case 1 -> random.nextLong();
      case 2, 3 ->
          // Moderate magnitudes, so that sums round.
          (random.nextLong() & 0x800f_ffff_ffff_ffffL)
              | (long) (1023 + random.nextInt(-60, 60)) << 52;
      case 4 -> Double.doubleToRawLongBits((double) random.nextInt(-1000, 1000) / 2);
      case 5 ->
          Double.doubleToRawLongBits(DOUBLES[random.nextInt(DOUBLES.length)])
              + random.nextInt(-1, 2);
      default -> Double.doubleToRawLongBits(DOUBLES[random.nextInt(DOUBLES.length)]);
    };
  }

  private static int real32(SplittableRandom random) {
    return switch (random.nextInt(10)) {
      case 0 -> FLOAT_NANS[random.nextInt(FLOAT_NANS.length)];
      case 1 -> random.nextInt();
      case 2, 3 -> (random.nextInt() & 0x807f_ffff) | (127 + random.nextInt(-30, 30)) << 23;
      case 4 -> Float.floatToRawIntBits((float) random.nextInt(-1000, 1000) / 2);
      case 5 ->
          Float.floatToRawIntBits(FLOATS[random.nextInt(FLOATS.length)]) + random.nextInt(-1, 2);
      default -> Float.floatToRawIntBits(FLOATS[random.nextInt(FLOATS.length)]);
    };
  }
}
