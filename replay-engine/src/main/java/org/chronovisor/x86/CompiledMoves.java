package org.chronovisor.x86;

import static org.chronovisor.x86.RegionMethod.A;
import static org.chronovisor.x86.RegionMethod.ADDRESS;
import static org.chronovisor.x86.RegionMethod.B;
import static org.chronovisor.x86.RegionMethod.RESULT;
import static org.chronovisor.x86.RegionMethod.TARGET;

import org.objectweb.asm.Label;
import org.objectweb.asm.Opcodes;

/** Bytecode of moves, of stack instructions and of transfers in 64-bit code. */
final class CompiledMoves {
  private static final int RSP = 4;
  private static final int RBP = 5;

  private CompiledMoves() {}

  static final Translation NOTHING = Translation.of(code -> {});

  // ---- MOV, MOVZX, MOVSX, LEA, CMOVcc, SETcc, BSWAP, CWD, XCHG ----------------------------------

  /** Copies the sign-extended value. */
  static Translation move(Operand to, Operand from) {
    return Translation.of(
        code -> {
          code.load(from);
          code.storeTop(to);
        },
        to,
        from);
  }

  static Translation moveZeroExtended(Operand to, Operand from) {
    return Translation.of(
        code -> {
          code.loadUnsigned(from);
          code.storeTop(to);
        },
        to,
        from);
  }

  static Translation lea(Operand to, Address address) {
    return Translation.of(
        code -> {
          code.sum(address);
          code.mask(address.offsetMask);
          code.storeTop(to);
        });
  }

  static Translation conditionalMove(int condition, Operand to, Operand from) {
    return Translation.readingFlags(
        code -> {
          code.load(from);
          code.set(RESULT);
          Label moved = new Label();
          code.branch(condition, moved);
          code.load(to);
          code.set(RESULT);
          code.label(moved);
          code.store(to);
        },
        from);
  }

  static Translation setOnCondition(int condition, Operand to) {
    return Translation.readingFlags(
        code -> {
          code.constant(1L);
          code.set(RESULT);
          Label holds = new Label();
          code.branch(condition, holds);
          code.constant(0L);
          code.set(RESULT);
          code.label(holds);
          code.store(to);
        },
        to);
  }

  static Translation signFill(Operand to, Operand from) {
    return Translation.of(
        code -> {
          code.load(from);
          code.constant(63);
          code.op(Opcodes.LSHR);
          code.storeTop(to);
        });
  }

  static Translation byteSwap(Operand operand) {
    return Translation.of(
        code -> {
          code.load(operand);
          code.callStatic("java/lang/Long", "reverseBytes", "(J)J");
          code.constant(64 - 8 * operand.size);
          code.op(Opcodes.LUSHR);
          code.storeTop(operand);
        });
  }

  /** Only {@code a} can be memory. */
  static Translation exchange(Operand a, Operand b) {
    return Translation.of(
        code -> {
          if (a instanceof Operand.Memory memory) {
            code.linear(memory.address);
            code.set(ADDRESS);
            code.loadAtAddress(a.size);
          } else {
            code.load(a);
          }
          code.set(A);
          code.load(b);
          code.set(RESULT);
          if (a instanceof Operand.Memory) {
            code.storeAtAddress(a.size);
          } else {
            code.store(a);
          }
          code.get(A);
          code.storeTop(b);
        },
        a);
  }

  // ---- PUSH, POP, LEAVE with 8 bytes ------------------------------------------------------------

  static Translation push(Operand from) {
    return new Translation(
        Translation.FAULTS | Translation.STORES,
        code -> {
          code.load(from);
          code.set(RESULT);
          push(code);
        });
  }

  /** Pushes {@link RegionMethod#RESULT}. */
  private static void push(RegionMethod code) {
    code.register(RSP);
    code.constant(8L);
    code.op(Opcodes.LSUB);
    code.set(ADDRESS);
    code.storeAtAddress(8);
    code.get(ADDRESS);
    code.setRegister(RSP);
  }

  static Translation pop(int to) {
    return new Translation(
        Translation.FAULTS,
        code -> {
          pop(code, 8);
          code.get(B);
          code.setRegister(to);
        });
  }

  /** Pops into {@link RegionMethod#B}. */
  private static void pop(RegionMethod code, int bytes) {
    code.register(RSP);
    code.set(ADDRESS);
    code.loadAtAddress(8);
    code.set(B);
    code.get(ADDRESS);
    code.constant((long) bytes);
    code.op(Opcodes.LADD);
    code.setRegister(RSP);
  }

  static Translation leave() {
    return new Translation(
        Translation.FAULTS,
        code -> {
          code.register(RBP);
          code.set(ADDRESS);
          code.loadAtAddress(8);
          code.setRegister(RBP);
          code.get(ADDRESS);
          code.constant(8L);
          code.op(Opcodes.LADD);
          code.setRegister(RSP);
        });
  }

  // ---- JMP, Jcc, CALL, RET ----------------------------------------------------------------------

  static Translation jump(long target) {
    return Translation.jump(
        0,
        code -> {
          code.endBlock();
          code.jump(target);
        });
  }

  static Translation jumpIf(int condition, long target) {
    return Translation.jump(
        Translation.READS_FLAGS,
        code -> {
          code.endBlock();
          code.jumpIf(condition, target);
        });
  }

  static Translation jumpIndirect(Operand target) {
    return Translation.jump(
        Translation.FAULTS,
        code -> {
          code.loadUnsigned(target);
          code.set(TARGET);
          code.endBlock();
          code.jumpIndirect();
        });
  }

  static Translation call(long target) {
    return Translation.jump(
        Translation.FAULTS | Translation.STORES,
        code -> {
          code.constant(code.after());
          code.set(RESULT);
          push(code);
          code.endBlock();
          code.jump(target);
        });
  }

  static Translation callIndirect(Operand target) {
    return Translation.jump(
        Translation.FAULTS | Translation.STORES,
        code -> {
          code.loadUnsigned(target);
          code.set(TARGET);
          code.constant(code.after());
          code.set(RESULT);
          push(code);
          code.endBlock();
          code.jumpIndirect();
        });
  }

  static Translation ret(int adjust) {
    return Translation.jump(
        Translation.FAULTS,
        code -> {
          pop(code, 8 + adjust);
          code.get(B);
          code.set(TARGET);
          code.endBlock();
          code.jumpIndirect();
        });
  }
}
