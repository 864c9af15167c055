package org.chronovisor.query;

import java.util.List;
import java.util.Optional;
import org.chronovisor.trace.Transfer;

/**
 * An interrupt or exception that the CPU delivered.
 *
 * @param vector -1 when no gate of the interrupt descriptor table tells it
 * @param pc linear address of the instruction that was interrupted or has faulted
 */
public record Delivery(long position, int vector, long pc, Transfer transfer) {
  /** What was delivered, for people. */
  public String name() {
    return Vectors.name(vector);
  }

  /**
   * The last one that was delivered between the instruction before a position and the one at it.
   */
  public static Optional<Delivery> at(TraceSession session, long position) {
    int segment = session.replayer().segmentOf(position);
    for (int i = segment; i >= Math.max(0, segment - 1); i--) {
      List<Transfer> transfers = session.trace().events(i).transfers();
      for (int t = transfers.size() - 1; t >= 0; t--) {
        Transfer transfer = transfers.get(t);
        if (transfer.position() == position && !transfer.special()) {
          return Optional.of(of(new Vectors(session), transfer, i));
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Describes a transfer that no special instruction made.
   *
   * @param segment that recorded it
   */
  public static Delivery of(Vectors vectors, Transfer transfer, int segment) {
    return new Delivery(
        transfer.position(),
        vectors.of(transfer, segment),
        InterruptFrame.of(transfer).returnAddress(),
        transfer);
  }
}
