package org.chronovisor.x86;

import static org.chronovisor.x86.Operand.extend;
import static org.chronovisor.x86.Operand.mask;

/**
 * BMI1, BMI2 and CMPccXADD: integer instructions with a VEX prefix. Flags as QEMU 10.0 computes
 * them.
 */
final class Bmi {
  private static final int NONE = 0;
  private static final int P66 = 0x66;
  private static final int PF3 = 0xf3;
  private static final int PF2 = 0xf2;

  private Bmi() {}

  /** Decodes behind the opcode of maps 2 and 3. */
  static Insn decode(DecodeContext c, int opcode) {
    Vex vex = c.vex;
    if (vex.wide()) {
      return null;
    }
    int size = c.rexW() ? 8 : 4;
    return switch (vex.map()) {
      case 2 -> map2(c, opcode, vex.prefix(), size, vex.register());
      case 3 -> opcode == 0xf0 && vex.prefix() == PF2 ? rorx(c, size) : null;
      default -> null;
    };
  }

  private static Insn map2(DecodeContext c, int opcode, int prefix, int size, int register) {
    c.modrm();
    if (opcode < 0xf0) {
      return compareAndAdd(c, opcode & 15, prefix, size, register);
    }
    if (opcode < 0xf2 || opcode > 0xf7 || opcode == 0xf4) {
      return null;
    }
    Operand to = c.reg(size);
    Operand from = c.rm(size);
    Operand extra = c.register(register, size);
    switch (opcode << 8 | prefix) {
      case 0xf2 << 8 | NONE:
        c.flagsEffect = FlagsEffect.LOGIC + size;
        return new Simple(cpu -> andn(cpu, to, extra, from));
      case 0xf3 << 8 | NONE:
        c.flagsEffect = FlagsEffect.OTHER + size;
        return lowestBit(c.extension(), extra, from);
      case 0xf5 << 8 | NONE:
        c.flagsEffect = FlagsEffect.OTHER + size;
        return new Simple(cpu -> bzhi(cpu, to, from, extra));
      case 0xf5 << 8 | PF3:
        return new Simple(cpu -> to.store(cpu, extract(extra.load(cpu), from.loadUnsigned(cpu))));
      case 0xf5 << 8 | PF2:
        return new Simple(cpu -> to.store(cpu, deposit(extra.load(cpu), from.loadUnsigned(cpu))));
      case 0xf6 << 8 | PF2:
        return new Simple(cpu -> mulx(cpu, to, extra, from));
      case 0xf7 << 8 | NONE:
        c.flagsEffect = FlagsEffect.LOGIC + size;
        return new Simple(cpu -> bextr(cpu, to, from, extra));
      case 0xf7 << 8 | P66:
        return new Simple(cpu -> to.store(cpu, from.load(cpu) << distance(cpu, extra)));
      case 0xf7 << 8 | PF3:
        return new Simple(cpu -> to.store(cpu, from.load(cpu) >> distance(cpu, extra)));
      case 0xf7 << 8 | PF2:
        return new Simple(cpu -> to.store(cpu, from.loadUnsigned(cpu) >>> distance(cpu, extra)));
      default:
        return null;
    }
  }

  /** cmpccxadd: adds to memory when its comparison with a register fulfils the condition. */
  private static Insn compareAndAdd(
      DecodeContext c, int condition, int prefix, int size, int register) {
    if (prefix != P66 || !c.isMemory() || !c.is64()) {
      return null;
    }
    c.flagsEffect = FlagsEffect.SUB + size;
    Operand memory = c.rm(size);
    Operand compared = c.reg(size);
    Operand addend = c.register(register, size);
    return new Simple(
        cpu -> {
          long old = memory.load(cpu);
          long b = compared.load(cpu);
          long sum = old + addend.load(cpu);
          cpu.flagsSub(old, b, extend(old - b, size));
          memory.store(cpu, cpu.condition(condition) ? sum : old);
          compared.store(cpu, old);
        });
  }

  private static int distance(Cpu cpu, Operand count) {
    return (int) count.load(cpu) & (8 * count.size - 1);
  }

  private static Insn rorx(DecodeContext c, int size) {
    c.modrm();
    int count = c.u8() & (8 * size - 1);
    Operand to = c.reg(size);
    Operand from = c.rm(size);
    return new Simple(
        cpu -> {
          long value = from.loadUnsigned(cpu);
          to.store(
              cpu,
              size == 8 ? Long.rotateRight(value, count) : Integer.rotateRight((int) value, count));
        });
  }

  private static void andn(Cpu cpu, Operand to, Operand inverted, Operand from) {
    long result = ~inverted.load(cpu) & from.load(cpu);
    to.store(cpu, result);
    cpu.flagsLogic(result);
  }

  /** BLSR, BLSMSK and BLSI. */
  private static Insn lowestBit(int extension, Operand to, Operand from) {
    if (extension < 1 || extension > 3) {
      return null;
    }
    return new Simple(
        cpu -> {
          long value = from.load(cpu);
          long result =
              switch (extension) {
                case 1 -> value & (value - 1);
                case 2 -> value ^ (value - 1);
                default -> value & -value;
              };
          to.store(cpu, result);
          flags(cpu, extend(result, to.size), (value == 0) == (extension != 3));
        });
  }

  private static void bzhi(Cpu cpu, Operand to, Operand from, Operand position) {
    int first = (int) position.load(cpu) & 0xff;
    boolean beyond = first >= 8 * to.size;
    long value = from.loadUnsigned(cpu);
    long result = beyond ? value : value & ~(-1L << first);
    to.store(cpu, result);
    flags(cpu, extend(result, to.size), beyond);
  }

  private static void bextr(Cpu cpu, Operand to, Operand from, Operand field) {
    int bits = 8 * to.size;
    long value = from.loadUnsigned(cpu);
    int start = (int) field.load(cpu) & 0xff;
    int length = (int) field.load(cpu) >> 8 & 0xff;
    long result = start >= bits ? 0 : value >>> start;
    if (length < bits) {
      result &= ~(-1L << length);
    }
    to.store(cpu, result);
    cpu.flagsLogic(extend(result, to.size));
  }

  /** PF, AF and OF are cleared. */
  private static void flags(Cpu cpu, long result, boolean carry) {
    cpu.flagsExplicit(
        (carry ? Flags.CF : 0) | (result == 0 ? Flags.ZF : 0) | (result < 0 ? Flags.SF : 0));
    // What a bit test after it starts from.
    cpu.flagsResult = result;
  }

  private static long extract(long value, long mask) {
    long result = 0;
    for (int to = 0; mask != 0; to++, mask &= mask - 1) {
      result |= (value >>> Long.numberOfTrailingZeros(mask) & 1) << to;
    }
    return result;
  }

  private static long deposit(long value, long mask) {
    long result = 0;
    for (; mask != 0; mask &= mask - 1, value >>>= 1) {
      result |= (value & 1) << Long.numberOfTrailingZeros(mask);
    }
    return result;
  }

  /** When both destinations are one register, it gets the high half. */
  private static void mulx(Cpu cpu, Operand high, Operand low, Operand from) {
    long a = cpu.r[Registers.RDX] & mask(from.size);
    long b = from.loadUnsigned(cpu);
    if (from.size == 4) {
      low.store(cpu, a * b);
      high.store(cpu, a * b >>> 32);
      return;
    }
    long upper = Math.multiplyHigh(a, b) + (a >> 63 & b) + (b >> 63 & a);
    low.store(cpu, a * b);
    high.store(cpu, upper);
  }
}
