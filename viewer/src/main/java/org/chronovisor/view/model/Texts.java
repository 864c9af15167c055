package org.chronovisor.view.model;

import java.util.Locale;

/** How values look in the window. */
public final class Texts {
  private static final long KILO = 1000;

  private Texts() {}

  public static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }

  /** Sixteen hexadecimal digits. */
  public static String hex16(long value) {
    String digits = Long.toHexString(value);
    return "0".repeat(16 - digits.length()) + digits;
  }

  /** An instruction number with separators. */
  public static String position(long position) {
    // Called for each visible row at each step, where String.format shows.
    StringBuilder text = new StringBuilder(Long.toString(position));
    int first = position < 0 ? 1 : 0;
    for (int at = text.length() - 3; at > first; at -= 3) {
      text.insert(at, ',');
    }
    return text.toString();
  }

  /** A count in few characters: 950, 12.3k, 4.5M. */
  public static String count(double count) {
    String[] units = {"", "k", "M", "G", "T"};
    double rest = count;
    int unit = 0;
    while (rest >= KILO && unit < units.length - 1) {
      rest /= KILO;
      unit++;
    }
    String digits = unit == 0 || rest >= 100 ? "%.0f%s" : "%.1f%s";
    return String.format(Locale.ROOT, digits, rest, units[unit]);
  }

  /** Nanoseconds in a unit that people read: 950 ns, 12.3 \u00b5s, 4.5 ms, 6 s. */
  public static String time(double nanos) {
    String[] units = {"ns", "\u00b5s", "ms", "s"};
    double rest = nanos;
    int unit = 0;
    while (rest >= KILO && unit < units.length - 1) {
      rest /= KILO;
      unit++;
    }
    String digits = rest == Math.rint(rest) || rest >= 100 ? "%.0f %s" : "%.1f %s";
    return String.format(Locale.ROOT, digits, rest, units[unit]);
  }

  /** The last part of a path. */
  public static String fileName(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** {@code file:line} without the directories. */
  public static String shortSource(String source) {
    return source == null ? "" : fileName(source);
  }

  /** Text that Swing must not take for HTML. */
  public static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
