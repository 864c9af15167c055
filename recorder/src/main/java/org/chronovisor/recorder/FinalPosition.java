package org.chronovisor.recorder;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.chronovisor.trace.Transfer;
import org.chronovisor.x86.CpuState;
import org.chronovisor.x86.EndKind;
import org.chronovisor.x86.PathHash;
import org.chronovisor.x86.Plan;
import org.chronovisor.x86.Registers;
import org.chronovisor.x86.Segment;

/**
 * Where a stopped guest stands: the rules of docs/ring-protocol.md ("Retired instructions"),
 * applied to the final registers as if one more block began at rip.
 *
 * @param position instructions retired in all
 * @param hash path hash there
 * @param pc linear
 * @param lastRetired index in the last block of the instruction that retired last, or -1
 * @param transfer one that no block came after, or null
 * @param explained false when no rule explains how control came to {@code pc}
 */
record FinalPosition(
    long position, long hash, long pc, int lastRetired, Transfer transfer, boolean explained) {
  private static final long LONG_ACTIVE = 1 << 10;
  private static final long PROTECTED = 1;
  private static final int FRAME = 64;

  /** Not canonical: no address of code. The plugin's word for it, too. */
  static final long NO_FRAME = 0x8000_0000_0000_0001L;

  /** Reads guest memory at a linear address; may give fewer bytes. */
  @FunctionalInterface
  interface Memory {
    byte[] read(long address, int length) throws IOException;
  }

  static FinalPosition of(
      SegmentBuilder.End end, RecordedBlock translated, CpuState state, Memory memory)
      throws IOException {
    RecordedBlock block = translated.at(end.blockPc());
    boolean code64 = MonitorRegisters.mode(state) == org.chronovisor.x86.Mode.CODE64;
    long pc = state.words[CpuState.RIP] + (code64 ? 0 : state.segments[1].base());
    int n = block.pcs().length;
    boolean special = end.complete() && block.end() == EndKind.SPECIAL;
    if (end.complete() && isExpected(block, end, state, pc)) {
      return at(end, pc, n, pc != block.next());
    }
    int i = special ? -1 : indexAt(block, pc);
    if (i >= 0 && (!end.complete() || i == n - 1)) {
      return at(end, pc, i, false);
    }
    byte[] frame = frame(state, memory);
    ByFrame byFrame =
        special ? specialByFrame(block, state, frame) : retiredByFrame(block, end, state, frame);
    boolean explained = byFrame != null;
    int retired = explained ? byFrame.retired : end.complete() ? n : Math.min(n, end.nextCapture());
    boolean failed = special && retired < n;
    boolean jumped = explained && retired == n && !special && byFrame.rip != block.next();
    long hash = jumped ? PathHash.step(end.hash(), byFrame.rip) : end.hash();
    long position = end.position() + retired;
    Transfer transfer =
        new Transfer(
            position, special && !failed, pc, registers(state), frameAddress(state), frame);
    return new FinalPosition(
        position, PathHash.step(hash, pc), pc, retired - 1, transfer, explained);
  }

  /** A special instruction has retired, unless the frame of an exception names it. */
  private static ByFrame specialByFrame(RecordedBlock block, CpuState state, byte[] frame) {
    int n = block.pcs().length;
    for (int at = 0; at <= slot(state); at += slot(state)) {
      // An iret fails with an error code; without one it has led to itself.
      boolean returned = at == 0 && slot(state) > 2 && block.last().endRegister() == Plan.IRET;
      if (rip(state, frame, at) == block.pcs()[n - 1] && !returned) {
        return new ByFrame(n - 1, block.pcs()[n - 1]);
      }
    }
    return new ByFrame(n, block.next());
  }

  /**
   * The transfer by which a vCPU came to where it stands from {@code pc}, where nothing was under
   * way; null when no frame on its stack names that address.
   */
  static Transfer interruptAt(long position, long pc, CpuState state, long now, Memory memory)
      throws IOException {
    byte[] frame = frame(state, memory);
    for (int at = 0; at <= slot(state); at += slot(state)) {
      if (rip(state, frame, at) == pc) {
        return new Transfer(position, false, now, registers(state), frameAddress(state), frame);
      }
    }
    return null;
  }

  private static FinalPosition at(SegmentBuilder.End end, long pc, int retired, boolean hashed) {
    return new FinalPosition(
        end.position() + retired,
        hashed ? PathHash.step(end.hash(), pc) : end.hash(),
        pc,
        retired - 1,
        null,
        true);
  }

  private static boolean isExpected(
      RecordedBlock block, SegmentBuilder.End end, CpuState state, long pc) {
    Plan last = block.last();
    return switch (block.end()) {
      case FALL, REP -> pc == block.next();
      case JUMP -> goesTo(last.target(), state, pc);
      case BRANCH -> pc == block.next() || goesTo(last.target(), state, pc);
      case REG -> names(StateRegisters.get(state, last.endRegister()), state, pc);
      case MEM, RET -> end.target() != NO_FRAME && names(end.target(), state, pc);
      case SPECIAL -> false;
    };
  }

  /** Whether a jump leads to an address; in 16-bit code its offset wraps. */
  private static boolean goesTo(long target, CpuState state, long pc) {
    return pc == target
        || slot(state) != 8 && (short) (target - pc) == 0 && pc - codeBase(state) >>> 16 == 0;
  }

  /** Whether an offset in the code segment, in 16-bit code one of 16 bits, names an address. */
  private static boolean names(long offset, CpuState state, long pc) {
    if (slot(state) == 8) {
      return pc == offset;
    }
    int is = (int) (pc - codeBase(state));
    return is == (int) offset || is == (offset & 0xffff);
  }

  /** Outside long mode. */
  private static long codeBase(CpuState state) {
    return slot(state) == 8 ? 0 : state.segments[1].base();
  }

  private static int indexAt(RecordedBlock block, long pc) {
    for (int i = 0; i < block.pcs().length; i++) {
      if (block.pcs()[i] == pc) {
        return i;
      }
    }
    return -1;
  }

  /** Instructions of the last block that retired, as an interrupt frame's rip tells. */
  private record ByFrame(int retired, long rip) {}

  private static ByFrame retiredByFrame(
      RecordedBlock block, SegmentBuilder.End end, CpuState state, byte[] frame) {
    for (int at = 0; at <= slot(state); at += slot(state)) {
      long rip = rip(state, frame, at);
      if (rip == NO_FRAME) {
        continue;
      }
      if (end.complete() && isExpected(block, end, state, rip)) {
        return new ByFrame(block.pcs().length, rip);
      }
      int i = indexAt(block, rip);
      if (i >= 0) {
        return new ByFrame(i, rip);
      }
      if (rip == block.next()) {
        return new ByFrame(block.pcs().length, rip);
      }
    }
    return null;
  }

  /** Bytes of each value that an interrupt pushes. */
  private static int slot(CpuState state) {
    if ((state.words[CpuState.EFER] & LONG_ACTIVE) != 0) {
      return 8;
    }
    return (state.words[CpuState.CR0] & PROTECTED) != 0 ? 4 : 2;
  }

  /**
   * The address in an interrupt frame; {@link #NO_FRAME} when what should be cs and flags does not
   * look like them. The frame may be cut at the page's end.
   */
  private static long rip(CpuState state, byte[] frame, int at) {
    int slot = slot(state);
    ByteBuffer in = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
    long[] values = new long[3];
    for (int i = 0; i < 3; i++, at += slot) {
      if (at + slot > frame.length) {
        return i > 0 ? linear(values, state) : NO_FRAME;
      }
      values[i] =
          switch (slot) {
            case 8 -> in.getLong(at);
            case 4 -> in.getInt(at) & 0xffff_ffffL;
            default -> in.getShort(at) & 0xffffL;
          };
    }
    boolean plausible = values[1] >>> 16 == 0 && (values[2] & 0xffff_ffff_ffc0_802aL) == 2;
    return plausible ? linear(values, state) : NO_FRAME;
  }

  /** The frame's rip; a handler in protected mode is taken to have the same base. */
  private static long linear(long[] frame, CpuState state) {
    return frame[0] + (slot(state) == 2 ? frame[1] << 4 : codeBase(state));
  }

  /** Puts back into a state the registers that an interrupt has pushed. */
  static void takeBack(Transfer transfer, CpuState state) {
    ByteBuffer in = ByteBuffer.wrap(transfer.frame()).order(ByteOrder.LITTLE_ENDIAN);
    int slot = slot(state);
    for (int at = 0; at <= slot; at += slot) {
      if (rip(state, transfer.frame(), at) == NO_FRAME || at + 3 * slot > in.capacity()) {
        continue;
      }
      boolean whole = at + 5 * slot <= in.capacity();
      int cs = in.getShort(at + slot) & 0xffff;
      boolean outer = slot == 8 || (cs & 3) > (state.segments[1].selector() & 3);
      // RF is set in the pushed image only.
      state.words[CpuState.RFLAGS] =
          slot == 2 ? in.getShort(at + 4) & 0xffffL : in.getInt(at + 2 * slot) & 0xfffe_ffffL;
      select(state, 1, cs);
      if (slot == 2) {
        long rsp = state.words[Registers.RSP];
        state.words[Registers.RSP] = rsp & ~0xffffL | (rsp + 6 & 0xffff);
      } else if (!outer) {
        state.words[Registers.RSP] = transfer.frameAddress() + at + 3L * slot;
      } else if (whole) {
        state.words[Registers.RSP] =
            slot == 8 ? in.getLong(at + 24) : in.getInt(at + 12) & 0xffff_ffffL;
        select(state, 2, in.getShort(at + 4 * slot) & 0xffff);
      }
      return;
    }
  }

  private static void select(CpuState state, int segment, int selector) {
    Segment old = state.segments[segment];
    state.segments[segment] = new Segment(selector, old.base(), old.limit(), old.attributes());
  }

  private static long frameAddress(CpuState state) {
    long rsp = state.words[Registers.RSP];
    return switch (slot(state)) {
      case 8 -> rsp;
      case 4 -> rsp & 0xffff_ffffL;
      default -> state.segments[2].base() + (rsp & 0xffff);
    };
  }

  private static byte[] frame(CpuState state, Memory memory) throws IOException {
    long address = frameAddress(state);
    byte[] bytes = memory.read(address, FRAME);
    return bytes.length > FRAME ? Arrays.copyOf(bytes, FRAME) : bytes;
  }

  private static long[] registers(CpuState state) {
    long[] registers = new long[32];
    for (int i = 0; i < registers.length; i++) {
      registers[i] = StateRegisters.get(state, i);
    }
    return registers;
  }
}
