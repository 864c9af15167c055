package org.chronovisor.query.search;

import java.util.Locale;
import java.util.OptionalLong;
import org.chronovisor.memory.Page;
import org.chronovisor.query.QueryException;
import org.chronovisor.replay.Replayer;
import org.chronovisor.symbols.AddressException;
import org.chronovisor.symbols.AddressExpression;
import org.chronovisor.symbols.SymbolTable;
import org.chronovisor.x86.CpuState;

/**
 * A condition on registers and memory.
 *
 * <pre>
 * condition  = all { "||" all }
 * all        = comparison { "&amp;&amp;" comparison }
 * comparison = "(" condition ")" | sum ("==" | "!=" | "&lt;" | "&lt;=" | "&gt;" | "&gt;=") sum
 * sum        = term { ("+" | "-" | "&amp;") term }
 * term       = number | register | symbol | "value" | "[" sum "]" [ ":" size ]
 * </pre>
 *
 * <p>Numbers are unsigned; {@code value} is the memory searched (after a write, at most 8 bytes); a
 * size is 1, 2, 4 or 8 (8 when left out). A comparison with memory that is not mapped or not known
 * does not hold.
 */
public final class Condition {
  private static final int LONGEST = 1000;
  private static final int DEEPEST = 50;

  private final Test test;

  /** Something that can be true. */
  private interface Test {
    boolean holds(Replayer replayer, byte[] value);
  }

  /** Something that has a value; empty when it is not known. */
  private interface Term {
    OptionalLong get(Replayer replayer, byte[] value);
  }

  private Condition(Test test) {
    this.test = test;
  }

  /**
   * Parses a condition.
   *
   * @throws QueryException when it is none
   */
  public static Condition parse(String text, SymbolTable symbols) {
    if (text.length() > LONGEST) {
      throw new QueryException("a condition has at most " + LONGEST + " characters");
    }
    Parser parser = new Parser(text, symbols);
    Test test = parser.any();
    parser.end();
    return new Condition(test);
  }

  /** Whether it holds where a replayer stands. */
  public boolean holds(Replayer replayer) {
    return test(replayer, new byte[0]);
  }

  /**
   * Whether it holds.
   *
   * @param value of the memory searched
   */
  boolean test(Replayer replayer, byte[] value) {
    return test.holds(replayer, value);
  }

  private static OptionalLong load(Replayer replayer, long address, int size) {
    long result = 0;
    for (int i = size - 1; i >= 0; i--) {
      long physical = replayer.cpu().mmu.find(address + i);
      Page page = physical < 0 ? null : replayer.memory().page(physical >>> 12);
      if (page == null || replayer.unknown().contains(physical)) {
        return OptionalLong.empty();
      }
      result = result << 8 | (page.bytes[(int) physical & (Page.SIZE - 1)] & 0xff);
    }
    return OptionalLong.of(result);
  }

  /** Reads a condition's text. */
  private static final class Parser {
    private final String text;
    private final SymbolTable symbols;
    private int at;
    private int depth;

    Parser(String text, SymbolTable symbols) {
      this.text = text;
      this.symbols = symbols;
    }

    private QueryException error(String wanted) {
      return new QueryException(
          "condition '"
              + text
              + "': "
              + wanted
              + " expected at character "
              + (at + 1)
              + " (for example: rax==0x10 && [rbx+8]:4 < 100)");
    }

    private boolean accept(String token) {
      while (at < text.length() && text.charAt(at) == ' ') {
        at++;
      }
      if (text.startsWith(token, at)) {
        at += token.length();
        return true;
      }
      return false;
    }

    void end() {
      accept("");
      if (at < text.length()) {
        throw error("the end, && or ||");
      }
    }

    Test any() {
      if (++depth > DEEPEST) {
        throw error("fewer brackets");
      }
      Test left = all();
      while (accept("||")) {
        Test before = left;
        Test right = all();
        left = (r, v) -> before.holds(r, v) || right.holds(r, v);
      }
      depth--;
      return left;
    }

    private Test all() {
      Test left = comparison();
      while (accept("&&")) {
        Test before = left;
        Test right = comparison();
        left = (r, v) -> before.holds(r, v) && right.holds(r, v);
      }
      return left;
    }

    private Test comparison() {
      if (accept("(")) {
        Test inner = any();
        if (!accept(")")) {
          throw error(")");
        }
        return inner;
      }
      Term left = sum();
      String operator = null;
      for (String candidate : new String[] {"==", "!=", "<=", ">=", "<", ">"}) {
        if (operator == null && accept(candidate)) {
          operator = candidate;
        }
      }
      if (operator == null) {
        throw error("a comparison");
      }
      Term right = sum();
      String chosen = operator;
      return (r, v) -> {
        OptionalLong a = left.get(r, v);
        OptionalLong b = right.get(r, v);
        return a.isPresent() && b.isPresent() && compare(chosen, a.getAsLong(), b.getAsLong());
      };
    }

    private static boolean compare(String operator, long a, long b) {
      int order = Long.compareUnsigned(a, b);
      return switch (operator) {
        case "==" -> order == 0;
        case "!=" -> order != 0;
        case "<" -> order < 0;
        case "<=" -> order <= 0;
        case ">" -> order > 0;
        default -> order >= 0;
      };
    }

    private Term sum() {
      if (++depth > DEEPEST) {
        throw error("fewer brackets");
      }
      Term left = term();
      while (true) {
        Term before = left;
        if (accept("+")) {
          Term right = term();
          left = (r, v) -> both(before.get(r, v), right.get(r, v), '+');
        } else if (accept("-")) {
          Term right = term();
          left = (r, v) -> both(before.get(r, v), right.get(r, v), '-');
        } else if (!text.startsWith("&&", at) && accept("&")) {
          Term right = term();
          left = (r, v) -> both(before.get(r, v), right.get(r, v), '&');
        } else {
          depth--;
          return left;
        }
      }
    }

    private static OptionalLong both(OptionalLong a, OptionalLong b, char operator) {
      if (a.isEmpty() || b.isEmpty()) {
        return OptionalLong.empty();
      }
      long x = a.getAsLong();
      long y = b.getAsLong();
      return OptionalLong.of(operator == '+' ? x + y : operator == '-' ? x - y : x & y);
    }

    private Term term() {
      if (accept("[")) {
        Term address = sum();
        if (!accept("]")) {
          throw error("]");
        }
        int size = accept(":") ? (int) number(word()) : 8;
        if (size != 1 && size != 2 && size != 4 && size != 8) {
          throw error("a size of 1, 2, 4 or 8");
        }
        return (r, v) -> {
          OptionalLong where = address.get(r, v);
          return where.isEmpty() ? where : load(r, where.getAsLong(), size);
        };
      }
      String word = word();
      if (Character.isDigit(word.charAt(0))) {
        long value = number(word);
        return (r, v) -> OptionalLong.of(value);
      }
      String name = word.startsWith("$") ? word.substring(1) : word;
      if (name.equals("value")) {
        return (r, v) -> value(v);
      }
      Term register = register(name.toLowerCase(Locale.ROOT));
      if (register != null) {
        return register;
      }
      long address =
          symbols
              .find(name)
              .orElseThrow(() -> error("a number, register or symbol, not '" + name + "',"))
              .address();
      return (r, v) -> OptionalLong.of(address);
    }

    private static OptionalLong value(byte[] bytes) {
      long value = 0;
      for (int i = Math.min(8, bytes.length) - 1; i >= 0; i--) {
        value = value << 8 | (bytes[i] & 0xff);
      }
      return bytes.length == 0 ? OptionalLong.empty() : OptionalLong.of(value);
    }

    private String word() {
      accept("");
      int start = at;
      while (at < text.length()
          && (Character.isLetterOrDigit(text.charAt(at)) || "_.$@".indexOf(text.charAt(at)) >= 0)) {
        at++;
      }
      if (start == at) {
        throw error("a number, register or symbol");
      }
      return text.substring(start, at);
    }

    private long number(String word) {
      try {
        return AddressExpression.number(word);
      } catch (AddressException e) {
        throw error("a number, not '" + word + "',");
      }
    }

    /** A general register, a low part of one, the flags; null for other names. */
    private static Term register(String name) {
      if (name.equals("eflags") || name.equals("rflags")) {
        return (r, v) -> OptionalLong.of(r.cpu().rflags() & 0xffff_ffffL);
      }
      if (name.equals("cr3") || name.equals("cr2")) {
        boolean three = name.equals("cr3");
        return (r, v) -> OptionalLong.of(three ? r.cpu().cr3 : r.cpu().cr2);
      }
      for (int i = 0; i < 16; i++) {
        int number = i;
        String wide = CpuState.wordName(i);
        String stem = i < 8 ? wide.substring(1) : wide;
        if (name.equals(wide)) {
          return (r, v) -> OptionalLong.of(r.cpu().r[number]);
        }
        if (name.equals(i < 8 ? "e" + stem : stem + "d")) {
          return (r, v) -> OptionalLong.of(r.cpu().r[number] & 0xffff_ffffL);
        }
        if (name.equals(i < 8 ? stem : stem + "w")) {
          return (r, v) -> OptionalLong.of(r.cpu().r[number] & 0xffff);
        }
        String low = i < 4 ? stem.charAt(0) + "l" : i < 8 ? stem + "l" : stem + "b";
        if (name.equals(low)) {
          return (r, v) -> OptionalLong.of(r.cpu().r[number] & 0xff);
        }
      }
      return null;
    }
  }
}
