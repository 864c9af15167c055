package org.chronovisor.symbols.demangle;

import java.util.Map;

/** Names that Rust made until its own mangling: a C++ name whose last part is a hash. */
final class RustLegacyDemangler {
  private static final int HASH = 17;

  private static final Map<String, String> ESCAPES =
      Map.of("SP", "@", "BP", "*", "RF", "&", "LT", "<", "GT", ">", "LP", "(", "RP", ")", "C", ",");

  private RustLegacyDemangler() {}

  /** The name, or null when it is not of this kind. */
  static String demangle(String name) {
    if (!name.startsWith("_ZN")) {
      return null;
    }
    StringBuilder out = new StringBuilder();
    String last = null;
    int at = 3;
    while (at < name.length() && name.charAt(at) != 'E') {
      int length = 0;
      int digits = at;
      while (at < name.length() && at - digits < 6 && Character.isDigit(name.charAt(at))) {
        length = length * 10 + name.charAt(at++) - '0';
      }
      if (at == digits || length == 0 || length > name.length() - at) {
        return null;
      }
      if (last != null) {
        out.append(out.isEmpty() ? "" : "::").append(unescape(last));
      }
      last = name.substring(at, at + length);
      at += length;
    }
    boolean ends =
        at == name.length() - 1
            || (at < name.length() - 1 && name.charAt(at + 1) == '.'); // what LLVM appends
    if (!ends || last == null || out.isEmpty() || !isHash(last)) {
      return null;
    }
    return out.toString();
  }

  private static boolean isHash(String part) {
    return part.length() == HASH
        && part.charAt(0) == 'h'
        && part.chars().skip(1).allMatch(c -> Character.digit(c, 16) >= 0);
  }

  private static String unescape(String part) {
    StringBuilder out = new StringBuilder();
    // A part that would begin with an escape has an underscore before it.
    int at = part.startsWith("_$") ? 1 : 0;
    while (at < part.length()) {
      char c = part.charAt(at);
      if (c == '.') {
        boolean two = at + 1 < part.length() && part.charAt(at + 1) == '.';
        out.append(two ? "::" : ".");
        at += two ? 2 : 1;
      } else if (c == '$') {
        int end = part.indexOf('$', at + 1);
        String escape = end < 0 ? null : escape(part.substring(at + 1, end));
        if (escape == null) {
          return out.append(part, at, part.length()).toString();
        }
        out.append(escape);
        at = end + 1;
      } else {
        out.append(c);
        at++;
      }
    }
    return out.toString();
  }

  private static String escape(String text) {
    if (text.matches("u[0-9a-f]{1,6}")) {
      int character = Integer.parseInt(text.substring(1), 16);
      return Character.isValidCodePoint(character) && !Character.isISOControl(character)
          ? Character.toString(character)
          : null;
    }
    return ESCAPES.get(text);
  }
}
