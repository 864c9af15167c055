package org.chronovisor.query;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Transfer;
import org.chronovisor.x86.Registers;

/** Finds the last exception that the CPU delivered to the guest. */
public final class ExceptionFinder {
  private static final int EXCEPTIONS = 32;
  private static final int NON_MASKABLE = 2;
  private static final int BREAKPOINT = 3;
  private static final int RSP = 4;

  private ExceptionFinder() {}

  /**
   * A delivered exception.
   *
   * @param vector 0 to 31
   */
  public record Delivered(int vector, Transfer transfer) {}

  /** The last exception from which control has not come back to where it was raised. */
  public static Optional<Delivered> lastUnhandled(TraceSession session, ProgressListener progress) {
    TraceReader trace = session.trace();
    Vectors vectors = new Vectors(session);
    List<Transfer> returns = new ArrayList<>();
    for (int i = trace.segmentCount() - 1; i >= 0; i--) {
      progress.progress(trace.segmentCount() - 1L - i, trace.segmentCount());
      List<Transfer> transfers = trace.events(i).transfers();
      for (int t = transfers.size() - 1; t >= 0; t--) {
        Transfer transfer = transfers.get(t);
        if (transfer.special()) {
          returns.add(transfer);
          continue;
        }
        int vector = vectors.of(transfer, i);
        boolean exception =
            vector >= 0 && vector < EXCEPTIONS && vector != NON_MASKABLE && vector != BREAKPOINT;
        if (exception && !isHandled(transfer, returns)) {
          return Optional.of(new Delivered(vector, transfer));
        }
      }
    }
    return Optional.empty();
  }

  private static boolean isHandled(Transfer exception, List<Transfer> returns) {
    long stack = InterruptFrame.of(exception).stackPointer();
    return returns.stream()
        .anyMatch(
            r ->
                r.position() >= exception.position()
                    && r.registers()[RSP] == stack
                    && r.registers()[Registers.CR3] == exception.registers()[Registers.CR3]);
  }
}
