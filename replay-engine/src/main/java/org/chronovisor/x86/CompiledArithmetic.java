package org.chronovisor.x86;

import static org.chronovisor.x86.RegionMethod.A;
import static org.chronovisor.x86.RegionMethod.ADDRESS;
import static org.chronovisor.x86.RegionMethod.B;
import static org.chronovisor.x86.RegionMethod.COUNT;
import static org.chronovisor.x86.RegionMethod.RESULT;

import org.objectweb.asm.Label;
import org.objectweb.asm.Opcodes;

/** Bytecode of the instructions of {@link Arithmetic}, {@link Shifts} and {@link MulDiv}. */
final class CompiledArithmetic {
  private static final int RAX = 0;
  private static final int RCX = 1;
  private static final int RDX = 2;

  private CompiledArithmetic() {}

  // ---- ADD, OR, ADC, SBB, AND, SUB, XOR, CMP, TEST, INC, DEC, NEG, NOT --------------------------

  static Translation arithmetic(int operation, Operand a, Operand b) {
    Translation.Body body = code -> arithmetic(code, operation, a, b);
    return switch (operation) {
      case Arithmetic.ADC, Arithmetic.SBB, Arithmetic.INC, Arithmetic.DEC ->
          Translation.changingFlags(body, a, b);
      case Arithmetic.NOT -> Translation.of(body, a, b);
      default -> Translation.settingFlags(body, a, b);
    };
  }

  private static void arithmetic(RegionMethod code, int operation, Operand a, Operand b) {
    boolean compares = operation == Arithmetic.CMP || operation == Arithmetic.TEST;
    loadFirst(code, a, !compares);
    if (operation == Arithmetic.NEG) {
      code.get(A);
      code.set(B);
      code.constant(0L);
      code.set(A);
    } else if (operation != Arithmetic.NOT) {
      code.load(b);
      code.set(B);
    }
    result(code, operation, a.size);
    if (!compares) {
      storeResult(code, a);
    }
    flags(code, operation);
  }

  /** Loads an operand that is both read and, if it is memory, written. */
  private static void loadFirst(RegionMethod code, Operand a, boolean stored) {
    if (stored && a instanceof Operand.Memory memory) {
      code.linear(memory.address);
      code.set(ADDRESS);
      code.loadAtAddress(a.size);
    } else {
      code.load(a);
    }
    code.set(A);
  }

  private static void storeResult(RegionMethod code, Operand a) {
    if (a instanceof Operand.Memory) {
      code.storeAtAddress(a.size);
    } else {
      code.store(a);
    }
  }

  private static void result(RegionMethod code, int operation, int size) {
    code.get(A);
    switch (operation) {
      case Arithmetic.NOT -> {
        code.constant(-1L);
        code.op(Opcodes.LXOR);
      }
      case Arithmetic.AND, Arithmetic.TEST -> binary(code, Opcodes.LAND);
      case Arithmetic.OR -> binary(code, Opcodes.LOR);
      case Arithmetic.XOR -> binary(code, Opcodes.LXOR);
      case Arithmetic.SUB, Arithmetic.CMP, Arithmetic.NEG, Arithmetic.DEC -> {
        binary(code, Opcodes.LSUB);
        code.extend(size);
      }
      case Arithmetic.ADC, Arithmetic.SBB -> {
        int opcode = operation == Arithmetic.ADC ? Opcodes.LADD : Opcodes.LSUB;
        binary(code, opcode);
        code.carry();
        code.op(Opcodes.I2L);
        code.op(opcode);
        code.extend(size);
      }
      default -> {
        binary(code, Opcodes.LADD);
        code.extend(size);
      }
    }
    code.set(RESULT);
  }

  private static void binary(RegionMethod code, int opcode) {
    code.get(B);
    code.op(opcode);
  }

  private static void flags(RegionMethod code, int operation) {
    if (!code.flagsNeeded()) {
      return;
    }
    switch (operation) {
      case Arithmetic.ADD -> code.setFlags(Flags.ADD);
      case Arithmetic.SUB, Arithmetic.CMP, Arithmetic.NEG -> code.setFlags(Flags.SUB);
      case Arithmetic.ADC -> computed(code, "adcFlags");
      case Arithmetic.SBB -> computed(code, "sbbFlags");
      case Arithmetic.INC -> keepingCarry(code, "incFlags");
      case Arithmetic.DEC -> keepingCarry(code, "decFlags");
      case Arithmetic.NOT -> {}
      default -> code.setFlags(Flags.LOGIC);
    }
  }

  private static void computed(RegionMethod code, String helper) {
    code.get(A);
    code.get(B);
    code.get(RESULT);
    code.helper(Arithmetic.class, helper, "(JJJ)I");
    code.setFlagsOfResult();
  }

  private static void keepingCarry(RegionMethod code, String helper) {
    code.carry();
    code.get(A);
    code.get(RESULT);
    code.helper(Arithmetic.class, helper, "(JJ)I");
    code.op(Opcodes.IOR);
    code.setFlagsOfResult();
  }

  // ---- SHL, SHR, SAR, ROL, ROR ------------------------------------------------------------------

  /** A shift by ModRM's reg field and a constant; null for those through the carry. */
  static Translation shift(int operation, Operand a, int count) {
    if (operation == 2 || operation == 3) {
      return null;
    }
    if (count == 0) {
      return Translation.of(
          code -> {
            loadFirst(code, a, true);
            code.get(A);
            code.set(RESULT);
            storeResult(code, a);
          },
          a);
    }
    if (operation < 2) {
      return Translation.changingFlags(code -> rotate(code, operation == 0, a, count), a);
    }
    return Translation.settingFlags(
        code -> {
          loadFirst(code, a, true);
          shift(code, operation, a.size, () -> code.constant(count - 1));
          storeResult(code, a);
        },
        a);
  }

  /** Computes the result of a shift, and its flags; pushes the count less one when asked. */
  private static void shift(RegionMethod code, int operation, int size, Runnable lessOne) {
    code.get(A);
    if (operation == 5) {
      code.mask(Operand.mask(size));
    }
    lessOne.run();
    code.op(operation == 5 ? Opcodes.LUSHR : operation == 7 ? Opcodes.LSHR : Opcodes.LSHL);
    code.set(B);
    code.get(B);
    code.constant(1);
    code.op(operation == 5 ? Opcodes.LUSHR : operation == 7 ? Opcodes.LSHR : Opcodes.LSHL);
    code.extend(size);
    code.set(RESULT);
    if (code.flagsNeeded()) {
      code.get(B);
      if (operation == 4 || operation == 6) {
        code.constant(8 * size - 1);
        code.op(Opcodes.LUSHR);
      }
      carryOverflow(code, B, size);
      code.setFlagsOfResult();
    }
  }

  /** Pops a number whose low bit is the carry; pushes CF and OF. */
  private static void carryOverflow(RegionMethod code, int last, int size) {
    code.get(last);
    code.get(RESULT);
    code.constant(size);
    code.helper(Shifts.class, "carryOverflow", "(JJJI)I");
  }

  private static void rotate(RegionMethod code, boolean left, Operand a, int count) {
    int bits = 8 * a.size;
    int up = (left ? count : -count) & (bits - 1);
    loadFirst(code, a, true);
    code.get(A);
    if (up != 0) {
      code.mask(Operand.mask(a.size));
      code.constant(up);
      code.op(Opcodes.LSHL);
      code.get(A);
      code.mask(Operand.mask(a.size));
      code.constant(bits - up);
      code.op(Opcodes.LUSHR);
      code.op(Opcodes.LOR);
    }
    code.set(RESULT);
    storeResult(code, a);
    if (code.flagsNeeded()) {
      code.flags();
      code.constant(~(Flags.CF | Flags.OF));
      code.op(Opcodes.IAND);
      code.get(RESULT);
      if (!left) {
        code.constant(bits - 1);
        code.op(Opcodes.LUSHR);
      }
      carryOverflow(code, A, a.size);
      code.op(Opcodes.IOR);
      code.setAllFlags();
    }
  }

  /** A shift by cl; null for rotates. */
  static Translation shiftByCl(int operation, Operand a) {
    return operation < 4
        ? null
        : Translation.changingFlags(code -> shiftByCl(code, operation, a), a);
  }

  private static void shiftByCl(RegionMethod code, int operation, Operand a) {
    loadFirst(code, a, true);
    code.get(A);
    code.set(RESULT);
    code.register(RCX);
    code.op(Opcodes.L2I);
    code.constant(a.size == 8 ? 63 : 31);
    code.op(Opcodes.IAND);
    code.setInt(COUNT);
    code.getInt(COUNT);
    Label unchanged = new Label();
    code.jumpUnless(unchanged);
    shift(
        code,
        operation,
        a.size,
        () -> {
          code.getInt(COUNT);
          code.constant(1);
          code.op(Opcodes.ISUB);
        });
    code.label(unchanged);
    code.forgetFlags();
    storeResult(code, a);
  }

  // ---- MUL, IMUL, DIV, IDIV ---------------------------------------------------------------------

  /** IMUL with two operands and a result; null for 16 bits. */
  static Translation multiply(Operand to, Operand a, Operand b) {
    if (to.size < 4) {
      return null;
    }
    return Translation.settingFlags(
        code -> {
          code.load(a);
          code.set(A);
          code.load(b);
          code.set(B);
          code.get(A);
          binary(code, Opcodes.LMUL);
          code.storeTop(to);
          if (code.flagsNeeded()) {
            code.get(A);
            code.get(B);
            code.helper(MulDiv.class, to.size == 8 ? "flags64" : "flags32", "(JJ)I");
            code.get(RESULT);
            code.extend(to.size);
            code.set(RESULT);
            code.setFlagsOfResult();
          }
        },
        a,
        b);
  }

  /** F6 and F7, /4 to /7. */
  static Translation wide(int extension, Operand operand) {
    boolean divides = extension >= 6;
    int written = operand.size == 1 ? 1 << RAX : 1 << RAX | 1 << RDX;
    if (divides) {
      return Translation.calling(written, false);
    }
    if (operand.size < 8) {
      return new Translation(
          Translation.WRITES_FLAGS | Translation.SETS_FLAGS | Translation.FAULTS,
          code -> code.callModel(written, false));
    }
    return Translation.settingFlags(code -> multiplyWide(code, extension == 5, operand), operand);
  }

  private static void multiplyWide(RegionMethod code, boolean signed, Operand operand) {
    code.load(operand);
    code.set(B);
    code.register(RAX);
    code.set(A);
    code.get(A);
    code.get(B);
    if (signed) {
      code.callStatic("java/lang/Math", "multiplyHigh", "(JJ)J");
    } else {
      code.helper(MulDiv.class, "unsignedMultiplyHigh", "(JJ)J");
    }
    code.setRegister(RDX);
    code.get(A);
    binary(code, Opcodes.LMUL);
    code.set(RESULT);
    code.get(RESULT);
    code.setRegister(RAX);
    if (code.flagsNeeded()) {
      code.get(RESULT);
      code.register(RDX);
      code.helper(MulDiv.class, signed ? "flagsSigned" : "flagsUnsigned", "(JJ)I");
      code.setFlagsOfResult();
    }
  }
}
