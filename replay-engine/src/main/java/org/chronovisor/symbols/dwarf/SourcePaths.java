package org.chronovisor.symbols.dwarf;

import java.nio.charset.StandardCharsets;
import org.chronovisor.trace.SourceLines;

/** Makes paths of the strings that line tables name, within bounds that hostile tables meet. */
final class SourcePaths {
  /** Longest directory or file name; Linux has PATH_MAX 4096. */
  private static final int MAX_STRING = 4096;

  /** Bytes that may be looked at, counting those met again: 20,000 units of 200 long paths. */
  private static final long MAX_WORK = 1L << 29;

  /** Characters of all different paths. */
  private static final long MAX_CHARACTERS = 1L << 25;

  /** Where a string begins: in a section, at an offset. */
  record Text(byte[] section, int offset) {}

  private final SourceLines.Builder lines;
  private long work;
  private long characters;
  private int known;

  SourcePaths(SourceLines.Builder lines) {
    this.lines = lines;
  }

  /** Index of a path among the table's files. */
  int index(String path) {
    int index = lines.file(path);
    if (index == known) {
      known++;
      characters += path.length();
      if (characters > MAX_CHARACTERS) {
        throw new DwarfException("the line tables name too many long paths");
      }
    }
    return index;
  }

  /** The string, or null when its section or its end is missing. */
  String text(Text text) {
    byte[] section = text.section();
    int start = text.offset();
    int end = start;
    while (end < section.length && section[end] != 0 && end - start <= MAX_STRING) {
      end++;
    }
    work += end - start + 1;
    if (work > MAX_WORK) {
      throw new DwarfException("the line tables name too many files");
    }
    if (end >= section.length || end - start > MAX_STRING) {
      return null;
    }
    return new String(section, start, end - start, StandardCharsets.UTF_8);
  }

  /** A path in a directory; leading {@code ./} says nothing and is left out. */
  static String join(String directory, String name) {
    String path =
        name.startsWith("/") || directory.isEmpty()
            ? name
            : directory.endsWith("/") ? directory + name : directory + "/" + name;
    while (path.startsWith("./") && path.length() > 2) {
      path = path.substring(2);
    }
    return path;
  }
}
