package org.chronovisor.query;

import java.util.Arrays;
import java.util.List;
import org.chronovisor.memory.Page;
import org.chronovisor.replay.Unknown;
import org.chronovisor.symbols.AddressExpression;
import org.chronovisor.x86.Mmu;

/** What guest memory holds at a position. */
public final class MemoryQuery {
  /** Longest range one query answers. */
  public static final int LONGEST = 1 << 24;

  private MemoryQuery() {}

  /**
   * Reads memory as it is before the instruction at a position.
   *
   * @param expression linear, in the address space of that moment, or physical
   * @param length in [1, {@link #LONGEST}]
   * @throws NotMappedException when the first byte is not mapped
   * @throws QueryException when there is no such position
   */
  public static MemoryBytes read(
      TraceSession session, long position, AddressExpression expression, int length) {
    session.seek(position);
    long address = session.evaluate(expression);
    MemoryBytes memory =
        expression.physical() ? physical(session, address, length) : here(session, address, length);
    if (!memory.isMapped(0)) {
      throw new NotMappedException(address, position);
    }
    return memory;
  }

  /** Reads linear memory at the session's position; bytes without a translation are marked. */
  public static MemoryBytes here(TraceSession session, long address, int length) {
    return here(session, session.replayer().unknown(), address, length);
  }

  /**
   * The same for many reads at one position.
   *
   * @param unknown what is not known there: it takes some time to find out
   */
  static MemoryBytes here(TraceSession session, Unknown unknown, long address, int length) {
    checkLength(length);
    MemoryBytes memory = empty(address, false, length);
    Mmu mmu = session.replayer().cpu().mmu;
    for (int done = 0; done < length; ) {
      int chunk = chunk(address + done, length - done);
      long physical = mmu.find(address + done);
      if (physical == -1) {
        Arrays.fill(memory.states(), done, done + chunk, MemoryBytes.UNMAPPED);
      } else {
        copy(session, unknown, physical, memory, done, chunk);
      }
      done += chunk;
    }
    return memory;
  }

  private static MemoryBytes physical(TraceSession session, long address, int length) {
    checkLength(length);
    MemoryBytes memory = empty(address, true, length);
    Unknown unknown = session.replayer().unknown();
    for (int done = 0; done < length; ) {
      int chunk = chunk(address + done, length - done);
      copy(session, unknown, address + done, memory, done, chunk);
      done += chunk;
    }
    return memory;
  }

  /** Reads the parts of a range at the session's position; the address is the first part's. */
  public static MemoryBytes physical(TraceSession session, List<PhysicalRange> parts) {
    PhysicalRange last = parts.get(parts.size() - 1);
    MemoryBytes memory = empty(parts.get(0).physical(), true, last.offset() + last.length());
    Unknown unknown = session.replayer().unknown();
    for (PhysicalRange part : parts) {
      copy(session, unknown, part.physical(), memory, part.offset(), part.length());
    }
    return memory;
  }

  private static void copy(
      TraceSession session,
      Unknown unknown,
      long physical,
      MemoryBytes memory,
      int at,
      int length) {
    Page page = session.replayer().cpu().mmu.memory().page(physical >>> 12);
    if (page == null) {
      Arrays.fill(memory.states(), at, at + length, MemoryBytes.UNKNOWN);
      return;
    }
    int offset = (int) physical & (Page.SIZE - 1);
    for (int i = 0; i < length; i++) {
      if (unknown.contains(physical + i)) {
        memory.states()[at + i] = MemoryBytes.UNKNOWN;
      } else {
        memory.bytes()[at + i] = page.bytes[offset + i];
      }
    }
  }

  private static MemoryBytes empty(long address, boolean physical, int length) {
    return new MemoryBytes(address, physical, new byte[length], new byte[length]);
  }

  /** Bytes up to the end of the page, at most {@code left}. */
  private static int chunk(long address, int left) {
    return Math.min(left, Page.SIZE - (int) (address & (Page.SIZE - 1)));
  }

  private static void checkLength(int length) {
    if (length < 1 || length > LONGEST) {
      throw new QueryException("a length must be from 1 to " + LONGEST + " bytes");
    }
  }
}
