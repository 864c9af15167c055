package org.chronovisor.symbols;

/** Makes text that came from a foreign file fit for a terminal. */
public final class Printable {
  private Printable() {}

  /** The text with a question mark for each control character. */
  public static String text(String text) {
    if (text.chars().noneMatch(Character::isISOControl)) {
      return text;
    }
    return text.codePoints()
        .map(c -> Character.isISOControl(c) ? '?' : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
