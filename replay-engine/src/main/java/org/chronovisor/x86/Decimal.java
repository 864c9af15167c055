package org.chronovisor.x86;

/** AAA, AAS, DAA, DAS, AAM and AAD: 32-bit mode only. */
final class Decimal {
  private static final int RAX = 0;

  private Decimal() {}

  static void register(OpcodeTable one) {
    one.put(0x27, (c, opcode) -> adjust(c, cpu -> da(cpu, 1)));
    one.put(0x2f, (c, opcode) -> adjust(c, cpu -> da(cpu, -1)));
    one.put(0x37, (c, opcode) -> adjust(c, cpu -> aa(cpu, 1)));
    one.put(0x3f, (c, opcode) -> adjust(c, cpu -> aa(cpu, -1)));
    one.put(0xd4, Decimal::multiplyOrDivide);
    one.put(0xd5, Decimal::multiplyOrDivide);
  }

  private static Insn adjust(DecodeContext c, Simple.Effect effect) {
    c.flagsEffect = FlagsEffect.EXPLICIT;
    return c.is64() ? null : new Simple(effect);
  }

  private static Insn multiplyOrDivide(DecodeContext c, int opcode) {
    int base = c.u8();
    if (c.is64()) {
      return null;
    }
    c.flagsEffect = FlagsEffect.LOGIC + 1;
    return new Simple(opcode == 0xd4 ? cpu -> aam(cpu, base) : cpu -> aad(cpu, base));
  }

  private static void setAx(Cpu cpu, int value) {
    cpu.r[RAX] = cpu.r[RAX] & ~0xffffL | value & 0xffff;
  }

  /** AAA (sign 1) and AAS (sign -1); flags other than CF and AF are kept, as QEMU 10.0 does. */
  private static void aa(Cpu cpu, int sign) {
    int flags = cpu.arithmeticFlags();
    int al = (int) cpu.r[RAX] & 0xff;
    int ah = (int) (cpu.r[RAX] >> 8) & 0xff;
    int carry = sign > 0 ? al > 0xf9 ? 1 : 0 : al < 6 ? 1 : 0;
    if ((al & 15) > 9 || (flags & Flags.AF) != 0) {
      al += 6 * sign;
      ah += sign * (1 + carry);
      flags |= Flags.CF | Flags.AF;
    } else {
      flags &= ~(Flags.CF | Flags.AF);
    }
    setAx(cpu, al & 15 | (ah & 0xff) << 8);
    cpu.flagsExplicit(flags);
  }

  /** DAA (sign 1) and DAS (sign -1); OF is cleared, as QEMU 10.0 does. */
  private static void da(Cpu cpu, int sign) {
    int old = (int) cpu.r[RAX] & 0xff;
    int al = old;
    int flags = cpu.arithmeticFlags();
    boolean carry = (flags & Flags.CF) != 0;
    int result = 0;
    if ((al & 15) > 9 || (flags & Flags.AF) != 0) {
      result |= Flags.AF;
      if (sign < 0 && (al < 6 || carry)) {
        result |= Flags.CF;
      }
      al = al + 6 * sign & 0xff;
    }
    if (old > 0x99 || carry) {
      al = al + 0x60 * sign & 0xff;
      result |= Flags.CF;
    }
    cpu.r[RAX] = cpu.r[RAX] & ~0xffL | al;
    cpu.flagsExplicit(result | Flags.signZeroParity((byte) al));
  }

  private static void aam(Cpu cpu, int base) {
    if (base == 0) {
      throw new GuestFault("divide error", 0);
    }
    int al = (int) cpu.r[RAX] & 0xff;
    setAx(cpu, al % base | al / base << 8);
    cpu.flagsLogic((byte) (al % base));
  }

  private static void aad(Cpu cpu, int base) {
    int al = (int) cpu.r[RAX] & 0xff;
    int ah = (int) (cpu.r[RAX] >> 8) & 0xff;
    int result = ah * base + al & 0xff;
    setAx(cpu, result);
    cpu.flagsLogic((byte) result);
  }
}
