package org.chronovisor.recorder;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/**
 * An ELF file with symbols, and where its code runs.
 *
 * @param bias what the user said is added to its addresses, if anything
 * @param code the file whose bytes the code has: itself, or the kernel that a .dbg file belongs to
 */
record SymbolFile(Path path, KernelImage image, OptionalLong bias, KernelImage code) {
  /** Reads {@code FILE} or {@code FILE@BIAS}. */
  static SymbolFile parse(Path argument) {
    String text = argument.toString();
    int at = text.lastIndexOf('@');
    OptionalLong bias = OptionalLong.empty();
    Path path = argument;
    if (at > 0 && !Files.exists(argument)) {
      path = Path.of(text.substring(0, at));
      bias = OptionalLong.of(number(text.substring(at + 1), text));
    }
    KernelImage image = KernelImage.read(path);
    if (image.symbols().isEmpty()) {
      throw RecordException.refused("--symbols " + path + ": no ELF file with symbols");
    }
    return new SymbolFile(path, image, bias, image);
  }

  private static long number(String digits, String argument) {
    try {
      return digits.toLowerCase(Locale.ROOT).startsWith("0x")
          ? Long.parseUnsignedLong(digits.substring(2), 16)
          : Long.parseLong(digits);
    } catch (NumberFormatException e) {
      throw RecordException.refused(
          "--symbols " + argument + ": write FILE@BIAS with a decimal or 0x number", e);
    }
  }

  /** Where its symbols are before any of its code was seen. */
  OptionalLong early() {
    return bias.isPresent() || image.isRelocatable() ? bias : OptionalLong.of(0);
  }

  /**
   * What was found out, in one line.
   *
   * @param found biases and how many blocks agree on each
   */
  String describe(Map<Long, Integer> found) {
    if (bias.isPresent()) {
      return path + ": moved by " + hex(bias.getAsLong()) + ", as --symbols says";
    }
    if (found.isEmpty()) {
      return path
          + (image.isRelocatable()
              ? ": position-independent, and too little of its code was executed to tell where it"
                  + " lies: its symbols are left out (write --symbols "
                  + path
                  + "@BIAS)"
              : ": too little of its code was executed to prove it, its symbols stand where it was"
                  + " linked");
    }
    List<String> places =
        found.entrySet().stream()
            .map(
                e ->
                    (e.getKey() == 0 ? "where it was linked" : "moved by " + hex(e.getKey()))
                        + " ("
                        + e.getValue()
                        + " blocks of code agree)")
            .toList();
    return path + ": " + String.join(", and ", places);
  }

  private static String hex(long bias) {
    return bias < 0 ? "-0x" + Long.toHexString(-bias) : "0x" + Long.toHexString(bias);
  }
}
