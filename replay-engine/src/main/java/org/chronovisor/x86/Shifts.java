package org.chronovisor.x86;

import static org.chronovisor.x86.Operand.extend;
import static org.chronovisor.x86.Operand.mask;

/**
 * SHL, SHR, SAR, ROL, ROR, RCL, RCR, SHLD and SHRD.
 *
 * <p>AF is cleared by shifts, OF is the change of the sign bit in the last step whatever the count
 * (QEMU 10.0, target/i386/tcg/cc_helper_template.h.inc); rotates keep all but CF and OF.
 */
final class Shifts {
  private static final int RCX = 1;

  /** Shifts a sign-extended value by a count that is not zero, and sets the flags. */
  private interface Operation {
    long apply(Cpu cpu, long value, int count, int size);
  }

  /** By ModRM's reg field. */
  private static final Operation[] OPERATIONS = {
    Shifts::rol,
    Shifts::ror,
    Shifts::rcl,
    Shifts::rcr,
    Shifts::shl,
    Shifts::shr,
    Shifts::shl,
    Shifts::sar
  };

  private Shifts() {}

  static void register(OpcodeTable one, OpcodeTable two) {
    one.put(0xc0, 0xc1, Shifts::group2Immediate);
    one.put(0xd0, 0xd1, Shifts::group2One);
    one.put(0xd2, 0xd3, Shifts::group2Cl);
    two.put(0xa4, Shifts::doubleImmediate);
    two.put(0xa5, Shifts::doubleCl);
    two.put(0xac, Shifts::doubleImmediate);
    two.put(0xad, Shifts::doubleCl);
  }

  private static int countMask(int size) {
    return size == 8 ? 63 : 31;
  }

  private static Insn group2Immediate(DecodeContext c, int opcode) {
    int size = Arithmetic.size(c, opcode);
    c.modrm();
    return byConstant(c, c.u8() & countMask(size), size);
  }

  private static Insn group2One(DecodeContext c, int opcode) {
    c.modrm();
    return byConstant(c, 1, Arithmetic.size(c, opcode));
  }

  private static Insn byConstant(DecodeContext c, int count, int size) {
    int operation = c.extension();
    if (count != 0) {
      c.flagsEffect = operation < 4 ? FlagsEffect.EXPLICIT : FlagsEffect.OTHER + size;
    }
    Operand operand = c.rm(size);
    c.translation = CompiledArithmetic.shift(operation, operand, count);
    if (count != 0 && operand instanceof Operand.Register register) {
      Insn fast = FastShifts.create(operation, register, count);
      if (fast != null) {
        return fast;
      }
    }
    return new Shift(OPERATIONS[operation], operand, count);
  }

  private static Insn group2Cl(DecodeContext c, int opcode) {
    int size = Arithmetic.size(c, opcode);
    c.modrm();
    c.flagsEffect = FlagsEffect.EXPLICIT;
    c.translation = CompiledArithmetic.shiftByCl(c.extension(), c.rm(size));
    return new ShiftByCl(c.extension(), c.rm(size));
  }

  private static Insn doubleImmediate(DecodeContext c, int opcode) {
    int size = c.operandSize();
    c.modrm();
    int count = c.u8() & countMask(size);
    if (count != 0) {
      c.flagsEffect = FlagsEffect.OTHER + size;
    }
    return new DoubleShift(opcode >= 0xa8, c.rm(size), c.reg(size), Operand.immediate(count, 1));
  }

  private static Insn doubleCl(DecodeContext c, int opcode) {
    int size = c.operandSize();
    c.modrm();
    c.flagsEffect = FlagsEffect.EXPLICIT;
    Operand cl = Operand.register(RCX, 1, true);
    return new DoubleShift(opcode >= 0xa8, c.rm(size), c.reg(size), cl);
  }

  private static final class Shift extends Insn {
    private final Operation operation;
    private final Operand operand;
    private final int count;

    Shift(Operation operation, Operand operand, int count) {
      this.operation = operation;
      this.operand = operand;
      this.count = count;
    }

    @Override
    public void execute(Cpu cpu) {
      long value = operand.load(cpu);
      // A count of zero writes the operand, too: a 32-bit register is zero-extended.
      operand.store(cpu, count == 0 ? value : operation.apply(cpu, value, count, operand.size));
    }
  }

  private static final class ShiftByCl extends Insn {
    private final Operation operation;
    private final Operand operand;

    /** RCL and RCR do nothing, too, when the count is a multiple of the bits rotated. */
    private final int modulus;

    ShiftByCl(int extension, Operand operand) {
      operation = OPERATIONS[extension];
      this.operand = operand;
      boolean throughCarry = extension == 2 || extension == 3;
      modulus = throughCarry && operand.size < 4 ? 8 * operand.size + 1 : 64;
    }

    @Override
    public void execute(Cpu cpu) {
      int count = (int) cpu.r[RCX] & countMask(operand.size);
      long value = operand.load(cpu);
      if (count % modulus != 0) {
        value = operation.apply(cpu, value, count, operand.size);
      }
      operand.store(cpu, value);
    }
  }

  private static final class DoubleShift extends Insn {
    private final boolean right;
    private final Operand to;
    private final Operand from;
    private final Operand count;

    DoubleShift(boolean right, Operand to, Operand from, Operand count) {
      this.right = right;
      this.to = to;
      this.from = from;
      this.count = count;
    }

    @Override
    public void execute(Cpu cpu) {
      int n = (int) count.load(cpu) & countMask(to.size);
      long value = to.loadRaw(cpu);
      if (n == 0) {
        to.store(cpu, value);
      } else {
        long fill = from.loadRaw(cpu);
        long result =
            right ? shrd(cpu, value, fill, n, to.size) : shld(cpu, value, fill, n, to.size);
        to.store(cpu, result);
      }
    }
  }

  // ---- operations ----------------------------------------------------------------------------

  /**
   * CF and OF after a shift: {@code carry} 0 or 1, overflow when the last step changed the sign.
   */
  static int carryOverflow(long carry, long last, long result, int size) {
    long change = extend(last ^ result, size);
    return (int) carry & 1 | (change < 0 ? Flags.OF : 0);
  }

  private static long topBit(long value, int size) {
    return value >>> (8 * size - 1) & 1;
  }

  private static long shl(Cpu cpu, long value, int count, int size) {
    long last = value << (count - 1);
    long result = extend(value << count, size);
    cpu.flagsResult(result, carryOverflow(topBit(last, size), last, result, size));
    return result;
  }

  private static long shr(Cpu cpu, long value, int count, int size) {
    long last = (value & mask(size)) >>> (count - 1);
    long result = extend(last >>> 1, size);
    cpu.flagsResult(result, carryOverflow(last, last, result, size));
    return result;
  }

  private static long sar(Cpu cpu, long value, int count, int size) {
    long last = value >> (count - 1);
    long result = last >> 1;
    cpu.flagsResult(result, carryOverflow(last, last, result, size));
    return result;
  }

  private static void setCarryOverflow(Cpu cpu, int carryOverflow) {
    cpu.flagsExplicit(cpu.arithmeticFlags() & ~(Flags.CF | Flags.OF) | carryOverflow);
  }

  private static long rol(Cpu cpu, long value, int count, int size) {
    int bits = 8 * size;
    int n = count & (bits - 1);
    long unsigned = value & mask(size);
    long result = n == 0 ? value : unsigned << n | unsigned >>> (bits - n);
    setCarryOverflow(cpu, carryOverflow(result, value, result, size));
    return result;
  }

  private static long ror(Cpu cpu, long value, int count, int size) {
    int bits = 8 * size;
    int n = count & (bits - 1);
    long unsigned = value & mask(size);
    long result = n == 0 ? value : unsigned >>> n | unsigned << (bits - n);
    setCarryOverflow(cpu, carryOverflow(topBit(result, size), value, result, size));
    return result;
  }

  /** Count of RCL and RCR after QEMU's reduction; 0 only for immediate counts. */
  private static int throughCarryCount(int count, int size) {
    return size < 4 ? count % (8 * size + 1) : count;
  }

  private static long rcl(Cpu cpu, long value, int count, int size) {
    // Shift counts are taken modulo 64: with a reduced count of 0 the result is that of a QEMU with
    // the fault on x86 hosts.
    int n = throughCarryCount(count, size) - 1;
    if (n < 0 && !cpu.fullTurnClears) {
      return value;
    }
    long unsigned = value & mask(size);
    long high = (unsigned << 1 | cpu.carry()) << n;
    long low = unsigned >>> (n ^ (8 * size - 1));
    long result = high | low >>> 1;
    setCarryOverflow(cpu, carryOverflow(low, value, result, size));
    return result;
  }

  private static long rcr(Cpu cpu, long value, int count, int size) {
    int n = throughCarryCount(count, size) - 1;
    if (n < 0 && !cpu.fullTurnClears) {
      return value;
    }
    long unsigned = value & mask(size);
    long low = unsigned >>> n;
    long high = (unsigned << 1 | cpu.carry()) << (n ^ (8 * size - 1));
    long result = high | low >>> 1;
    setCarryOverflow(cpu, carryOverflow(low, value, result, size));
    return result;
  }

  private static long low32(long value) {
    return value & 0xffff_ffffL;
  }

  private static long shld(Cpu cpu, long value, long fill, int count, int size) {
    long last;
    long result;
    if (size == 8) {
      last = value << (count - 1);
      result = value << count | fill >>> (64 - count);
    } else {
      // 16-bit operands: counts above 16 shift the destination in again.
      long below = size == 4 ? low32(fill) : value & 0xffff | (fill & 0xffff) << 16;
      long both = value << 32 | below;
      last = both << (count - 1) >>> 32;
      result = both << count >>> 32;
    }
    long extended = extend(result, size);
    cpu.flagsResult(extended, carryOverflow(topBit(last, size), last, result, size));
    return result;
  }

  private static long shrd(Cpu cpu, long value, long fill, int count, int size) {
    long last;
    long result;
    if (size == 8) {
      last = value >>> (count - 1);
      result = value >>> count | fill << (64 - count);
    } else {
      long low = size == 4 ? low32(value) : value & 0xffff | (fill & 0xffff) << 16;
      long both = low | (size == 4 ? fill : value) << 32;
      last = both >>> (count - 1);
      result = both >>> count;
    }
    long extended = extend(result, size);
    cpu.flagsResult(extended, carryOverflow(last, last, result, size));
    return result;
  }
}
