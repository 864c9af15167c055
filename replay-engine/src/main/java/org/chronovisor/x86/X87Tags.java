package org.chronovisor.x86;

/**
 * The x87 tag word after a captured instruction; QEMU's GDB stub always reads it as zero.
 *
 * <p>As QEMU 10.0 keeps it (target/i386/tcg/fpu_helper.c): a push validates the new top, a pop
 * empties the old one, MMX instructions set TOP to 0 and validate all, EMMS empties all. Tags are
 * abridged: bit i is set when physical register i is not empty.
 */
final class X87Tags {
  private X87Tags() {}

  /** Uses MMX registers, by opcode and the absence of a mandatory prefix. */
  static boolean isMmx(PlannerSyntax s) {
    if (s.vex || s.prefix != 0) {
      return false;
    }
    int o = s.opcode;
    return switch (s.map) {
      case 1 ->
          (o >= 0x60 && o <= 0x6b)
              || (o >= 0x6e && o <= 0x76)
              || o == 0x7e
              || o == 0x7f
              || o == 0xc4
              || o == 0xc5
              || (o >= 0xd1 && o <= 0xfe && o != 0xd6 && o != 0xe6 && o != 0xf0);
      case 2 -> o <= 0x0b || (o >= 0x1c && o <= 0x1e);
      case 3 -> o == 0x0f;
      default -> false;
    };
  }

  /** True for instructions that change the tag word (or may). */
  static boolean concerns(PlannerSyntax s) {
    return s.isX87() || isMmx(s) || isConversion(s) || isEmms(s);
  }

  /** Conversions and moves between MMX and SSE registers. */
  private static boolean isConversion(PlannerSyntax s) {
    if (s.vex || s.map != 1) {
      return false;
    }
    return switch (s.opcode) {
      case 0x2a, 0x2c, 0x2d -> s.prefix == 0 || s.prefix == 0x66;
      case 0xd6 -> s.prefix == 0xf2 || s.prefix == 0xf3;
      default -> false;
    };
  }

  private static boolean isEmms(PlannerSyntax s) {
    return !s.vex && s.map == 1 && s.opcode == 0x77;
  }

  /**
   * The new tag word.
   *
   * @param tags before the instruction
   * @param statusBefore status word before it
   * @param statusAfter status word after it
   */
  static int after(PlannerSyntax s, int tags, int statusBefore, int statusAfter) {
    if (isEmms(s)) {
      return 0;
    }
    if (!s.isX87()) {
      return concerns(s) ? 0xff : tags;
    }
    if (s.opcode == 0x9b) {
      return tags;
    }
    int extension = s.fields.extension();
    int top = (statusBefore >> 11) & 7;
    int newTop = (statusAfter >> 11) & 7;
    if (s.isMemory()) {
      if (s.opcode == 0xdd && extension == 6) {
        // fnsave
        return 0;
      }
    } else {
      int rm = s.fields.rm & 7;
      if (s.opcode == 0xdb && extension == 4 && rm == 3) {
        // fninit
        return 0;
      }
      if (s.opcode == 0xd9 && extension == 6 && rm >= 6) {
        // fdecstp, fincstp
        return tags;
      }
      if ((s.opcode == 0xdd || s.opcode == 0xdf) && extension == 0) {
        // ffree, ffreep
        tags &= ~(1 << ((top + rm) & 7));
      }
    }
    if (((newTop + 1) & 7) == top) {
      return tags | 1 << newTop;
    }
    for (int popped = top; popped != newTop; popped = (popped + 1) & 7) {
      tags &= ~(1 << popped);
    }
    return tags;
  }
}
