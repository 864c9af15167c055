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

  private MemorySize() {}

  /** Bytes; a bare number counts mebibytes. */
  static long parse(String text) {
    Matcher matcher = SIZE.matcher(text);
    if (!matcher.matches()) {
      throw new RecordException("-m " + text + " is no memory size: write for example -m 256M");
    }
    long bytes;
    if (matcher.group(3) != null) {
      bytes = Math.multiplyExact(Long.parseLong(matcher.group(3), 16), 1L << 20);
    } else {
      String suffix = matcher.group(2).toLowerCase(Locale.ROOT);
      int shift = suffix.isEmpty() ? 20 : 10 * "bkmgt".indexOf(suffix);
      bytes =
          new BigDecimal(matcher.group(1))
              .multiply(BigDecimal.valueOf(1L << shift))
              .setScale(0, RoundingMode.DOWN)
              .longValueExact();
    }
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }
}
