package org.chronovisor.symbols;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.chronovisor.trace.Symbol;

/**
 * An address as people write it: {@code [phys:] term {(+|-) term}}, a term being a decimal number,
 * {@code 0x} and hexadecimal digits, a symbol, {@code $register}, or a register's name when no
 * symbol has it.
 *
 * @param physical the address is a guest physical one
 * @param terms never empty
 */
public record AddressExpression(boolean physical, List<Term> terms) {
  private static final String PHYSICAL = "phys:";

  /** One signed operand, not yet looked up. */
  public record Term(boolean negative, String text) {}

  public AddressExpression {
    terms = List.copyOf(terms);
  }

  /**
   * Parses an expression.
   *
   * @throws AddressException when it is not one
   */
  public static AddressExpression parse(String text) {
    String rest = text.strip();
    boolean physical = rest.startsWith(PHYSICAL);
    if (physical) {
      rest = rest.substring(PHYSICAL.length());
    }
    List<Term> terms = new ArrayList<>();
    boolean negative = false;
    int start = 0;
    for (int i = 0; i <= rest.length(); i++) {
      boolean end = i == rest.length();
      if (end || rest.charAt(i) == '+' || rest.charAt(i) == '-') {
        String term = rest.substring(start, i).strip();
        if (term.isEmpty()) {
          throw new AddressException(
              "'" + text + "' is not an address; write a number, a symbol, or symbol+offset");
        }
        terms.add(new Term(negative, term));
        negative = !end && rest.charAt(i) == '-';
        start = i + 1;
      }
    }
    return new AddressExpression(physical, terms);
  }

  /**
   * The symbol, when the expression is nothing but one.
   *
   * @throws AddressException never; unknown names give an empty answer
   */
  public Optional<Symbol> symbol(SymbolTable symbols) {
    return terms.size() == 1 && !physical ? symbols.find(terms.get(0).text()) : Optional.empty();
  }

  /**
   * The address it stands for, modulo 2^64.
   *
   * @param registers value of a register by GDB's name, empty for no such register
   * @throws AddressException when a name is unknown
   */
  public long evaluate(SymbolTable symbols, Function<String, OptionalLong> registers) {
    long sum = 0;
    for (Term term : terms) {
      long value = value(term.text(), symbols, registers);
      sum += term.negative() ? -value : value;
    }
    return sum;
  }

  private static long value(
      String text, SymbolTable symbols, Function<String, OptionalLong> registers) {
    char first = text.charAt(0);
    if (first >= '0' && first <= '9') {
      return number(text);
    }
    if (first == '$') {
      String name = text.substring(1);
      return registers
          .apply(name)
          .orElseThrow(() -> new AddressException("no register '" + name + "'"));
    }
    Optional<Symbol> symbol = symbols.find(text);
    if (symbol.isPresent()) {
      return symbol.get().address();
    }
    return registers.apply(text).orElseThrow(() -> unknown(text, symbols));
  }

  private static AddressException unknown(String name, SymbolTable symbols) {
    if (symbols.isEmpty()) {
      return new AddressException(
          "no symbol '" + name + "': the trace has no symbols; give an address like 0x100000");
    }
    List<String> similar = symbols.similar(name);
    String hint = similar.isEmpty() ? "" : "; did you mean " + String.join(", ", similar) + "?";
    return new AddressException("no symbol '" + name + "'" + hint);
  }

  /**
   * A decimal or 0x number of 64 bits, unsigned.
   *
   * @throws AddressException when it is not one
   */
  public static long number(String text) {
    try {
      return text.startsWith("0x") || text.startsWith("0X")
          ? Long.parseUnsignedLong(text.substring(2), 16)
          : Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw new AddressException(
          "'" + text + "' is not a number; write decimal digits or 0x and hexadecimal digits");
    }
  }
}
