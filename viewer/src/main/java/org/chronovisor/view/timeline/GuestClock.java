package org.chronovisor.view.timeline;

import java.util.List;
import java.util.OptionalInt;
import org.chronovisor.trace.TraceHeader;

/**
 * The guest's time, where it follows the instructions: with {@code -icount shift=N} each takes 2^N
 * nanoseconds. A trace has no other clock. While the guest waits, QEMU's clock goes on and this one
 * does not.
 */
public final class GuestClock {
  private static final int SHIFT_OF_DETERMINISTIC = 7;
  private static final int LARGEST_SHIFT = 10;

  private GuestClock() {}

  /** The clock's shift; empty when guest time does not follow the instructions. */
  public static OptionalInt shift(TraceHeader header) {
    List<String> command = header.commandLine();
    int option = command.indexOf("-icount");
    if (option >= 0 && option + 1 < command.size()) {
      for (String part : command.get(option + 1).split(",")) {
        String digits = part.startsWith("shift=") ? part.substring("shift=".length()) : part;
        if (digits.matches("\\d{1,2}") && Integer.parseInt(digits) <= LARGEST_SHIFT) {
          return OptionalInt.of(Integer.parseInt(digits));
        }
      }
      return OptionalInt.empty();
    }
    return header.deterministic() ? OptionalInt.of(SHIFT_OF_DETERMINISTIC) : OptionalInt.empty();
  }
}
