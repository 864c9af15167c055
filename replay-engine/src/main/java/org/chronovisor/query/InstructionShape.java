package org.chronovisor.query;

import java.util.List;
import org.chronovisor.x86.Mode;

/**
 * What an instruction reads and writes, as far as following values needs. Not a model: it executes
 * nothing.
 *
 * @param length in bytes
 * @param control where it sends control
 * @param target of an indirect jump or call, or null
 * @param slot bytes of the return address that a call pushes or a return pops, 0 for others
 * @param effects everything it is known to write, flags and system registers aside
 * @param compared the operands of {@code cmp}, {@code test} and the like, the divisor of a division
 * @param complete {@code effects} has every general and vector register it writes; when false it
 *     may write more
 */
public record InstructionShape(
    int length,
    Control control,
    Operand target,
    int slot,
    List<Effect> effects,
    List<Operand> compared,
    boolean complete) {
  /** Where an instruction sends control. */
  public enum Control {
    /** To the next instruction. */
    NEXT,
    /** A conditional jump. */
    BRANCH,
    JUMP,
    CALL,
    RETURN,
    /** Interrupts, system calls, far transfers and the returns from them. */
    SYSTEM
  }

  public InstructionShape {
    effects = List.copyOf(effects);
    compared = List.copyOf(compared);
  }

  /** Understands the instruction at the start of {@code code}; null when it cannot. */
  public static InstructionShape of(byte[] code, Mode mode) {
    if (mode == Mode.CODE16) {
      return null;
    }
    try {
      return new ShapeParser(code, mode == Mode.CODE64).parse();
    } catch (ArrayIndexOutOfBoundsException tooShort) {
      return null;
    }
  }

  public boolean isCall() {
    return control == Control.CALL;
  }

  public boolean isReturn() {
    return control == Control.RETURN;
  }

  /** Whether it divides, {@link #compared} being the divisor. */
  public boolean isDivision() {
    return compared.size() == 1;
  }

  /** The first memory operand that is read or written, the stack aside; null when there is none. */
  public Operand memory() {
    for (Effect effect : effects) {
      if (effect.how() == Effect.How.ADDRESS) {
        continue;
      }
      for (Operand from : effect.from()) {
        if (isExplicit(from)) {
          return from;
        }
      }
      if (isExplicit(effect.to())) {
        return effect.to();
      }
    }
    for (Operand operand : compared) {
      if (isExplicit(operand)) {
        return operand;
      }
    }
    return target != null && isExplicit(target) ? target : null;
  }

  private static boolean isExplicit(Operand operand) {
    return operand.kind() == Operand.Kind.MEMORY;
  }

  /**
   * The registers it writes: bit i for general register i, bit 16+i for xmm register i; all bits
   * when that is not known.
   */
  public int written() {
    if (!complete) {
      return -1;
    }
    int mask = 0;
    for (Effect effect : effects) {
      mask |= bit(effect.to());
    }
    return mask;
  }

  /** The bit of a register in {@link #written}, 0 for memory. */
  static int bit(Operand operand) {
    return switch (operand.kind()) {
      case REGISTER -> 1 << operand.number();
      case VECTOR -> 1 << (16 + operand.number());
      default -> 0;
    };
  }
}
