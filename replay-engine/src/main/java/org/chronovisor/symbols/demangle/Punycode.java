package org.chronovisor.symbols.demangle;

import java.util.ArrayList;
import java.util.List;

/** Decodes identifiers with characters beyond ASCII (RFC 3492, with {@code _} for {@code -}). */
final class Punycode {
  private static final int BASE = 36;
  private static final int LOW = 1;
  private static final int HIGH = 26;
  private static final int SKEW = 38;
  private static final int DAMP = 700;

  private Punycode() {}

  /**
   * The identifier.
   *
   * @throws NotMangledException when it is none
   */
  static String decode(String text) {
    int split = text.lastIndexOf('_');
    String basic = split < 0 ? "" : text.substring(0, split);
    List<Integer> out = new ArrayList<>();
    basic.chars().forEach(out::add);
    long n = 128;
    long i = 0;
    int bias = 72;
    int at = split + 1;
    boolean first = true;
    while (at < text.length()) {
      long old = i;
      long weight = 1;
      for (int k = BASE; ; k += BASE) {
        if (at == text.length()) {
          throw new NotMangledException();
        }
        char c = text.charAt(at++);
        int digit = c >= 'a' && c <= 'z' ? c - 'a' : c >= '0' && c <= '9' ? c - '0' + 26 : -1;
        if (digit < 0) {
          throw new NotMangledException();
        }
        i += digit * weight;
        int threshold = k <= bias ? LOW : Math.min(HIGH, Math.max(LOW, k - bias));
        if (digit < threshold) {
          break;
        }
        weight *= BASE - threshold;
        if (weight > 1 << 24 || i > 1 << 28) {
          throw new NotMangledException();
        }
      }
      int count = out.size() + 1;
      bias = adapt(i - old, count, first);
      first = false;
      n += i / count;
      i %= count;
      if (n > Character.MAX_CODE_POINT) {
        throw new NotMangledException();
      }
      out.add((int) i, (int) n);
      i++;
    }
    StringBuilder result = new StringBuilder();
    out.forEach(result::appendCodePoint);
    return result.toString();
  }

  private static int adapt(long delta, int count, boolean first) {
    long d = first ? delta / DAMP : delta / 2;
    d += d / count;
    int k = 0;
    while (d > (BASE - LOW) * HIGH / 2) {
      d /= BASE - LOW;
      k += BASE;
    }
    return (int) (k + (BASE - LOW + 1) * d / (d + SKEW));
  }
}
