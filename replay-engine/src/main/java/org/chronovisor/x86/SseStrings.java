package org.chronovisor.x86;

/** PCMPESTRM, PCMPESTRI, PCMPISTRM and PCMPISTRI (Intel SDM vol. 2, 4.1). */
final class SseStrings extends Insn {
  private static final int EQUAL_ANY = 0;
  private static final int RANGES = 1;
  private static final int EQUAL_EACH = 2;

  private static final int NEGATED = 1;
  private static final int NEGATED_WHERE_VALID = 3;

  private final int first;
  private final SseOperand second;
  private final boolean explicitLengths;
  private final boolean toMask;
  private final int control;

  /** Number of elements. */
  private final int count;

  /**
   * One of the four.
   *
   * @param c behind the immediate
   * @param opcode 0x60 to 0x63 of map 0F 3A
   */
  SseStrings(DecodeContext c, int opcode, int immediate) {
    first = 2 * c.reg;
    second = SseOperand.of(c);
    toMask = (opcode & 1) == 0;
    explicitLengths = (opcode & 2) == 0;
    control = immediate;
    count = (immediate & 1) != 0 ? 8 : 16;
  }

  @Override
  public void execute(Cpu cpu) {
    long linear = second.linear(cpu);
    long[] b = {second.low(cpu, linear), second.high(cpu, linear)};
    long[] a = {cpu.xmm[first], cpu.xmm[first + 1]};
    int lengthA = explicitLengths ? length(cpu.r[Registers.RAX]) : terminated(a);
    int lengthB = explicitLengths ? length(cpu.r[Registers.RDX]) : terminated(b);
    int result = polarity(aggregate(a, lengthA, b, lengthB), lengthB);
    if (toMask) {
      storeMask(cpu, result);
    } else {
      cpu.r[Registers.RCX] = index(result);
    }
    cpu.flagsExplicit(
        (result != 0 ? Flags.CF : 0)
            | (lengthB < count ? Flags.ZF : 0)
            | (lengthA < count ? Flags.SF : 0)
            | ((result & 1) != 0 ? Flags.OF : 0));
  }

  /**
   * QEMU 10.0 takes the low 32 bits, with REX.W too (target/i386/tcg/emit.c.inc, gen_PCMPESTRI).
   */
  private int length(long register) {
    int value = (int) register;
    return value > count || value < -count ? count : Math.abs(value);
  }

  /** Elements before the first zero. */
  private int terminated(long[] string) {
    int length = 0;
    while (length < count && element(string, length) != 0) {
      length++;
    }
    return length;
  }

  private int element(long[] string, int i) {
    int bits = 128 / count;
    long half = string[i * bits / 64] >>> (i * bits % 64);
    boolean signed = (control & 2) != 0;
    if (count == 8) {
      return signed ? (short) half : (int) half & 0xffff;
    }
    return signed ? (byte) half : (int) half & 0xff;
  }

  /** Bit i of the result is about element i of the second operand. */
  private int aggregate(long[] a, int lengthA, long[] b, int lengthB) {
    int result = 0;
    for (int i = 0; i < count; i++) {
      boolean bit =
          switch ((control >> 2) & 3) {
            case EQUAL_ANY -> i < lengthB && isAnyOf(element(b, i), a, lengthA);
            case RANGES -> i < lengthB && isInRange(element(b, i), a, lengthA);
            case EQUAL_EACH ->
                i < lengthA && i < lengthB
                    ? element(a, i) == element(b, i)
                    : i >= lengthA && i >= lengthB;
            default -> startsWith(b, lengthB, i, a, lengthA);
          };
      result |= bit ? 1 << i : 0;
    }
    return result;
  }

  private boolean isAnyOf(int value, long[] set, int length) {
    for (int i = 0; i < length; i++) {
      if (element(set, i) == value) {
        return true;
      }
    }
    return false;
  }

  private boolean isInRange(int value, long[] bounds, int length) {
    for (int i = 0; i + 1 < length; i += 2) {
      if (element(bounds, i) <= value && value <= element(bounds, i + 1)) {
        return true;
      }
    }
    return false;
  }

  /** A match that the register's end cuts short counts. */
  private boolean startsWith(long[] text, int length, int at, long[] word, int wordLength) {
    for (int i = 0; i < wordLength && at + i < count; i++) {
      if (at + i >= length || element(text, at + i) != element(word, i)) {
        return false;
      }
    }
    return true;
  }

  private int polarity(int result, int lengthB) {
    return switch ((control >> 4) & 3) {
      case NEGATED -> result ^ (1 << count) - 1;
      case NEGATED_WHERE_VALID -> result ^ (1 << lengthB) - 1;
      default -> result;
    };
  }

  private boolean isLast() {
    return (control & 0x40) != 0;
  }

  private int index(int result) {
    if (result == 0) {
      return count;
    }
    return isLast()
        ? 31 - Integer.numberOfLeadingZeros(result)
        : Integer.numberOfTrailingZeros(result);
  }

  private void storeMask(Cpu cpu, int result) {
    if (!isLast()) {
      cpu.xmm[0] = result;
      cpu.xmm[1] = 0;
      return;
    }
    int bits = 128 / count;
    long ones = -1L >>> (64 - bits);
    long[] mask = new long[2];
    for (int i = 0; i < count; i++) {
      if ((result >> i & 1) != 0) {
        mask[i * bits / 64] |= ones << (i * bits % 64);
      }
    }
    cpu.xmm[0] = mask[0];
    cpu.xmm[1] = mask[1];
  }
}
