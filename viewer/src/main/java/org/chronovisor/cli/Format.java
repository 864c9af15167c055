package org.chronovisor.cli;

import java.util.Locale;
import org.chronovisor.query.Backtrace;
import org.chronovisor.query.InstructionView;
import org.chronovisor.query.MemoryBytes;

/** How values look to people. */
final class Format {
  private static final int ROW = 16;

  private Format() {}

  /** A size in bytes with a unit. */
  static String bytes(long bytes) {
    if (bytes < 10_000) {
      return bytes + " bytes";
    }
    if (bytes < 10_000_000) {
      return String.format(Locale.ROOT, "%.1f KB", bytes / 1e3);
    }
    return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
  }

  static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }

  /** {@code 0x1009f5 heap_alloc+0x21}. */
  static String place(long address, String symbol) {
    return symbol == null ? hex(address) : hex(address) + " " + symbol;
  }

  /** {@code 0x1009f5 heap_alloc+0x21: mov (%rbx),%rdx}. */
  static String instruction(InstructionView view) {
    return place(view.pc(), view.symbol()) + ": " + view.display();
  }

  /** An instruction with its source line, where it is known. */
  static String sourced(InstructionView view) {
    return view.source() == null ? instruction(view) : instruction(view) + "  " + view.source();
  }

  /** A function of a backtrace; how it was found is said unless that is certain. */
  static String frame(Backtrace.Frame frame) {
    String place = place(frame.pc(), frame.symbol());
    String text = frame.source() == null ? place : place + "  " + frame.source();
    return switch (frame.how()) {
      case RUNNING, CALL_FRAME_INFORMATION -> text;
      case INLINED, FRAME_POINTER, INTERRUPT, SCAN -> text + "  (" + frame.how().text() + ")";
    };
  }

  /** Rows of sixteen bytes: address, bytes ({@code ??} unknown, {@code --} not mapped), text. */
  static String dump(MemoryBytes memory) {
    StringBuilder out = new StringBuilder();
    for (int row = 0; row < memory.length(); row += ROW) {
      out.append(String.format("0x%016x ", memory.address() + row));
      StringBuilder text = new StringBuilder();
      for (int i = row; i < row + ROW; i++) {
        if (i % ROW == ROW / 2) {
          out.append(' ');
        }
        if (i >= memory.length()) {
          out.append("   ");
        } else {
          out.append(' ').append(memory.cell(i));
          text.append(memory.character(i));
        }
      }
      out.append("  |").append(text).append('|').append(System.lineSeparator());
    }
    return out.toString();
  }

  /** An estimated ratio; it says that it is one. */
  static String slowdown(double ratio) {
    return String.format(Locale.ROOT, "about %.1fx (estimated)", ratio);
  }
}
