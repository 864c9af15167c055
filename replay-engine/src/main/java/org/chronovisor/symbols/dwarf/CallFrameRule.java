package org.chronovisor.symbols.dwarf;

/**
 * How the caller's value of a register is found (DWARF 5, 6.4.1), or the frame's address.
 *
 * @param value of the rule: an offset
 * @param register that the rule names, or -1
 * @param expression that the rule names, or null
 */
public record CallFrameRule(Kind kind, long value, int register, Expression expression) {
  /** The kinds of rules. */
  public enum Kind {
    /** The information says nothing: the calling convention decides. */
    UNSPECIFIED,
    /** The value is lost. */
    UNDEFINED,
    SAME,
    /** In memory at the frame's address plus the offset. */
    OFFSET,
    /** The frame's address plus the offset. */
    VALUE_OFFSET,
    /** In another register, plus the offset (which only a frame's address has). */
    REGISTER,
    /** In memory at an address that is computed. */
    EXPRESSION,
    /** Computed. */
    VALUE_EXPRESSION
  }

  static final CallFrameRule UNSPECIFIED = new CallFrameRule(Kind.UNSPECIFIED, 0, -1, null);
  static final CallFrameRule UNDEFINED = new CallFrameRule(Kind.UNDEFINED, 0, -1, null);
  static final CallFrameRule SAME = new CallFrameRule(Kind.SAME, 0, -1, null);

  static CallFrameRule offset(long value) {
    return new CallFrameRule(Kind.OFFSET, value, -1, null);
  }

  static CallFrameRule valueOffset(long value) {
    return new CallFrameRule(Kind.VALUE_OFFSET, value, -1, null);
  }

  static CallFrameRule register(int register, long value) {
    return new CallFrameRule(Kind.REGISTER, value, register, null);
  }

  static CallFrameRule expression(Expression expression) {
    return new CallFrameRule(Kind.EXPRESSION, 0, -1, expression);
  }

  static CallFrameRule valueExpression(Expression expression) {
    return new CallFrameRule(Kind.VALUE_EXPRESSION, 0, -1, expression);
  }
}
