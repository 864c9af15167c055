package org.chronovisor.recorder;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Memory sizes as QEMU's {@code -m} reads them (system/vl.c, util/cutils.c). */
final class MemorySize {
  private static final Pattern SIZE =
      Pattern.compile("(\\d+(?:\\.\\d+)?)([bBkKmMgGtT]?)|0[xX]([0-9a-fA-F]+)");

  /** QEMU rounds RAM up to this (system/vl.c, {@code parse_memory_options}). */
  private static final long ALIGNMENT = 8192;

  private static final long LARGEST = 1L << 46;

  private MemorySize() {}

  /** Bytes; a bare number counts mebibytes. */
  static long parse(String text) {
    long bytes = parse(text, 20, "-m ");
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /** Bytes; a bare number counts them, as in {@code -object ...,size=}. */
  static long parseBytes(String text) {
    return parse(text, 0, "size=");
  }

  private static long parse(String text, int bareShift, String where) {
    Matcher matcher = SIZE.matcher(text);
    try {
      if (matcher.matches()) {
        if (matcher.group(3) != null) {
          return Math.multiplyExact(Long.parseLong(matcher.group(3), 16), 1L << bareShift);
        }
        String suffix = matcher.group(2).toLowerCase(Locale.ROOT);
        int shift = suffix.isEmpty() ? bareShift : 10 * "bkmgt".indexOf(suffix);
        long bytes =
            new BigDecimal(matcher.group(1))
                .multiply(BigDecimal.valueOf(1L << shift))
                .setScale(0, RoundingMode.DOWN)
                .longValueExact();
        if (bytes <= LARGEST) {
          return bytes;
        }
      }
    } catch (ArithmeticException | NumberFormatException e) {
      // No size that a machine could have.
    }
    throw RecordException.refused(where + text + " is no memory size: write for example 256M");
  }
}
