package org.chronovisor.view.pane;

/** Finds the expression in a line of source that somebody points at: a name, with its owners. */
final class HoverText {
  private static final int LONGEST = 200;

  private HoverText() {}

  /** The expression, or null: {@code block->next} when {@code next} is pointed at. */
  static String at(String line, int column) {
    if (column < 0 || column >= line.length() || !isName(line.charAt(column))) {
      return null;
    }
    int from = start(line, column);
    int to = column;
    while (to + 1 < line.length() && isName(line.charAt(to + 1))) {
      to++;
    }
    if (Character.isDigit(line.charAt(from)) || next(line, to + 1) == '(') {
      return null;
    }
    while (true) {
      int owner = owner(line, from);
      if (owner < 0 || !isName(line.charAt(owner))) {
        break;
      }
      from = start(line, owner);
    }
    String text = line.substring(from, to + 1);
    return text.length() > LONGEST || Character.isDigit(text.charAt(0)) ? null : text;
  }

  /** Where the name before {@code .} or {@code ->} ends; -1 when there is none. */
  private static int owner(String line, int from) {
    if (from >= 2 && line.charAt(from - 1) == '.') {
      return from - 2;
    }
    return from >= 3 && line.startsWith("->", from - 2) ? from - 3 : -1;
  }

  private static int start(String line, int column) {
    int from = column;
    while (from > 0 && isName(line.charAt(from - 1))) {
      from--;
    }
    return from;
  }

  private static char next(String line, int from) {
    int at = from;
    while (at < line.length() && line.charAt(at) == ' ') {
      at++;
    }
    return at < line.length() ? line.charAt(at) : '\0';
  }

  private static boolean isName(char c) {
    return c == '_' || c < 0x80 && Character.isLetterOrDigit(c);
  }
}
