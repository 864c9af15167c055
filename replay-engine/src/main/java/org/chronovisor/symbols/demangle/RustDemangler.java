package org.chronovisor.symbols.demangle;

import java.util.Map;

/** Rust's own mangling, "v0" (Rust RFC 2603), without the hashes of crates. */
final class RustDemangler {
  private static final int DEEPEST = 200;
  private static final int LONGEST = 1 << 16;

  private static final Map<Character, String> BASIC =
      Map.ofEntries(
          Map.entry('a', "i8"),
          Map.entry('b', "bool"),
          Map.entry('c', "char"),
          Map.entry('d', "f64"),
          Map.entry('e', "str"),
          Map.entry('f', "f32"),
          Map.entry('h', "u8"),
          Map.entry('i', "isize"),
          Map.entry('j', "usize"),
          Map.entry('l', "i32"),
          Map.entry('m', "u32"),
          Map.entry('n', "i128"),
          Map.entry('o', "u128"),
          Map.entry('p', "_"),
          Map.entry('s', "i16"),
          Map.entry('t', "u16"),
          Map.entry('u', "()"),
          Map.entry('v', "..."),
          Map.entry('x', "i64"),
          Map.entry('y', "u64"),
          Map.entry('z', "!"));

  private final String text;
  private final StringBuilder out = new StringBuilder();
  private int at;
  private int depth;
  private long lifetimes;

  /** Passing over: nothing is written. */
  private int silent;

  private RustDemangler(String text) {
    this.text = text;
  }

  /**
   * The name.
   *
   * @throws NotMangledException when it is none
   */
  static String demangle(String name) {
    int dot = name.indexOf('.');
    String core = name.substring(2, dot < 0 ? name.length() : dot);
    RustDemangler demangler = new RustDemangler(core);
    if (core.isEmpty() || !Character.isUpperCase(core.charAt(0))) {
      throw new NotMangledException();
    }
    demangler.path(true);
    if (demangler.at < core.length()) {
      // The crate that made an instance of a generic function is of no interest.
      demangler.silent++;
      demangler.path(true);
      demangler.silent--;
    }
    if (demangler.at != core.length()) {
      throw new NotMangledException();
    }
    return demangler.out.toString();
  }

  private void write(String more) {
    if (silent == 0) {
      if (out.length() + more.length() > LONGEST) {
        throw new NotMangledException();
      }
      out.append(more);
    }
  }

  private char next() {
    if (at == text.length()) {
      throw new NotMangledException();
    }
    return text.charAt(at++);
  }

  private boolean take(char c) {
    if (at < text.length() && text.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  private long base62() {
    if (take('_')) {
      return 0;
    }
    long value = 0;
    while (true) {
      char c = next();
      if (c == '_') {
        return value + 1;
      }
      int digit =
          c >= '0' && c <= '9'
              ? c - '0'
              : c >= 'a' && c <= 'z' ? c - 'a' + 10 : c >= 'A' && c <= 'Z' ? c - 'A' + 36 : -1;
      if (digit < 0) {
        throw new NotMangledException();
      }
      // Hashes of crates fill all 64 bits.
      value = value * 62 + digit;
    }
  }

  private long disambiguator() {
    return take('s') ? base62() + 1 : 0;
  }

  private String identifier() {
    boolean punycode = take('u');
    int start = at;
    int length = 0;
    if (!take('0')) {
      while (at < text.length() && at - start < 6 && Character.isDigit(text.charAt(at))) {
        length = length * 10 + text.charAt(at++) - '0';
      }
    }
    if (at == start) {
      throw new NotMangledException();
    }
    take('_');
    if (length > text.length() - at) {
      throw new NotMangledException();
    }
    String name = text.substring(at, at + length);
    at += length;
    return punycode ? Punycode.decode(name) : name;
  }

  private interface Part {
    void parse();
  }

  /** Parses at an earlier place, and comes back. */
  private void back(Part part) {
    int start = at - 1;
    long place = base62();
    if (place < 0 || place >= start) {
      throw new NotMangledException();
    }
    // What is passed over was read before: no need to follow it again.
    if (silent == 0) {
      int here = at;
      at = (int) place;
      part.parse();
      at = here;
    }
  }

  private void enter() {
    if (++depth > DEEPEST) {
      throw new NotMangledException();
    }
  }

  /**
   * A path.
   *
   * @param value in an expression: generic arguments follow two colons
   */
  private void path(boolean value) {
    enter();
    char tag = next();
    switch (tag) {
      case 'C' -> {
        disambiguator();
        write(identifier());
      }
      case 'M' -> {
        implementation();
        write("<");
        type();
        write(">");
      }
      case 'X', 'Y' -> {
        if (tag == 'X') {
          implementation();
        }
        write("<");
        type();
        write(" as ");
        path(false);
        write(">");
      }
      case 'N' -> nested(value);
      case 'I' -> {
        path(value);
        write(value ? "::<" : "<");
        list(this::argument);
        write(">");
      }
      case 'B' -> back(() -> path(value));
      default -> throw new NotMangledException();
    }
    depth--;
  }

  /** The module an implementation is in is of no interest. */
  private void implementation() {
    disambiguator();
    silent++;
    path(false);
    silent--;
  }

  private void nested(boolean value) {
    char space = next();
    path(value);
    long number = disambiguator();
    String name = identifier();
    if (Character.isUpperCase(space)) {
      String kind = space == 'C' ? "closure" : space == 'S' ? "shim" : String.valueOf(space);
      write("::{" + kind + (name.isEmpty() ? "" : ":" + name) + "#" + number + "}");
    } else if (!name.isEmpty()) {
      write("::" + name);
    }
  }

  private void list(Part part) {
    for (boolean first = true; !take('E'); first = false) {
      if (!first) {
        write(", ");
      }
      part.parse();
    }
  }

  private void argument() {
    if (take('L')) {
      lifetime(base62());
    } else if (take('K')) {
      constant();
    } else {
      type();
    }
  }

  private void lifetime(long index) {
    if (index == 0) {
      write("'_");
      return;
    }
    long name = lifetimes - index;
    if (index < 0 || name < 0) {
      throw new NotMangledException();
    }
    write(name < 26 ? "'" + (char) ('a' + name) : "'_" + name);
  }

  /** Writes {@code for<'a, 'b> } and makes these lifetimes known to a part. */
  private void binder(Part part) {
    long count = take('G') ? base62() + 1 : 0;
    if (count < 0 || count > 64) {
      throw new NotMangledException();
    }
    if (count > 0) {
      write("for<");
      for (long i = 0; i < count; i++) {
        lifetimes++;
        write(i > 0 ? ", " : "");
        lifetime(1);
      }
      write("> ");
    }
    part.parse();
    lifetimes -= count;
  }

  private void type() {
    enter();
    char tag = next();
    String basic = BASIC.get(tag);
    if (basic != null) {
      write(basic);
    } else {
      compound(tag);
    }
    depth--;
  }

  private void compound(char tag) {
    switch (tag) {
      case 'R', 'Q' -> {
        write("&");
        if (take('L')) {
          long index = base62();
          if (index != 0) {
            lifetime(index);
            write(" ");
          }
        }
        write(tag == 'Q' ? "mut " : "");
        type();
      }
      case 'P' -> {
        write("*const ");
        type();
      }
      case 'O' -> {
        write("*mut ");
        type();
      }
      case 'A', 'S' -> {
        write("[");
        type();
        if (tag == 'A') {
          write("; ");
          constant();
        }
        write("]");
      }
      case 'T' -> {
        write("(");
        int[] count = {0};
        list(
            () -> {
              count[0]++;
              type();
            });
        write(count[0] == 1 ? ",)" : ")");
      }
      case 'F' -> binder(this::function);
      case 'D' -> {
        write("dyn ");
        binder(this::traits);
        if (!take('L')) {
          throw new NotMangledException();
        }
        long index = base62();
        if (index != 0) {
          write(" + ");
          lifetime(index);
        }
      }
      case 'B' -> back(this::type);
      default -> {
        at--;
        path(false);
      }
    }
  }

  private void function() {
    write(take('U') ? "unsafe " : "");
    if (take('K')) {
      String convention = take('C') ? "C" : identifier().replace('_', '-');
      write("extern \"" + convention + "\" ");
    }
    write("fn(");
    list(this::type);
    write(")");
    if (!take('u')) {
      write(" -> ");
      type();
    }
  }

  private void traits() {
    for (boolean first = true; !take('E'); first = false) {
      write(first ? "" : " + ");
      boolean open = trait();
      while (take('p')) {
        write(open ? ", " : "<");
        open = true;
        write(identifier() + " = ");
        type();
      }
      write(open ? ">" : "");
    }
  }

  /** A trait's path; whether its arguments are still open. */
  private boolean trait() {
    if (take('B')) {
      boolean[] open = {false};
      back(() -> open[0] = trait());
      return open[0];
    }
    if (take('I')) {
      path(false);
      write("<");
      list(this::argument);
      return true;
    }
    path(false);
    return false;
  }

  private void constant() {
    if (take('B')) {
      back(this::constant);
      return;
    }
    char type = next();
    if (type == 'p') {
      write("_");
      return;
    }
    boolean negative = take('n');
    int start = at;
    while (next() != '_') {
      if (Character.digit(text.charAt(at - 1), 16) < 0) {
        throw new NotMangledException();
      }
    }
    String hex = text.substring(start, at - 1);
    switch (type) {
      case 'b' -> write(hex.equals("0") ? "false" : "true");
      case 'c' -> write("'" + character(hex) + "'");
      case 'h', 't', 'm', 'y', 'o', 'j', 'a', 's', 'l', 'x', 'n', 'i' -> {
        boolean small = hex.length() <= 16;
        write(negative ? "-" : "");
        write(
            hex.isEmpty()
                ? "0"
                : small ? Long.toUnsignedString(Long.parseUnsignedLong(hex, 16)) : "0x" + hex);
      }
      default -> throw new NotMangledException();
    }
  }

  private static String character(String hex) {
    int value = hex.isEmpty() || hex.length() > 6 ? 0 : Integer.parseInt(hex, 16);
    return switch (value) {
      case '\'' -> "\\'";
      case '\\' -> "\\\\";
      case '\n' -> "\\n";
      case '\t' -> "\\t";
      case '\r' -> "\\r";
      default ->
          Character.isValidCodePoint(value) && !Character.isISOControl(value)
              ? Character.toString(value)
              : String.format("\\u{%x}", value);
    };
  }
}
