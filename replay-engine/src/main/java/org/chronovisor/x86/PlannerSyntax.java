package org.chronovisor.x86;

/** The fields of an instruction that its plan depends on: prefixes, opcode, ModRM, VEX. */
final class PlannerSyntax {
  final Mode mode;
  final DecodeContext fields;

  /** 0 for one-byte opcodes, 1 for 0F, 2 for 0F 38, 3 for 0F 3A. */
  final int map;

  final int opcode;
  final boolean vex;

  /** Mandatory prefix: 0, 0x66, 0xf2 or 0xf3. */
  final int prefix;

  final boolean hasModrm;

  private PlannerSyntax(DecodeContext fields, int map, int opcode, boolean vex, int prefix) {
    this.mode = fields.mode;
    this.fields = fields;
    this.map = map;
    this.opcode = opcode;
    this.vex = vex;
    this.prefix = prefix;
    hasModrm = hasModrm(map, opcode);
    if (hasModrm) {
      readModrm();
    }
  }

  /**
   * Reads an instruction up to its displacement.
   *
   * @throws DecodeContext.NoMoreBytes when the bytes end too early
   */
  static PlannerSyntax of(byte[] bytes, long pc, Mode mode) {
    DecodeContext c = new DecodeContext(bytes, 0, bytes.length, pc, mode);
    int b = c.prefixes();
    if ((b == 0xc4 || b == 0xc5) && Vex.isNext(c)) {
      Vex vex = Vex.read(c, b);
      return new PlannerSyntax(c, vex.map(), c.u8(), true, vex.prefix());
    }
    int map = 0;
    if (b == 0x0f) {
      b = c.u8();
      map = 1;
      if (b == 0x38 || b == 0x3a) {
        map = b == 0x38 ? 2 : 3;
        b = c.u8();
      }
    }
    // F2 and F3 win over 66 (SDM vol. 2, 2.1.2).
    int prefix = c.repeat != 0 ? c.repeat : c.operandPrefix ? 0x66 : 0;
    return new PlannerSyntax(c, map, b, false, prefix);
  }

  private void readModrm() {
    if (map == 1 && opcode >= 0x20 && opcode <= 0x23) {
      // Moves of control and debug registers have no memory form, whatever mod says.
      int b = fields.u8();
      fields.mod = 3;
      fields.reg = (b >> 3) & 7 | (fields.rex & 4) << 1;
      fields.rm = b & 7 | (fields.rex & 1) << 3;
      return;
    }
    fields.modrm();
  }

  private static boolean hasModrm(int map, int opcode) {
    if (map == 0) {
      return switch (opcode) {
        case 0x62, 0x63, 0x69, 0x6b, 0xc0, 0xc1, 0xc4, 0xc5, 0xc6, 0xc7, 0xf6, 0xf7, 0xfe, 0xff ->
            true;
        default ->
            (opcode < 0x40 && (opcode & 7) < 4)
                || (opcode >= 0x80 && opcode <= 0x8f)
                || (opcode >= 0xd0 && opcode <= 0xd3)
                || (opcode >= 0xd8 && opcode <= 0xdf);
      };
    }
    if (map == 1) {
      return !((opcode >= 0x05 && opcode <= 0x0b && opcode != 0x0a)
          || opcode == 0x0e
          || (opcode >= 0x30 && opcode <= 0x37)
          || opcode == 0x77
          || (opcode >= 0x80 && opcode <= 0x8f)
          || (opcode >= 0xa0 && opcode <= 0xa2)
          || (opcode >= 0xa8 && opcode <= 0xaa)
          || (opcode >= 0xc8 && opcode <= 0xcf));
    }
    return true;
  }

  /** ModRM names memory. */
  boolean isMemory() {
    return hasModrm && fields.isMemory();
  }

  boolean isX87() {
    return !vex && map == 0 && (opcode >= 0xd8 && opcode <= 0xdf || opcode == 0x9b);
  }

  /** SSE, MMX or AVX, by opcode. */
  boolean isVector() {
    if (map == 0) {
      return false;
    }
    if (map == 1) {
      return (opcode >= 0x10 && opcode <= 0x17)
          || (opcode >= 0x28 && opcode <= 0x2f)
          || (opcode >= 0x50 && opcode <= 0x7f && opcode != 0x78 && opcode != 0x79)
          || opcode == 0xc2
          || (opcode >= 0xc4 && opcode <= 0xc6)
          || (opcode >= 0xd0 && opcode <= 0xfe);
    }
    if (map == 2) {
      return opcode < 0x80 || (opcode >= 0x8c && opcode < 0xf0);
    }
    return !vex || opcode != 0xf0;
  }

  /** A string instruction with a repeat prefix: it retires once, when control leaves it. */
  boolean isRepeatedString() {
    return map == 0 && !vex && fields.repeat != 0 && isString();
  }

  boolean isString() {
    return map == 0
        && !vex
        && ((opcode >= 0xa4 && opcode <= 0xa7)
            || (opcode >= 0xaa && opcode <= 0xaf)
            || (opcode >= 0x6c && opcode <= 0x6f));
  }

  /** It may write memory; true when in doubt. */
  boolean mayStore() {
    if (isMemory()) {
      return true;
    }
    if (map == 1) {
      // push fs, push gs; maskmovq and maskmovdqu, which store at rdi.
      return opcode == 0xa0 || opcode == 0xa8 || opcode == 0xf7;
    }
    if (map != 0 || vex) {
      return false;
    }
    return switch (opcode) {
      case 0x06, 0x0e, 0x16, 0x1e, 0x60, 0x68, 0x6a, 0x9c, 0xa2, 0xa3, 0xc8, 0xe8, 0x9a -> true;
      case 0xff -> true;
      default -> isString() || (opcode >= 0x50 && opcode <= 0x57);
    };
  }
}
