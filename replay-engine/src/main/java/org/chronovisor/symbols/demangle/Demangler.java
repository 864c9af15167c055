package org.chronovisor.symbols.demangle;

/**
 * Turns linker names of C++ (Itanium ABI) and Rust (both kinds) into what people write.
 *
 * <p>Names may be hostile: nesting, work and length are bounded.
 */
public final class Demangler {
  /** Longest name that is looked at, in characters. */
  private static final int LONGEST = 1 << 14;

  private Demangler() {}

  /** The name as people write it; the same name when it is not mangled or not understood. */
  public static String demangle(String name) {
    if (name.length() < 3 || name.length() > LONGEST || name.charAt(0) != '_') {
      return name;
    }
    try {
      if (name.startsWith("_R")) {
        return RustDemangler.demangle(name);
      }
      if (name.startsWith("_Z")) {
        String rust = RustLegacyDemangler.demangle(name);
        return rust != null ? rust : withClones(name);
      }
    } catch (NotMangledException e) {
      return name;
    }
    return name;
  }

  /** Compilers add suffixes to parts and clones of functions. */
  private static String withClones(String name) {
    int dot = name.indexOf('.');
    if (dot < 0) {
      return new ItaniumDemangler(name).demangle();
    }
    StringBuilder text = new StringBuilder(new ItaniumDemangler(name.substring(0, dot)).demangle());
    for (int at = dot; at < name.length(); ) {
      // A suffix is a dot and letters, then parts of digits.
      int end = at + 1;
      while (end < name.length() && name.charAt(end) != '.') {
        end++;
      }
      while (end + 1 < name.length() && Character.isDigit(name.charAt(end + 1))) {
        int next = end + 1;
        while (next < name.length() && Character.isDigit(name.charAt(next))) {
          next++;
        }
        if (next < name.length() && name.charAt(next) != '.') {
          break;
        }
        end = next;
      }
      text.append(" [clone ").append(name, at, end).append(']');
      at = end;
    }
    return text.toString();
  }
}
