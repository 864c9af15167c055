package org.chronovisor.query;

import org.chronovisor.trace.Transfer;

/**
 * A change of a watched memory range.
 *
 * @param position of the storing instruction, or the position before which the change happened
 * @param part the part of the range that was hit
 * @param physical guest physical address of the first changed byte
 * @param size bytes changed at once
 * @param interrupted the transfer that cut the storing instruction short, or null
 */
public record MemoryChange(
    MemoryWrite.Kind kind,
    long position,
    PhysicalRange part,
    long physical,
    int size,
    Transfer interrupted) {
  /** Offset of the first changed byte in the watched range; may be negative. */
  public int offset() {
    return (int) (physical - part.physical()) + part.offset();
  }

  /** Linear address of the storing instruction where one was cut short, else of the next one. */
  public long pc(TraceSession session) {
    if (interrupted != null) {
      return InterruptFrame.of(interrupted).returnAddress();
    }
    session.seek(position);
    return session.pc();
  }
}
