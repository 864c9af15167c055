package org.chronovisor.view;

import java.util.ArrayList;
import java.util.List;

/** Splits a pasted command line as a POSIX shell does, without expanding anything. */
final class ShellWords {
  private ShellWords() {}

  /**
   * The words of a command line; a backslash before a line end joins two lines.
   *
   * @throws IllegalArgumentException when a quote is left open
   */
  static List<String> split(String text) {
    List<String> words = new ArrayList<>();
    StringBuilder word = null;
    char quote = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quote == '\'') {
        if (c == '\'') {
          quote = 0;
        } else {
          word.append(c);
        }
      } else if (c == '\\' && i + 1 < text.length()) {
        char next = text.charAt(++i);
        if (next == '\n') {
          continue;
        }
        word = word == null ? new StringBuilder() : word;
        // Inside double quotes a backslash stands for itself before most characters.
        if (quote == '"' && "\"\\$`".indexOf(next) < 0) {
          word.append('\\');
        }
        word.append(next);
      } else if (quote == '"') {
        if (c == '"') {
          quote = 0;
        } else {
          word.append(c);
        }
      } else if (c == '"' || c == '\'') {
        quote = c;
        word = word == null ? new StringBuilder() : word;
      } else if (Character.isWhitespace(c)) {
        if (word != null) {
          words.add(word.toString());
          word = null;
        }
      } else {
        word = word == null ? new StringBuilder() : word;
        word.append(c);
      }
    }
    if (quote != 0) {
      throw new IllegalArgumentException(String.valueOf(quote));
    }
    if (word != null) {
      words.add(word.toString());
    }
    return words;
  }
}
