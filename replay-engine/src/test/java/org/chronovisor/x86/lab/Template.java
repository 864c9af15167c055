package org.chronovisor.x86.lab;

import java.util.EnumSet;
import java.util.Set;
import org.chronovisor.x86.Mode;

/**
 * Assembler text that is executed with many inputs.
 *
 * @param text AT&T syntax; rbx points to the middle of the memory block, rsp above it
 * @param cases how many inputs
 */
record Template(String text, Mode mode, Set<Operands> operands, int cases) {
  static Template of(Mode mode, int cases, String text, Operands... operands) {
    Set<Operands> set = EnumSet.noneOf(Operands.class);
    set.addAll(java.util.Arrays.asList(operands));
    return new Template(text, mode, set, cases);
  }

  boolean has(Operands operand) {
    return operands.contains(operand);
  }

  /** The n-th instruction of the text, or all of the text when there is none such. */
  String statement(int n) {
    String[] statements = text.split("; *");
    return n < statements.length ? statements[n].replaceFirst("^[0-9]: *", "") : text;
  }

  /** The first word of a statement, without prefixes. */
  static String mnemonic(String statement) {
    for (String word : statement.split(" +")) {
      if (!word.matches("lock|rep|repne|repe|addr32")) {
        return word;
      }
    }
    return statement;
  }

  @Override
  public String toString() {
    return text + (mode == Mode.CODE32 ? "   [32-bit]" : "");
  }
}
