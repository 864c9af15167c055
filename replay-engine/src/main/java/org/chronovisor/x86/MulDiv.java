package org.chronovisor.x86;

import static org.chronovisor.x86.Operand.extend;
import static org.chronovisor.x86.Operand.mask;

/**
 * MUL, IMUL, DIV and IDIV.
 *
 * <p>Multiplications set SF, ZF and PF from the low half and clear AF; divisions keep the flags (as
 * QEMU 10.0).
 */
final class MulDiv {
  private static final int RAX = 0;
  private static final int RDX = 2;
  private static final long LOW_DIGIT = 0xffff_ffffL;

  private MulDiv() {}

  static void register(OpcodeTable one, OpcodeTable two) {
    one.put(0x69, MulDiv::imulImmediate);
    one.put(0x6b, MulDiv::imulImmediate);
    two.put(0xaf, MulDiv::imulTwo);
  }

  /** F6 and F7, /4 to /7; ModRM has been read. */
  static Insn group3(DecodeContext c, int size) {
    Operand operand = c.rm(size);
    c.translation = CompiledArithmetic.wide(c.extension(), operand);
    return switch (c.extension()) {
      case 4 -> {
        c.flagsEffect = FlagsEffect.MUL + size;
        yield new Wide(MulDiv::mul, operand);
      }
      case 5 -> {
        c.flagsEffect = FlagsEffect.MUL + size;
        yield new Wide(MulDiv::imul, operand);
      }
      case 6 -> new Wide(MulDiv::div, operand);
      default -> new Wide(MulDiv::idiv, operand);
    };
  }

  private static Insn imulImmediate(DecodeContext c, int opcode) {
    int size = c.operandSize();
    c.modrm();
    Operand immediate = Operand.immediate(opcode == 0x6b ? c.s8() : c.immediate(size), size);
    return imul(c, c.rm(size), immediate, size);
  }

  private static Insn imulTwo(DecodeContext c, int opcode) {
    c.modrm();
    int size = c.operandSize();
    return imul(c, c.rm(size), c.reg(size), size);
  }

  private static Insn imul(DecodeContext c, Operand a, Operand b, int size) {
    c.flagsEffect = FlagsEffect.MUL + size;
    c.translation = CompiledArithmetic.multiply(c.reg(size), a, b);
    return switch (size) {
      case 8 -> new Imul64(c.reg, a, b);
      case 4 -> new Imul32(c.reg, a, b);
      default -> new Imul16(c.reg(size), a, b);
    };
  }

  private static final class Imul64 extends Insn {
    private final int to;
    private final Operand a;
    private final Operand b;

    Imul64(int to, Operand a, Operand b) {
      this.to = to;
      this.a = a;
      this.b = b;
    }

    @Override
    public void execute(Cpu cpu) {
      long x = a.load(cpu);
      long y = b.load(cpu);
      long result = x * y;
      cpu.r[to] = result;
      cpu.flagsResult(result, flags64(x, y));
    }
  }

  private static final class Imul32 extends Insn {
    private final int to;
    private final Operand a;
    private final Operand b;

    Imul32(int to, Operand a, Operand b) {
      this.to = to;
      this.a = a;
      this.b = b;
    }

    @Override
    public void execute(Cpu cpu) {
      long x = a.load(cpu);
      long y = b.load(cpu);
      long product = x * y;
      cpu.r[to] = product & 0xffff_ffffL;
      cpu.flagsResult((int) product, flags32(x, y));
    }
  }

  private static final class Imul16 extends Insn {
    private final Operand to;
    private final Operand a;
    private final Operand b;

    Imul16(Operand to, Operand a, Operand b) {
      this.to = to;
      this.a = a;
      this.b = b;
    }

    @Override
    public void execute(Cpu cpu) {
      long product = a.load(cpu) * b.load(cpu);
      to.store(cpu, product);
      setFlags(cpu, (short) product, product != (short) product);
    }
  }

  /** An operation on rdx:rax (ax for bytes). */
  private interface Operation {
    void apply(Cpu cpu, long operand, int size);
  }

  private static final class Wide extends Insn {
    private final Operation operation;
    private final Operand operand;

    Wide(Operation operation, Operand operand) {
      this.operation = operation;
      this.operand = operand;
    }

    @Override
    public void execute(Cpu cpu) {
      operation.apply(cpu, operand.load(cpu), operand.size);
    }
  }

  // ---- operations; operands are sign-extended ------------------------------------------------

  /** CF and OF of a signed product of 64 bits. */
  static int flags64(long a, long b) {
    return flagsSigned(a * b, Math.multiplyHigh(a, b));
  }

  /** CF and OF of a signed product of 32 bits. */
  static int flags32(long a, long b) {
    long product = a * b;
    return product != (int) product ? Flags.CF | Flags.OF : 0;
  }

  /** CF and OF of a signed product of two words. */
  static int flagsSigned(long low, long high) {
    return high != low >> 63 ? Flags.CF | Flags.OF : 0;
  }

  /** CF and OF of an unsigned product of two words. */
  static int flagsUnsigned(long low, long high) {
    return high != 0 ? Flags.CF | Flags.OF : 0;
  }

  private static void setFlags(Cpu cpu, long low, boolean overflow) {
    cpu.flagsResult(low, overflow ? Flags.CF | Flags.OF : 0);
  }

  private static void mul(Cpu cpu, long operand, int size) {
    long rax = cpu.r[RAX];
    if (size == 8) {
      long low = rax * operand;
      long high = unsignedMultiplyHigh(rax, operand);
      setDoubleWidth(cpu, high, low, size);
      setFlags(cpu, low, high != 0);
    } else {
      long product = (rax & mask(size)) * (operand & mask(size));
      long high = product >>> (8 * size);
      setDoubleWidth(cpu, high, product, size);
      setFlags(cpu, extend(product, size), high != 0);
    }
  }

  private static void imul(Cpu cpu, long operand, int size) {
    long rax = cpu.r[RAX];
    if (size == 8) {
      long low = rax * operand;
      long high = Math.multiplyHigh(rax, operand);
      setDoubleWidth(cpu, high, low, size);
      setFlags(cpu, low, high != low >> 63);
    } else {
      long product = extend(rax, size) * operand;
      setDoubleWidth(cpu, product >> (8 * size), product, size);
      setFlags(cpu, extend(product, size), product != extend(product, size));
    }
  }

  /** Writes rdx:rax, or ax for bytes. */
  private static void setDoubleWidth(Cpu cpu, long high, long low, int size) {
    if (size == 1) {
      Operand.register(RAX, 2, true).store(cpu, low & 0xff | high << 8);
    } else {
      set(cpu, RAX, low, size);
      set(cpu, RDX, high, size);
    }
  }

  private static void set(Cpu cpu, int register, long value, int size) {
    long mask = mask(size);
    long kept = size == 2 ? cpu.r[register] & ~mask : 0;
    cpu.r[register] = kept | value & mask;
  }

  static long unsignedMultiplyHigh(long a, long b) {
    return Math.multiplyHigh(a, b) + ((a >> 63) & b) + ((b >> 63) & a);
  }

  private static GuestFault divideError(long divisor) {
    return new GuestFault("divide error", divisor);
  }

  /** The dividend of a division of less than 64 bits, as a number of {@code 2 * size} bytes. */
  private static long dividend(Cpu cpu, int size) {
    if (size == 1) {
      return cpu.r[RAX] & 0xffff;
    }
    return cpu.r[RAX] & mask(size) | (cpu.r[RDX] & mask(size)) << (8 * size);
  }

  private static void div(Cpu cpu, long operand, int size) {
    long divisor = operand & mask(size);
    if (divisor == 0) {
      throw divideError(operand);
    }
    if (size == 8) {
      divide128(cpu, divisor);
      return;
    }
    long dividend = dividend(cpu, size);
    long quotient = Long.divideUnsigned(dividend, divisor);
    if ((quotient & ~mask(size)) != 0) {
      throw divideError(operand);
    }
    setDoubleWidth(cpu, Long.remainderUnsigned(dividend, divisor), quotient, size);
  }

  private static void idiv(Cpu cpu, long divisor, int size) {
    if (divisor == 0) {
      throw divideError(divisor);
    }
    if (size == 8) {
      divideSigned128(cpu, divisor);
      return;
    }
    long dividend = extend(dividend(cpu, size), 2 * size);
    long quotient = dividend / divisor;
    if (quotient != extend(quotient, size)) {
      throw divideError(divisor);
    }
    setDoubleWidth(cpu, dividend % divisor, quotient, size);
  }

  private static void divide128(Cpu cpu, long divisor) {
    long high = cpu.r[RDX];
    if (Long.compareUnsigned(high, divisor) >= 0) {
      throw divideError(divisor);
    }
    long[] result = divide(high, cpu.r[RAX], divisor);
    cpu.r[RAX] = result[0];
    cpu.r[RDX] = result[1];
  }

  private static void divideSigned128(Cpu cpu, long divisor) {
    long low = cpu.r[RAX];
    long high = cpu.r[RDX];
    boolean negative = high < 0;
    if (high == low >> 63 && !(low == Long.MIN_VALUE && divisor == -1)) {
      cpu.r[RAX] = low / divisor;
      cpu.r[RDX] = low % divisor;
      return;
    }
    if (negative) {
      low = -low;
      high = low == 0 ? -high : ~high;
    }
    long magnitude = Math.abs(divisor);
    if (Long.compareUnsigned(high, magnitude) >= 0) {
      throw divideError(divisor);
    }
    long[] result = divide(high, low, magnitude);
    boolean negate = negative != divisor < 0;
    long quotient = negate ? -result[0] : result[0];
    if (quotient != 0 && quotient < 0 != negate) {
      throw divideError(divisor);
    }
    cpu.r[RAX] = quotient;
    cpu.r[RDX] = negative ? -result[1] : result[1];
  }

  /** Unsigned quotient and remainder of high:low by a divisor greater than high. */
  static long[] divide(long high, long low, long divisor) {
    if (high == 0) {
      return new long[] {Long.divideUnsigned(low, divisor), Long.remainderUnsigned(low, divisor)};
    }
    // Long division by two digits of 32 bits (Knuth, TAOCP vol. 2, 4.3.1, algorithm D).
    int shift = Long.numberOfLeadingZeros(divisor);
    long d = divisor << shift;
    long rest = shift == 0 ? high : high << shift | low >>> (64 - shift);
    long digits = low << shift;
    long upper = digit(rest, digits >>> 32, d);
    rest = (rest << 32 | digits >>> 32) - upper * d;
    long lower = digit(rest, digits & LOW_DIGIT, d);
    rest = (rest << 32 | digits & LOW_DIGIT) - lower * d;
    return new long[] {upper << 32 | lower, rest >>> shift};
  }

  /** One digit of the quotient of rest:next by a divisor with its top bit set. */
  private static long digit(long rest, long next, long divisor) {
    long top = divisor >>> 32;
    long second = divisor & LOW_DIGIT;
    long quotient = Long.divideUnsigned(rest, top);
    long remainder = rest - quotient * top;
    while (quotient > LOW_DIGIT
        || Long.compareUnsigned(quotient * second, remainder << 32 | next) > 0) {
      quotient--;
      remainder += top;
      if (remainder > LOW_DIGIT) {
        break;
      }
    }
    return quotient;
  }
}
