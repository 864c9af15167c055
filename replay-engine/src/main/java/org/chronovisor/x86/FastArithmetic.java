package org.chronovisor.x86;

/**
 * The most frequent forms of the most frequent arithmetic instructions, one class each, so that
 * their execution needs no further dispatch.
 */
final class FastArithmetic {
  private FastArithmetic() {}

  /** The fast model of an operation of {@link Arithmetic}, or null when it has none. */
  static Insn create(int operation, Operand a, Operand b) {
    return switch (a.size) {
      case 8 -> FastArithmetic64.create(operation, a, b);
      case 4 -> FastArithmetic32.create(operation, a, b);
      case 1 -> FastArithmetic8.create(operation, a, b);
      default -> null;
    };
  }
}
