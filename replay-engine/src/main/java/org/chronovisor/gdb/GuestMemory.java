package org.chronovisor.gdb;

import java.io.ByteArrayOutputStream;
import org.chronovisor.memory.Page;
import org.chronovisor.query.TraceSession;
import org.chronovisor.replay.Unknown;
import org.chronovisor.x86.CpuState;
import org.chronovisor.x86.Mmu;

/** Linear memory at the session's position, of which only known bytes are given out. */
final class GuestMemory {
  private static final long PAGING = 0x8000_0000L;
  private static final long LA57 = 0x1000;
  private static final long LMA = 0x400;

  private final TraceSession session;
  private CpuState state;
  private Mmu mmu;
  private Unknown unknown;
  private long unknownAt = -1;

  GuestMemory(TraceSession session) {
    this.session = session;
  }

  /** The bytes from an address on up to the first that is not mapped or not known. */
  byte[] read(long address, int length) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(length);
    for (int done = 0; done < length; ) {
      int inPage = Page.SIZE - (int) ((address + done) & (Page.SIZE - 1));
      int chunk = Math.min(length - done, inPage);
      if (!copy(address + done, chunk, out)) {
        break;
      }
      done += chunk;
    }
    return out.toByteArray();
  }

  /** Copies bytes of one page; false when not all of them are known. */
  private boolean copy(long linear, int length, ByteArrayOutputStream out) {
    long physical = physical(linear);
    Page page = physical < 0 ? null : session.replayer().memory().page(physical >>> 12);
    if (page == null) {
      return false;
    }
    Unknown doubtful = unknown();
    int offset = (int) physical & (Page.SIZE - 1);
    for (int i = 0; i < length; i++) {
      if (doubtful.contains(physical + i)) {
        return false;
      }
      out.write(page.bytes[offset + i]);
    }
    return true;
  }

  /** Chooses the vCPU through whose page tables is read. */
  void select(int number) {
    state = session.replayer().state(number);
    mmu = session.replayer().mmu(number);
  }

  private long physical(long linear) {
    if ((state.words[CpuState.EFER] & LMA) == 0) {
      if (linear >>> 32 != 0) {
        return -1;
      }
    } else if ((state.words[CpuState.CR0] & PAGING) != 0) {
      // Only canonical addresses are translated.
      int unused = (state.words[CpuState.CR4] & LA57) != 0 ? 7 : 16;
      if (linear << unused >> unused != linear) {
        return -1;
      }
    }
    return mmu.find(linear);
  }

  private Unknown unknown() {
    long position = session.replayer().position();
    if (unknown == null || unknownAt != position) {
      unknown = session.replayer().unknown();
      unknownAt = position;
    }
    return unknown;
  }
}
