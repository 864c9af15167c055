package org.chronovisor.x86;

/**
 * Arithmetic flags, computed when asked (Intel SDM vol. 1, 3.4.3.1; undefined ones as QEMU 10.0,
 * target/i386/tcg/cc_helper.c).
 *
 * <p>Operands and results are sign-extended to 64 bits whatever the operation's size: sign, zero,
 * carry and overflow tests are then the same for all sizes.
 */
public final class Flags {
  public static final int CF = 1;
  public static final int PF = 4;
  public static final int AF = 0x10;
  public static final int ZF = 0x40;
  public static final int SF = 0x80;
  public static final int TF = 0x100;
  public static final int IF = 0x200;
  public static final int DF = 0x400;
  public static final int OF = 0x800;
  public static final int IOPL = 0x3000;
  public static final int NT = 0x4000;
  public static final int RF = 0x10000;
  public static final int VM = 0x20000;
  public static final int AC = 0x40000;
  public static final int ID = 0x200000;
  public static final int ARITHMETIC = CF | PF | AF | ZF | SF | OF;

  /** a + b = result. */
  public static final int ADD = 0;

  /** a - b = result. */
  public static final int SUB = 1;

  /** CF and OF clear, AF clear. */
  public static final int LOGIC = 2;

  /** SF, ZF, PF from the result; CF, AF, OF are bits of a. */
  public static final int RESULT = 3;

  /** All flags are bits of a. */
  public static final int EXPLICIT = 4;

  private Flags() {}

  /** SF, ZF and PF of a sign-extended result. */
  public static int signZeroParity(long result) {
    int flags = (Integer.bitCount((int) result & 0xff) & 1) == 0 ? PF : 0;
    if (result == 0) {
      flags |= ZF;
    } else if (result < 0) {
      flags |= SF;
    }
    return flags;
  }

  /** The six arithmetic flags of a pending operation. */
  public static int compute(int operation, long a, long b, long result) {
    return switch (operation) {
      case ADD ->
          signZeroParity(result)
              | ((int) (a ^ b ^ result) & AF)
              | (Long.compareUnsigned(result, a) < 0 ? CF : 0)
              | (((a ^ result) & (b ^ result)) < 0 ? OF : 0);
      case SUB ->
          signZeroParity(result)
              | ((int) (a ^ b ^ result) & AF)
              | (Long.compareUnsigned(a, b) < 0 ? CF : 0)
              | (((a ^ b) & (a ^ result)) < 0 ? OF : 0);
      case LOGIC -> signZeroParity(result);
      case RESULT -> signZeroParity(result) | (int) a;
      default -> (int) a;
    };
  }

  /** CF of a pending operation, as 0 or 1. */
  static int carry(int operation, long a, long b, long result) {
    return switch (operation) {
      case ADD -> Long.compareUnsigned(result, a) < 0 ? 1 : 0;
      case SUB -> Long.compareUnsigned(a, b) < 0 ? 1 : 0;
      case LOGIC -> 0;
      default -> (int) a & CF;
    };
  }

  /** Condition code 0-15 on a pending operation. */
  static boolean test(int condition, int operation, long a, long b, long result) {
    if (operation < EXPLICIT) {
      if (condition >> 1 == 2) {
        return result == 0 ^ (condition & 1) != 0;
      }
      if (condition >> 1 == 4) {
        return result < 0 ^ (condition & 1) != 0;
      }
    }
    return test(condition, compute(operation, a, b, result));
  }

  /** Condition code 0-15 (SDM vol. 1, appendix B) on explicit flags. */
  public static boolean test(int condition, int flags) {
    boolean value =
        switch (condition >> 1) {
          case 0 -> (flags & OF) != 0;
          case 1 -> (flags & CF) != 0;
          case 2 -> (flags & ZF) != 0;
          case 3 -> (flags & (CF | ZF)) != 0;
          case 4 -> (flags & SF) != 0;
          case 5 -> (flags & PF) != 0;
          case 6 -> ((flags >> 7) & 1) != ((flags >> 11) & 1);
          default -> (flags & ZF) != 0 || ((flags >> 7) & 1) != ((flags >> 11) & 1);
        };
    return value ^ ((condition & 1) != 0);
  }
}
