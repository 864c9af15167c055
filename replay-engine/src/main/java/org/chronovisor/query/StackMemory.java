package org.chronovisor.query;

import java.util.Arrays;
import java.util.OptionalLong;
import org.chronovisor.replay.Unknown;

/** Known linear memory at the session's position, for many small reads. */
final class StackMemory {
  private final TraceSession session;
  private final Unknown unknown;

  /**
   * @param session must stay where it is
   */
  StackMemory(TraceSession session) {
    this.session = session;
    unknown = session.replayer().unknown();
  }

  /** Little-endian value of 1 to 8 bytes, zero-extended; empty when one is not known. */
  OptionalLong value(long address, int size) {
    MemoryBytes memory = MemoryQuery.here(session, unknown, address, size);
    return memory.isKnown(0, size) ? OptionalLong.of(memory.value(0, size)) : OptionalLong.empty();
  }

  /** Known bytes from an address on, fewer when one is not known. */
  byte[] bytes(long address, int length) {
    MemoryBytes memory = MemoryQuery.here(session, unknown, address, length);
    int known = 0;
    while (known < length && memory.isKnown(known)) {
      known++;
    }
    return Arrays.copyOf(memory.bytes(), known);
  }
}
