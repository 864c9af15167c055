package org.chronovisor.x86;

import static org.chronovisor.x86.Operand.extend;

/** ADD, OR, ADC, SBB, AND, SUB, XOR, CMP, TEST, INC, DEC, NEG and NOT. */
final class Arithmetic {
  static final int ADD = 0;
  static final int OR = 1;
  static final int ADC = 2;
  static final int SBB = 3;
  static final int AND = 4;
  static final int SUB = 5;
  static final int XOR = 6;
  static final int CMP = 7;
  static final int TEST = 8;
  static final int INC = 9;
  static final int DEC = 10;
  static final int NEG = 11;
  static final int NOT = 12;

  /** Computes a result and sets the flags; operands and result are sign-extended. */
  interface Operation {
    long apply(Cpu cpu, long a, long b, int size);
  }

  private static final Operation[] OPERATIONS = {
    Arithmetic::add,
    Arithmetic::or,
    Arithmetic::adc,
    Arithmetic::sbb,
    Arithmetic::and,
    Arithmetic::sub,
    Arithmetic::xor,
    Arithmetic::sub,
    Arithmetic::and,
    Arithmetic::inc,
    Arithmetic::dec,
    Arithmetic::neg,
    (cpu, a, b, size) -> ~a
  };

  private static final int[] EFFECTS = {
    FlagsEffect.OTHER,
    FlagsEffect.LOGIC,
    FlagsEffect.OTHER,
    FlagsEffect.OTHER,
    FlagsEffect.LOGIC,
    FlagsEffect.SUB,
    FlagsEffect.LOGIC,
    FlagsEffect.SUB,
    FlagsEffect.LOGIC,
    FlagsEffect.OTHER,
    FlagsEffect.OTHER,
    FlagsEffect.SUB,
  };

  private Arithmetic() {}

  static void register(OpcodeTable one, OpcodeTable two) {
    for (int operation = ADD; operation <= CMP; operation++) {
      one.put(operation * 8, operation * 8 + 5, Arithmetic::modrmOrAccumulator);
    }
    one.put(0x80, 0x83, Arithmetic::group1);
    one.put(0x84, 0x85, Arithmetic::testModrm);
    one.put(0xa8, 0xa9, Arithmetic::testAccumulator);
    one.put(0xf6, 0xf7, Arithmetic::group3);
    one.put(0xfe, Arithmetic::group4);
    one.put(0x40, 0x4f, Arithmetic::incDecRegister);
  }

  /** Size of an operation whose opcode's low bit is clear for bytes. */
  static int size(DecodeContext c, int opcode) {
    return (opcode & 1) == 0 ? 1 : c.operandSize();
  }

  private static Insn modrmOrAccumulator(DecodeContext c, int opcode) {
    int size = size(c, opcode);
    int operation = opcode >> 3;
    return switch (opcode & 7) {
      case 0, 1 -> {
        c.modrm();
        yield create(c, operation, c.rm(size), c.reg(size));
      }
      case 2, 3 -> {
        c.modrm();
        yield create(c, operation, c.reg(size), c.rm(size));
      }
      default -> accumulator(c, operation, size);
    };
  }

  private static Insn accumulator(DecodeContext c, int operation, int size) {
    Operand immediate = Operand.immediate(c.immediate(size), size);
    return create(c, operation, c.register(0, size), immediate);
  }

  private static Insn group1(DecodeContext c, int opcode) {
    if (opcode == 0x82 && c.is64()) {
      return null;
    }
    int size = size(c, opcode);
    c.modrm();
    long immediate = opcode == 0x81 ? c.immediate(size) : c.s8();
    return create(c, c.extension(), c.rm(size), Operand.immediate(immediate, size));
  }

  private static Insn testModrm(DecodeContext c, int opcode) {
    int size = size(c, opcode);
    c.modrm();
    return create(c, TEST, c.rm(size), c.reg(size));
  }

  private static Insn testAccumulator(DecodeContext c, int opcode) {
    return accumulator(c, TEST, size(c, opcode));
  }

  private static Insn group3(DecodeContext c, int opcode) {
    int size = size(c, opcode);
    c.modrm();
    switch (c.extension()) {
      case 0:
        Operand immediate = Operand.immediate(c.immediate(size), size);
        return create(c, TEST, c.rm(size), immediate);
      case 1:
        return null;
      case 2:
        return create(c, NOT, c.rm(size), c.rm(size));
      case 3:
        return create(c, NEG, c.rm(size), c.rm(size));
      default:
        return MulDiv.group3(c, size);
    }
  }

  private static Insn group4(DecodeContext c, int opcode) {
    c.modrm();
    return c.extension() < 2 ? incDec(c, 1) : null;
  }

  /** INC and DEC of a ModRM operand (FE, FF /0 and /1). */
  static Insn incDec(DecodeContext c, int size) {
    return create(c, INC + c.extension(), c.rm(size), Operand.immediate(1, size));
  }

  private static Insn incDecRegister(DecodeContext c, int opcode) {
    int size = c.operandSize();
    int operation = opcode < 0x48 ? INC : DEC;
    return create(c, operation, c.register(opcode & 7, size), Operand.immediate(1, size));
  }

  private static Insn create(DecodeContext c, int operation, Operand a, Operand b) {
    if (operation != NOT) {
      c.flagsEffect = EFFECTS[operation] + a.size;
    }
    if (operation == XOR
        && a instanceof Operand.Register x
        && b instanceof Operand.Register y
        && x.number == y.number
        && x.shift() == y.shift()) {
      c.flagsEffect = FlagsEffect.EXPLICIT;
    }
    c.translation = CompiledArithmetic.arithmetic(operation, a, b);
    Insn fast = FastArithmetic.create(operation, a, b);
    return fast != null
        ? fast
        : operation == CMP || operation == TEST
            ? new Compare(OPERATIONS[operation], a, b)
            : new Modify(OPERATIONS[operation], a, b);
  }

  /** a = a operation b. */
  private static final class Modify extends Insn {
    private final Operation operation;
    private final Operand a;
    private final Operand b;

    Modify(Operation operation, Operand a, Operand b) {
      this.operation = operation;
      this.a = a;
      this.b = b;
    }

    @Override
    public void execute(Cpu cpu) {
      // The load has faulted already if the store would: flags may be set between them.
      a.store(cpu, operation.apply(cpu, a.load(cpu), b.load(cpu), a.size));
    }
  }

  /** Sets only the flags. */
  private static final class Compare extends Insn {
    private final Operation operation;
    private final Operand a;
    private final Operand b;

    Compare(Operation operation, Operand a, Operand b) {
      this.operation = operation;
      this.a = a;
      this.b = b;
    }

    @Override
    public void execute(Cpu cpu) {
      operation.apply(cpu, a.load(cpu), b.load(cpu), a.size);
    }
  }

  // ---- operations ----------------------------------------------------------------------------

  static long add(Cpu cpu, long a, long b, int size) {
    long result = extend(a + b, size);
    cpu.flagsAdd(a, b, result);
    return result;
  }

  static long sub(Cpu cpu, long a, long b, int size) {
    long result = extend(a - b, size);
    cpu.flagsSub(a, b, result);
    return result;
  }

  private static long or(Cpu cpu, long a, long b, int size) {
    cpu.flagsLogic(a | b);
    return a | b;
  }

  private static long and(Cpu cpu, long a, long b, int size) {
    cpu.flagsLogic(a & b);
    return a & b;
  }

  private static long xor(Cpu cpu, long a, long b, int size) {
    cpu.flagsLogic(a ^ b);
    return a ^ b;
  }

  private static long adc(Cpu cpu, long a, long b, int size) {
    int carryIn = cpu.carry();
    long result = extend(a + b + carryIn, size);
    cpu.flagsResult(result, adcFlags(a, b, result));
    return result;
  }

  /** CF, AF and OF of ADC. */
  static int adcFlags(long a, long b, long result) {
    // Carry out of the top bit: majority of the operands and the inverted result.
    boolean carry = ((a & b) | ((a | b) & ~result)) < 0;
    return carryAuxOverflow(carry, a ^ b ^ result, (a ^ result) & (b ^ result));
  }

  private static long sbb(Cpu cpu, long a, long b, int size) {
    int carryIn = cpu.carry();
    long result = extend(a - b - carryIn, size);
    cpu.flagsResult(result, sbbFlags(a, b, result));
    return result;
  }

  /** CF, AF and OF of SBB. */
  static int sbbFlags(long a, long b, long result) {
    boolean carry = ((~a & b) | ((~a | b) & result)) < 0;
    return carryAuxOverflow(carry, a ^ b ^ result, (a ^ b) & (a ^ result));
  }

  private static int carryAuxOverflow(boolean carry, long aux, long overflow) {
    return (carry ? Flags.CF : 0) | (int) aux & Flags.AF | (overflow < 0 ? Flags.OF : 0);
  }

  static long inc(Cpu cpu, long a, long one, int size) {
    int carry = cpu.carry();
    long result = extend(a + 1, size);
    cpu.flagsResult(result, carry | incFlags(a, result));
    return result;
  }

  /** AF and OF of INC. */
  static int incFlags(long a, long result) {
    return (int) (a ^ result) & Flags.AF | ((~a & result) < 0 ? Flags.OF : 0);
  }

  static long dec(Cpu cpu, long a, long one, int size) {
    int carry = cpu.carry();
    long result = extend(a - 1, size);
    cpu.flagsResult(result, carry | decFlags(a, result));
    return result;
  }

  /** AF and OF of DEC. */
  static int decFlags(long a, long result) {
    return (int) (a ^ result) & Flags.AF | ((a & ~result) < 0 ? Flags.OF : 0);
  }

  private static long neg(Cpu cpu, long a, long ignored, int size) {
    return sub(cpu, 0, a, size);
  }
}
