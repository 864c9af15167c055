package org.chronovisor.symbols.demangle;

import java.util.Set;

/** Expressions in template arguments and types (Itanium ABI 5.1.6). */
final class ItaniumExpressions {
  private static final Set<String> UNARY = Set.of("ps", "ng", "ad", "de", "co", "nt");
  private static final Set<String> BINARY =
      Set.of(
          "pl", "mi", "ml", "dv", "rm", "an", "or", "eo", "aS", "pL", "mI", "mL", "dV", "rM", "aN",
          "oR", "eO", "ls", "rs", "lS", "rS", "eq", "ne", "lt", "gt", "le", "ge", "ss", "aa", "oo",
          "cm", "pm");

  private final ItaniumDemangler in;

  ItaniumExpressions(ItaniumDemangler in) {
    this.in = in;
  }

  String decltype() {
    in.expect('D');
    in.next();
    String text = expression();
    in.expect('E');
    return "decltype (" + text + ")";
  }

  String expression() {
    in.enter();
    String text = inside();
    in.leave();
    if (text.length() > CxxType.LONGEST) {
      throw ItaniumDemangler.bad();
    }
    return text;
  }

  /** An operand: what is more than a name has brackets around it. */
  private String operand() {
    char c = in.peek();
    char second = in.peek(1);
    String text = expression();
    boolean simple =
        Character.isDigit(c)
            ? !text.endsWith(">")
            : c == 'f' && (second == 'p' || second == 'L')
                || c == 's' && second == 'r'
                || c == 'i' && second == 'l'
                || c == 'L' && (second == '_' || second == 'Z');
    return simple ? text : "(" + text + ")";
  }

  /** A fold (fl, fr: of one pack; fL, fR: with another operand). */
  private String fold(char kind) {
    String code = "" + in.next() + in.next();
    String symbol = Operators.symbol(code);
    if (symbol == null) {
      throw ItaniumDemangler.bad();
    }
    return switch (kind) {
      case 'l' -> "(..." + symbol + operand() + ")";
      case 'r' -> "(" + operand() + symbol + "...)";
      default -> {
        String first = operand();
        yield "(" + first + symbol + "..." + symbol + operand() + ")";
      }
    };
  }

  private String list(char end) {
    StringBuilder text = new StringBuilder();
    while (!in.take(end)) {
      String one = expression();
      if (!one.isEmpty()) {
        text.append(text.isEmpty() ? "" : ", ").append(one);
      }
    }
    return text.toString();
  }

  private String inside() {
    char c = in.peek();
    if (c == 'L') {
      return literal();
    }
    if (c == 'T') {
      return in.templateParameter().text();
    }
    if (Character.isDigit(c)) {
      return in.simpleName("");
    }
    String code = "" + c + in.peek(1);
    if (UNARY.contains(code)) {
      in.at += 2;
      String symbol = Operators.symbol(code);
      return symbol + operand();
    }
    if (BINARY.contains(code)) {
      in.at += 2;
      String symbol = Operators.symbol(code);
      String left = operand();
      String text = left + symbol + operand();
      // Inside template arguments it would end the list.
      return symbol.equals(">") ? "(" + text + ")" : text;
    }
    return named(code);
  }

  private String named(String code) {
    in.at += 2;
    switch (code) {
      case "pp", "mm" -> {
        boolean before = in.take('_');
        String symbol = Operators.symbol(code);
        return before ? symbol + operand() : operand() + symbol;
      }
      case "cl" -> {
        String function = operand();
        return function + "(" + list('E') + ")";
      }
      case "ix" -> {
        String array = operand();
        return array + "[" + expression() + "]";
      }
      case "qu" -> {
        String condition = operand();
        String then = operand();
        return condition + "?" + then + " : " + operand();
      }
      case "cv" -> {
        String type = in.type().text();
        if (in.take('_')) {
          return "(" + type + ")(" + list('E') + ")";
        }
        return "(" + type + ")" + operand();
      }
      case "sc", "dc", "cc", "rc" -> {
        String type = in.type().text();
        String kind =
            code.equals("sc")
                ? "static_cast"
                : code.equals("dc")
                    ? "dynamic_cast"
                    : code.equals("cc") ? "const_cast" : "reinterpret_cast";
        return kind + "<" + type + ">(" + expression() + ")";
      }
      case "st" -> {
        return "sizeof (" + in.type().text() + ")";
      }
      case "sz" -> {
        return "sizeof " + operand();
      }
      case "at" -> {
        return "alignof (" + in.type().text() + ")";
      }
      case "az" -> {
        return "alignof " + operand();
      }
      case "nx" -> {
        return "noexcept(" + expression() + ")";
      }
      case "ti", "te" -> {
        return "typeid (" + (code.equals("ti") ? in.type().text() : expression()) + ")";
      }
      case "tl" -> {
        return in.type().text() + "{" + list('E') + "}";
      }
      case "il" -> {
        return "{" + list('E') + "}";
      }
      case "dt" -> {
        String object = operand();
        return object + "." + member();
      }
      case "pt" -> {
        String object = operand();
        return object + "->" + member();
      }
      case "sr" -> {
        return scoped();
      }
      case "on" -> {
        in.at -= 2;
        return in.simpleName("");
      }
      case "gs" -> {
        return "::" + expression();
      }
      case "fp", "fL", "fl", "fr", "fR" -> {
        boolean parameter = code.equals("fp") || code.equals("fL") && Character.isDigit(in.peek());
        return parameter ? functionParameter(code) : fold(code.charAt(1));
      }
      case "sZ" -> {
        CxxType pack = in.peek() == 'T' ? in.templateParameter() : CxxType.of(expression());
        return pack.pack() != null
            ? String.valueOf(pack.pack().size())
            : "sizeof...(" + pack.text() + ")";
      }
      case "sp" -> {
        return in.expansion(() -> CxxType.of(expression())).text();
      }
      case "tr" -> {
        return "throw";
      }
      case "tw" -> {
        return "throw " + expression();
      }
      default -> throw ItaniumDemangler.bad();
    }
  }

  private String member() {
    return Character.isDigit(in.peek()) || in.peek() == 'o' ? in.simpleName("") : operand();
  }

  private String scoped() {
    if (in.take('N')) {
      StringBuilder prefix = new StringBuilder(in.type().text());
      while (!in.take('E')) {
        prefix.append("::").append(in.simpleName(""));
      }
      return in.simpleName(prefix + "::");
    }
    String type = in.type().text();
    return in.simpleName(type + "::");
  }

  private String functionParameter(String code) {
    if (code.equals("fL")) {
      in.number();
      in.expect('p');
    }
    if (in.take('T')) {
      return "this";
    }
    while ("rVK".indexOf(in.peek()) >= 0 && in.peek() != '\0') {
      in.next();
    }
    return "{parm#" + (in.sequence(10) + 1) + "}";
  }

  String literal() {
    in.expect('L');
    if (in.take("_Z") || in.take("Z")) {
      String name = in.encoding(true);
      in.expect('E');
      return name;
    }
    char code = in.peek();
    if (code == 'D' && in.peek(1) == 'n') {
      in.type();
      in.take('0');
      in.expect('E');
      return "(decltype(nullptr))0";
    }
    String type = in.type().text();
    boolean negative = in.take('n');
    StringBuilder digits = new StringBuilder();
    while (in.peek() != 'E') {
      digits.append(in.next());
    }
    in.expect('E');
    String value = (negative ? "-" : "") + digits;
    if (type.equals("bool") && (value.equals("0") || value.equals("1"))) {
      return value.equals("0") ? "false" : "true";
    }
    String suffix =
        switch (code) {
          case 'i' -> "";
          case 'j' -> "u";
          case 'l' -> "l";
          case 'm' -> "ul";
          case 'x' -> "ll";
          case 'y' -> "ull";
          default -> null;
        };
    if (suffix != null) {
      return value + suffix;
    }
    boolean real = "fdeg".indexOf(code) >= 0;
    return "(" + type + ")" + (real ? "[" + value + "]" : value);
  }
}
