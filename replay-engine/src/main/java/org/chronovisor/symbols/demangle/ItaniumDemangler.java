package org.chronovisor.symbols.demangle;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.chronovisor.symbols.demangle.CxxType.Shape;

/**
 * C++ names as the Itanium ABI mangles them (chapter 5.1 of that document), in the style of GNU's
 * tools.
 */
final class ItaniumDemangler {
  private static final int DEEPEST = 150;

  /** Parsed pieces: a name that needs more is not worth it. */
  private static final int MOST_STEPS = 50_000;

  private static final Map<Character, String> BUILTIN =
      Map.ofEntries(
          Map.entry('v', "void"),
          Map.entry('w', "wchar_t"),
          Map.entry('b', "bool"),
          Map.entry('c', "char"),
          Map.entry('a', "signed char"),
          Map.entry('h', "unsigned char"),
          Map.entry('s', "short"),
          Map.entry('t', "unsigned short"),
          Map.entry('i', "int"),
          Map.entry('j', "unsigned int"),
          Map.entry('l', "long"),
          Map.entry('m', "unsigned long"),
          Map.entry('x', "long long"),
          Map.entry('y', "unsigned long long"),
          Map.entry('n', "__int128"),
          Map.entry('o', "unsigned __int128"),
          Map.entry('f', "float"),
          Map.entry('d', "double"),
          Map.entry('e', "long double"),
          Map.entry('g', "__float128"),
          Map.entry('z', "..."));

  private static final Map<Character, String> BUILTIN_D =
      Map.ofEntries(
          Map.entry('d', "decimal64"),
          Map.entry('e', "decimal128"),
          Map.entry('f', "decimal32"),
          Map.entry('h', "half"),
          Map.entry('i', "char32_t"),
          Map.entry('s', "char16_t"),
          Map.entry('u', "char8_t"),
          Map.entry('a', "auto"),
          Map.entry('c', "decltype(auto)"),
          Map.entry('n', "decltype(nullptr)"));

  private static final Map<Character, String[]> STANDARD =
      Map.of(
          't', new String[] {"std", "std", "std"},
          'a', new String[] {"std::allocator", "std::allocator", "allocator"},
          'b', new String[] {"std::basic_string", "std::basic_string", "basic_string"},
          's',
              new String[] {
                "std::string",
                "std::basic_string<char, std::char_traits<char>, std::allocator<char> >",
                "basic_string"
              },
          'i',
              new String[] {
                "std::istream", "std::basic_istream<char, std::char_traits<char> >", "basic_istream"
              },
          'o',
              new String[] {
                "std::ostream", "std::basic_ostream<char, std::char_traits<char> >", "basic_ostream"
              },
          'd',
              new String[] {
                "std::iostream",
                "std::basic_iostream<char, std::char_traits<char> >",
                "basic_iostream"
              });

  final String text;
  int at;
  private final List<CxxType> substitutions = new ArrayList<>();

  /** Arguments that T_ names; the innermost template of the function's name. */
  private List<CxxType> arguments = List.of();

  private int depth;
  private int steps;

  /** Inside a lambda's parameters, where T_ stands for auto. */
  private int lambdas;

  /** Which element of packs is meant; -1 outside an expansion. */
  private int packIndex = -1;

  /** Length of the longest pack met in an expansion; -1 when none was met. */
  private int packLength = -1;

  private final ItaniumExpressions expressions = new ItaniumExpressions(this);

  ItaniumDemangler(String text) {
    this.text = text;
  }

  String demangle() {
    at = 2;
    String name = encoding(true);
    if (at != text.length()) {
      throw new NotMangledException();
    }
    return name;
  }

  // ---- input ---------------------------------------------------------------------------------

  char peek() {
    return at < text.length() ? text.charAt(at) : '\0';
  }

  char peek(int distance) {
    return at + distance < text.length() ? text.charAt(at + distance) : '\0';
  }

  char next() {
    if (at >= text.length()) {
      throw new NotMangledException();
    }
    return text.charAt(at++);
  }

  boolean take(char c) {
    if (peek() == c) {
      at++;
      return true;
    }
    return false;
  }

  boolean take(String s) {
    if (text.startsWith(s, at)) {
      at += s.length();
      return true;
    }
    return false;
  }

  void expect(char c) {
    if (next() != c) {
      throw new NotMangledException();
    }
  }

  int number() {
    int start = at;
    long value = 0;
    while (Character.digit(peek(), 10) >= 0 && peek() < 0x80) {
      value = value * 10 + next() - '0';
      if (value > 1 << 20) {
        throw new NotMangledException();
      }
    }
    if (at == start) {
      throw new NotMangledException();
    }
    return (int) value;
  }

  /** {@code _} is 0, {@code N_} is N + 1. */
  int sequence(int radix) {
    int value = 0;
    boolean any = false;
    while (peek() != '_') {
      int digit = Character.digit(next(), radix);
      char c = text.charAt(at - 1);
      if (digit < 0 || value > 1 << 20 || Character.isLowerCase(c)) {
        throw new NotMangledException();
      }
      value = value * radix + digit;
      any = true;
    }
    at++;
    return any ? value + 1 : 0;
  }

  void enter() {
    if (++depth > DEEPEST || ++steps > MOST_STEPS) {
      throw new NotMangledException();
    }
  }

  void leave() {
    depth--;
  }

  static NotMangledException bad() {
    return new NotMangledException();
  }

  private CxxType remember(CxxType type) {
    if (substitutions.size() > MOST_STEPS) {
      throw bad();
    }
    substitutions.add(type);
    return type;
  }

  // ---- encodings -----------------------------------------------------------------------------

  /** What a name's parse found out besides the text. */
  private static final class Name {
    String text = "";
    String base = "";
    boolean template;
    boolean noReturnType;
    String qualifiers = "";
  }

  /**
   * A function or variable.
   *
   * @param top the whole name: a return type is shown
   */
  String encoding(boolean top) {
    enter();
    List<CxxType> outer = arguments;
    String result;
    if (peek() == 'T' || (peek() == 'G' && "VRAT".indexOf(peek(1)) >= 0)) {
      result = special();
    } else {
      Name name = new Name();
      name(name, true);
      if (at == text.length() || peek() == 'E' || peek() == '.') {
        result = name.text + name.qualifiers;
      } else {
        CxxType returned = null;
        if (name.template && !name.noReturnType) {
          returned = type();
        }
        String parameters = "(" + parameters() + ")";
        result = name.text + parameters + name.qualifiers;
        if (returned != null && top) {
          String left = returned.left();
          result = left + (returned.right().isEmpty() ? " " : "") + result + returned.right();
        } else if (returned != null) {
          // Inside other names GNU's tools leave it out.
          result = name.text + parameters + name.qualifiers;
        }
      }
    }
    arguments = outer;
    leave();
    return result;
  }

  /** Types up to the end; a single void is none. */
  private String parameters() {
    List<CxxType> types = new ArrayList<>();
    while (at < text.length()
        && peek() != 'E'
        && peek() != '.'
        && !((peek() == 'R' || peek() == 'O') && peek(1) == 'E')) {
      if (peek() == 'Q') {
        break;
      }
      types.add(type());
    }
    if (types.isEmpty()) {
      throw bad();
    }
    String all = CxxType.packOf(types).text();
    return types.size() == 1 && all.equals("void") ? "" : all;
  }

  private String special() {
    if (take('G')) {
      return switch (next()) {
        case 'V' -> "guard variable for " + nameText();
        case 'R' -> {
          String name = nameText();
          int number = peek() == '_' || Character.isLetterOrDigit(peek()) ? sequence(36) : 0;
          yield "reference temporary #" + number + " for " + name;
        }
        case 'A' -> "hidden alias for " + encoding(false);
        case 'T' -> {
          char kind = next();
          yield (kind == 'n' ? "non-transaction clone for " : "transaction clone for ")
              + encoding(false);
        }
        default -> throw bad();
      };
    }
    expect('T');
    return switch (next()) {
      case 'V' -> "vtable for " + type().text();
      case 'T' -> "VTT for " + type().text();
      case 'I' -> "typeinfo for " + type().text();
      case 'S' -> "typeinfo name for " + type().text();
      case 'F' -> "typeinfo fn for " + type().text();
      case 'H' -> "TLS init function for " + nameText();
      case 'W' -> "TLS wrapper function for " + nameText();
      case 'A' -> "template parameter object for " + argument().text();
      case 'h' -> {
        offset('h');
        yield "non-virtual thunk to " + encoding(false);
      }
      case 'v' -> {
        offset('v');
        yield "virtual thunk to " + encoding(false);
      }
      case 'c' -> {
        offset(next());
        offset(next());
        yield "covariant return thunk to " + encoding(false);
      }
      case 'C' -> {
        String derived = type().text();
        number();
        expect('_');
        yield "construction vtable for " + type().text() + "-in-" + derived;
      }
      default -> throw bad();
    };
  }

  private void offset(char kind) {
    if (kind != 'h' && kind != 'v') {
      throw bad();
    }
    for (int i = kind == 'h' ? 1 : 2; i > 0; i--) {
      take('n');
      number();
      expect('_');
    }
  }

  private String nameText() {
    Name name = new Name();
    name(name, true);
    return name.text + name.qualifiers;
  }

  // ---- names ---------------------------------------------------------------------------------

  /**
   * A name.
   *
   * @param ofEncoding its template arguments are those that T_ names from now on
   */
  private void name(Name out, boolean ofEncoding) {
    enter();
    switch (peek()) {
      case 'N' -> nested(out, ofEncoding);
      case 'Z' -> local(out, ofEncoding);
      case 'S' -> {
        if (peek(1) == 't') {
          at += 2;
          unqualified(out, "std::");
          unscopedTemplate(out, ofEncoding);
        } else {
          CxxType known = substitution(false);
          out.text = known.text();
          out.base = known.base();
          templateArguments(out, ofEncoding);
        }
      }
      default -> {
        unqualified(out, "");
        unscopedTemplate(out, ofEncoding);
      }
    }
    leave();
  }

  private void unscopedTemplate(Name out, boolean ofEncoding) {
    if (peek() == 'I') {
      remember(CxxType.named(out.text, out.base));
      templateArguments(out, ofEncoding);
    }
  }

  private void templateArguments(Name out, boolean ofEncoding) {
    List<CxxType> found = arguments();
    out.text = withArguments(out.text, found);
    out.template = true;
    if (ofEncoding) {
      arguments = found;
    }
  }

  static String withArguments(String name, List<CxxType> arguments) {
    String list = CxxType.packOf(arguments).text();
    String text = name + (name.endsWith("<") ? " <" : "<") + list;
    return text + (list.endsWith(">") ? " >" : ">");
  }

  private void nested(Name out, boolean ofEncoding) {
    expect('N');
    StringBuilder qualifiers = new StringBuilder();
    if (take('H')) {
      throw bad(); // an explicit object parameter
    }
    boolean restricted = take('r');
    boolean isVolatile = take('V');
    boolean isConst = take('K');
    qualifiers.append(isConst ? " const" : "").append(isVolatile ? " volatile" : "");
    qualifiers.append(restricted ? " __restrict" : "");
    if (take('R')) {
      qualifiers.append(" &");
    } else if (take('O')) {
      qualifiers.append(" &&");
    }
    String prefix = "";
    boolean any = false;
    while (!take('E')) {
      enter();
      steps++;
      boolean last;
      if (peek() == 'S' && peek(1) != 't') {
        CxxType known = substitution(isConstructor(at + substitutionLength()));
        prefix = known.text();
        out.base = known.base();
        out.template = false;
        last = false;
        any = true;
        leave();
        continue;
      } else if (peek() == 'S') {
        at += 2;
        prefix = "std";
        out.base = "std";
        any = true;
        leave();
        continue;
      } else if (peek() == 'I') {
        if (!any) {
          throw bad();
        }
        out.text = prefix;
        templateArguments(out, ofEncoding);
        prefix = out.text;
        last = peek() == 'E';
      } else if (peek() == 'T') {
        CxxType parameter = templateParameter();
        prefix = parameter.text();
        out.base = parameter.base();
        last = false;
      } else if (peek() == 'D' && (peek(1) == 't' || peek(1) == 'T')) {
        prefix = expressions.decltype();
        last = false;
      } else if (take('M')) {
        // A member that a closure initialises: nothing is shown.
        leave();
        continue;
      } else {
        unqualified(out, any ? prefix + "::" : "");
        out.template = false;
        prefix = out.text;
        last = peek() == 'E';
      }
      any = true;
      if (!last) {
        remember(CxxType.named(prefix, out.base));
      }
      leave();
    }
    if (!any) {
      throw bad();
    }
    out.text = prefix;
    out.qualifiers = qualifiers.toString();
  }

  private int substitutionLength() {
    int end = at + 1;
    if (end < text.length() && "absiod".indexOf(text.charAt(end)) >= 0) {
      return 2;
    }
    while (end < text.length() && text.charAt(end) != '_') {
      end++;
    }
    return end + 1 - at;
  }

  private boolean isConstructor(int place) {
    return place + 1 < text.length()
        && (text.charAt(place) == 'C' || text.charAt(place) == 'D')
        && Character.isDigit(text.charAt(place + 1));
  }

  private void local(Name out, boolean ofEncoding) {
    expect('Z');
    String function = encoding(false);
    expect('E');
    if (take('s')) {
      discriminator();
      out.text = function + "::string literal";
      return;
    }
    String prefix = function + "::";
    if (take('d')) {
      int number = peek() == '_' ? 0 : number() + 1;
      expect('_');
      prefix += "{default arg#" + (number + 1) + "}::";
    }
    name(out, ofEncoding);
    out.text = prefix + out.text;
    discriminator();
  }

  private void discriminator() {
    if (peek() == '_' && Character.isDigit(peek(1))) {
      at += 2;
    } else if (take("__")) {
      number();
      expect('_');
    }
  }

  private void unqualified(Name out, String prefix) {
    enter();
    take('L'); // internal linkage
    out.noReturnType = false;
    String name;
    char c = peek();
    if (Character.isDigit(c)) {
      name = sourceName();
      out.base = name;
    } else if (c == 'C' && "12345I".indexOf(peek(1)) >= 0) {
      at++;
      boolean inheriting = take('I');
      next();
      if (inheriting) {
        out.base = type().base();
      }
      name = constructor(out);
    } else if (c == 'D' && "012345".indexOf(peek(1)) >= 0 && peek(1) != '\0') {
      at += 2;
      name = "~" + constructor(out);
    } else if (c == 'D' && peek(1) == 'C') {
      at += 2;
      StringBuilder names = new StringBuilder("[");
      while (!take('E')) {
        names.append(names.length() > 1 ? ", " : "").append(sourceName());
      }
      name = names.append(']').toString();
      out.base = name;
    } else if (c == 'U' && peek(1) == 'l') {
      at += 2;
      name = lambda();
      out.base = name;
    } else if (c == 'U' && peek(1) == 't') {
      at += 2;
      name = "{unnamed type#" + (sequence(10) + 1) + "}";
      out.base = name;
    } else {
      name = operator(out);
      out.base = name;
    }
    StringBuilder tags = new StringBuilder();
    while (take('B')) {
      tags.append("[abi:").append(sourceName()).append(']');
    }
    out.text = prefix + name + tags;
    if (out.text.length() > CxxType.LONGEST) {
      throw bad();
    }
    leave();
  }

  private static String constructor(Name out) {
    out.noReturnType = true;
    if (out.base.isEmpty()) {
      throw bad();
    }
    return out.base;
  }

  String sourceName() {
    int length = number();
    if (length == 0 || length > text.length() - at) {
      throw bad();
    }
    String name = text.substring(at, at + length);
    at += length;
    // What stands between is a compiler's matter (GCC, Clang).
    return name.matches("_GLOBAL_[._$]N.*") ? "(anonymous namespace)" : name;
  }

  private String lambda() {
    lambdas++;
    List<CxxType> types = new ArrayList<>();
    while (!take('E')) {
      types.add(type());
    }
    lambdas--;
    String list = CxxType.packOf(types).text();
    return "{lambda("
        + (types.size() == 1 && list.equals("void") ? "" : list)
        + ")#"
        + (sequence(10) + 1)
        + "}";
  }

  private String operator(Name out) {
    if (take("cv")) {
      out.noReturnType = true;
      return "operator " + conversionType();
    }
    if (take("li")) {
      return "operator\"\" " + sourceName();
    }
    if (peek() == 'v' && Character.isDigit(peek(1))) {
      at += 2;
      return "operator " + sourceName();
    }
    String symbol = at + 2 <= text.length() ? Operators.symbol(text.substring(at, at + 2)) : null;
    if (symbol == null) {
      throw bad();
    }
    at += 2;
    return "operator" + (Character.isLetter(symbol.charAt(0)) ? " " : "") + symbol;
  }

  /** The type may name template arguments that follow it. */
  private String conversionType() {
    int start = at;
    int known = substitutions.size();
    List<CxxType> outer = arguments;
    // Find where it ends with anything for its parameters, then read the arguments first.
    forward = true;
    String name = type().text();
    if (peek() == 'I') {
      forward = false;
      int end = at;
      arguments = arguments();
      forget(known);
      at = start;
      conversion = true;
      name = type().text();
      conversion = false;
      at = end;
      arguments = outer;
    }
    forward = false;
    return name;
  }

  private void forget(int known) {
    while (substitutions.size() > known) {
      substitutions.remove(substitutions.size() - 1);
    }
  }

  /** Template arguments come later: any will do. */
  private boolean forward;

  /** In the type of a conversion, whose template arguments are not those of a parameter. */
  private boolean conversion;

  // ---- types ---------------------------------------------------------------------------------

  CxxType type() {
    enter();
    CxxType result = typeInside();
    leave();
    return result;
  }

  private CxxType typeInside() {
    char c = peek();
    String builtin = BUILTIN.get(c);
    if (builtin != null) {
      at++;
      return CxxType.of(builtin);
    }
    switch (c) {
      case 'r', 'V', 'K' -> {
        return remember(qualified());
      }
      case 'P' -> {
        at++;
        return remember(type().pointer());
      }
      case 'R', 'O' -> {
        at++;
        return remember(type().reference(c == 'O'));
      }
      case 'C', 'G' -> {
        at++;
        return remember(type().qualified(c == 'C' ? "_Complex" : "_Imaginary"));
      }
      case 'U' -> {
        return vendorQualified();
      }
      case 'F' -> {
        return remember(function(""));
      }
      case 'A' -> {
        return remember(array());
      }
      case 'M' -> {
        return remember(memberPointer());
      }
      case 'D' -> {
        return typeD();
      }
      case 'T' -> {
        if ("sue".indexOf(peek(1)) >= 0 && peek(1) != '\0') {
          at += 2; // struct, union, enum: elaborated
          return remember(className());
        }
        CxxType parameter = templateParameter();
        // Not the element that is meant now: another expansion may name it.
        remember(wholePack == null ? parameter : wholePack);
        if (peek() == 'I' && !forward && !conversion) {
          List<CxxType> found = arguments();
          return remember(CxxType.named(withArguments(parameter.text(), found), parameter.base()));
        }
        return parameter;
      }
      case 'S' -> {
        if (peek(1) == 't') {
          return remember(className());
        }
        CxxType known = substitution(false);
        if (peek() == 'I') {
          return remember(CxxType.named(withArguments(known.text(), arguments()), known.base()));
        }
        return known;
      }
      case 'u' -> {
        at++;
        String name = sourceName();
        if (peek() == 'I') {
          return remember(CxxType.of(withArguments(name, arguments())));
        }
        return remember(CxxType.of(name));
      }
      default -> {
        return remember(className());
      }
    }
  }

  private CxxType className() {
    Name name = new Name();
    List<CxxType> outer = arguments;
    name(name, false);
    arguments = outer;
    return CxxType.named(name.text, name.base);
  }

  private CxxType qualified() {
    boolean restricted = take('r');
    boolean isVolatile = take('V');
    boolean isConst = take('K');
    CxxType type =
        peek() == 'F' || (peek() == 'D' && "oOwx".indexOf(peek(1)) >= 0) ? typeInside2() : type();
    if (isConst) {
      type = constant(type, "const");
    }
    if (isVolatile) {
      type = constant(type, "volatile");
    }
    if (restricted) {
      type = constant(type, "__restrict");
    }
    return type;
  }

  private static CxxType constant(CxxType type, String qualifier) {
    // A type that a template argument made const already is not made so twice.
    return type.right().isEmpty() && type.left().endsWith(" " + qualifier)
        ? type
        : type.qualified(qualifier);
  }

  /** A function type under qualifiers is no substitution of its own. */
  private CxxType typeInside2() {
    return peek() == 'F' ? function("") : typeD();
  }

  private CxxType vendorQualified() {
    at++;
    if (peek() == 'l' || peek() == 't') {
      at--;
      return remember(className());
    }
    String name = sourceName();
    if (peek() == 'I') {
      name = withArguments(name, arguments());
    }
    return remember(type().qualified(name));
  }

  private CxxType function(String exception) {
    expect('F');
    take('Y'); // extern "C"
    CxxType returned = type();
    String list = parameters();
    String qualifier = "";
    if (take('R')) {
      qualifier = " &";
    } else if (take('O')) {
      qualifier = " &&";
    }
    expect('E');
    String left = returned.left();
    return new CxxType(
        left + (returned.right().isEmpty() ? " " : ""),
        "(" + list + ")" + qualifier + exception + returned.right(),
        Shape.FUNCTION,
        "",
        null);
  }

  private CxxType array() {
    expect('A');
    String size = "";
    if (peek() != '_') {
      size = Character.isDigit(peek()) ? String.valueOf(number()) : expressions.expression();
    }
    expect('_');
    CxxType element = type();
    boolean nested = element.shape() == Shape.ARRAY;
    return new CxxType(
        element.left(),
        " [" + size + "]" + (nested ? element.right().substring(1) : element.right()),
        Shape.ARRAY,
        "",
        null);
  }

  private CxxType memberPointer() {
    expect('M');
    String owner = type().text();
    CxxType member = type();
    boolean bracketed = member.shape() == Shape.FUNCTION || member.shape() == Shape.ARRAY;
    return member.declared((bracketed ? "" : " ") + owner + "::*", Shape.PLAIN);
  }

  private CxxType typeD() {
    char c = peek(1);
    String builtin = BUILTIN_D.get(c);
    if (builtin != null) {
      at += 2;
      return CxxType.of(builtin);
    }
    switch (c) {
      case 't', 'T' -> {
        return remember(CxxType.of(expressions.decltype()));
      }
      case 'p' -> {
        at += 2;
        return remember(expansion(this::type));
      }
      case 'F' -> {
        at += 2;
        int bits = number();
        char kind = next();
        if (kind == 'b') {
          return CxxType.of("std::bfloat" + bits + "_t");
        }
        return CxxType.of("_Float" + bits + (kind == 'x' ? "x" : ""));
      }
      case 'v' -> {
        at += 2;
        String size = take('_') ? expressions.expression() : String.valueOf(number());
        expect('_');
        CxxType element = type();
        return remember(CxxType.of(element.left() + " __vector(" + size + ")" + element.right()));
      }
      case 'o' -> {
        at += 2;
        return remember(function(" noexcept"));
      }
      case 'O' -> {
        at += 2;
        String condition = expressions.expression();
        expect('E');
        return remember(function(" noexcept(" + condition + ")"));
      }
      case 'x' -> {
        at += 2;
        return remember(function(" transaction_safe"));
      }
      default -> throw bad();
    }
  }

  /** Something that may be parsed again. */
  @FunctionalInterface
  interface Piece {
    CxxType parse();
  }

  /** A pack expansion: the pattern once for each element of the packs it names. */
  CxxType expansion(Piece pattern) {
    int start = at;
    int outerIndex = packIndex;
    int outerLength = packLength;
    int known = substitutions.size();
    packIndex = 0;
    packLength = -1;
    CxxType first = pattern.parse();
    int length = packLength;
    int end = at;
    CxxType result;
    if (length < 0) {
      // No pack is known here: the pattern is shown as it is.
      result = CxxType.of(first.text() + "...");
    } else {
      List<CxxType> elements = new ArrayList<>();
      List<CxxType> snapshot = new ArrayList<>(substitutions);
      for (int i = 0; i < length; i++) {
        at = start;
        forget(known);
        packIndex = i;
        elements.add(pattern.parse());
      }
      substitutions.clear();
      substitutions.addAll(snapshot);
      at = end;
      result = CxxType.packOf(elements);
    }
    packIndex = outerIndex;
    packLength = outerLength;
    return result;
  }

  /** The pack that the parameter read last is an element of; null when it is none. */
  private CxxType wholePack;

  CxxType templateParameter() {
    wholePack = null;
    expect('T');
    if (take('L')) {
      number();
      expect('_');
    }
    int index = sequence(10);
    if (lambdas > 0) {
      return CxxType.of("auto:" + (index + 1));
    }
    if (forward && index >= arguments.size()) {
      return CxxType.of("auto");
    }
    if (index >= arguments.size()) {
      throw bad();
    }
    CxxType argument = arguments.get(index);
    if (argument.pack() != null && packIndex >= 0) {
      wholePack = argument;
      packLength = argument.pack().size();
      return packIndex < argument.pack().size() ? argument.pack().get(packIndex) : CxxType.of("");
    }
    return argument;
  }

  /**
   * A part that was there before.
   *
   * @param full a constructor follows: standard names are given in full
   */
  private CxxType substitution(boolean full) {
    expect('S');
    String[] standard = STANDARD.get(peek());
    if (standard != null) {
      at++;
      CxxType type = CxxType.named(full ? standard[1] : standard[0], standard[2]);
      if (peek() == 'B') {
        StringBuilder tags = new StringBuilder();
        while (take('B')) {
          tags.append("[abi:").append(sourceName()).append(']');
        }
        return remember(CxxType.named(type.text() + tags, type.base()));
      }
      return type;
    }
    int index = sequence(36);
    if (index >= substitutions.size()) {
      throw bad();
    }
    CxxType known = substitutions.get(index);
    if (known.pack() != null && packIndex >= 0) {
      packLength = known.pack().size();
      return packIndex < known.pack().size() ? known.pack().get(packIndex) : CxxType.of("");
    }
    return known;
  }

  // ---- template arguments --------------------------------------------------------------------

  List<CxxType> arguments() {
    enter();
    if (!take('I') && !take('J')) {
      throw bad();
    }
    List<CxxType> found = new ArrayList<>();
    while (!take('E')) {
      found.add(argument());
    }
    leave();
    return found;
  }

  private CxxType argument() {
    return switch (peek()) {
      case 'X' -> {
        at++;
        String text = expressions.expression();
        expect('E');
        yield CxxType.of(text);
      }
      case 'L' -> CxxType.of(expressions.literal());
      case 'J', 'I' -> CxxType.packOf(arguments());
      default -> type();
    };
  }

  /** A name inside an expression. */
  String expressionName() {
    Name name = new Name();
    List<CxxType> outer = arguments;
    name(name, false);
    arguments = outer;
    return name.text;
  }

  /** A simple name with its template arguments. */
  String simpleName(String prefix) {
    Name name = new Name();
    if (take("on")) {
      name.text = operator(name);
      name.text = prefix + name.text;
    } else {
      unqualified(name, prefix);
    }
    if (peek() == 'I') {
      name.text = withArguments(name.text, arguments());
    }
    return name.text;
  }
}
