package org.chronovisor.query;

import java.util.Arrays;
import java.util.OptionalLong;
import org.chronovisor.memory.Page;
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
    long value = 0;
    Page page = null;
    for (int i = size - 1; i >= 0; i--) {
      long physical = MemoryQuery.walk(session.replayer().cpu().mmu, address + i);
      if (physical == -1 || unknown.contains(physical)) {
        return OptionalLong.empty();
      }
      if (page == null || page.frame != physical >>> 12) {
        page = session.replayer().cpu().mmu.memory().page(physical >>> 12);
        if (page == null) {
          return OptionalLong.empty();
        }
      }
      value = value << 8 | page.bytes[(int) physical & (Page.SIZE - 1)] & 0xff;
    }
    return OptionalLong.of(value);
  }

  /** Known bytes from an address on, fewer when one is not known. */
  byte[] bytes(long address, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      OptionalLong one = value(address + i, 1);
      if (one.isEmpty()) {
        return Arrays.copyOf(bytes, i);
      }
      bytes[i] = (byte) one.getAsLong();
    }
    return bytes;
  }
}
