package org.chronovisor.query;

import java.util.List;
import java.util.Optional;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Transfer;
import org.chronovisor.x86.Registers;

/** Finds the last exception that the CPU delivered to the guest. */
final class ExceptionFinder {
  private static final int EXCEPTIONS = 32;
  private static final int BREAKPOINT = 3;
  private static final long LONG_MODE_ACTIVE = 0x400;
  private static final List<String> NAMES =
      List.of(
          "divide error",
          "debug exception",
          "non-maskable interrupt",
          "breakpoint",
          "overflow",
          "bound range exceeded",
          "invalid opcode",
          "device not available",
          "double fault",
          "coprocessor overrun",
          "invalid TSS",
          "segment not present",
          "stack fault",
          "general protection fault",
          "page fault",
          "exception 15",
          "floating-point error",
          "alignment check",
          "machine check",
          "SIMD floating-point exception");

  private ExceptionFinder() {}

  /**
   * A delivered exception.
   *
   * @param vector 0 to 31
   */
  record Delivered(int vector, Transfer transfer) {}

  static String name(int vector) {
    return vector < NAMES.size() ? NAMES.get(vector) : "exception " + vector;
  }

  static Optional<Delivered> last(TraceSession session, ProgressListener progress) {
    TraceReader trace = session.trace();
    for (int i = trace.segmentCount() - 1; i >= 0; i--) {
      progress.progress(trace.segmentCount() - 1L - i, trace.segmentCount());
      List<Transfer> transfers = trace.events(i).transfers();
      for (int t = transfers.size() - 1; t >= 0; t--) {
        Transfer transfer = transfers.get(t);
        if (!transfer.special()) {
          int vector = vector(session, transfer);
          if (vector >= 0 && vector != 2 && vector != BREAKPOINT) {
            return Optional.of(new Delivered(vector, transfer));
          }
        }
      }
    }
    return Optional.empty();
  }

  /** The exception whose gate leads to the transfer's target, or -1 (an interrupt). */
  private static int vector(TraceSession session, Transfer transfer) {
    session.seek(transfer.position());
    boolean wide = (transfer.registers()[Registers.EFER] & LONG_MODE_ACTIVE) != 0;
    int size = wide ? 16 : 8;
    MemoryBytes table =
        MemoryQuery.here(session, session.replayer().cpu().idtBase, EXCEPTIONS * size);
    for (int vector = 0; vector < EXCEPTIONS; vector++) {
      int at = vector * size;
      if (table.isKnown(at, size)) {
        // Intel SDM vol. 3, figures 6-2 and 6-8.
        long offset = table.value(at, 2) | table.value(at + 6, 2) << 16;
        if (wide) {
          offset |= table.value(at + 8, 4) << 32;
        }
        if (offset == transfer.pc()) {
          return vector;
        }
      }
    }
    return -1;
  }
}
