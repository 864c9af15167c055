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
  private static final int FRAME = 64;

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
    if (end.complete() && isExpected(block, state, pc)) {
      return at(end, pc, n, pc != block.next());
    }
    int i = indexAt(block, pc);
    if (i >= 0 && (!end.complete() || i == n - 1)) {
      return at(end, pc, i, false);
    }
    if (special && pc == block.next()) {
      // hlt and the like: the CPU waits behind them, and no block has started there.
      return at(end, pc, n, false);
    }
    if (end.complete() && (block.end() == EndKind.RET || block.end() == EndKind.MEM)) {
      return at(end, pc, n, pc != block.next());
    }
    byte[] frame = frame(state, memory);
    ByFrame byFrame =
        special ? new ByFrame(n, block.next()) : retiredByFrame(block, end, state, frame);
    boolean explained = byFrame != null;
    int retired = explained ? byFrame.retired : end.complete() ? n : Math.min(n, end.nextCapture());
    boolean jumped = explained && retired == n && byFrame.rip != block.next();
    long hash = jumped ? PathHash.step(end.hash(), byFrame.rip) : end.hash();
    long position = end.position() + retired;
    Transfer transfer =
        new Transfer(position, special, pc, registers(state), frameAddress(state), frame);
    return new FinalPosition(
        position, PathHash.step(hash, pc), pc, retired - 1, transfer, explained);
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

  private static boolean isExpected(RecordedBlock block, CpuState state, long pc) {
    Plan last = block.last();
    return switch (block.end()) {
      case FALL, REP -> pc == block.next();
      case JUMP -> pc == last.target();
      case BRANCH -> pc == last.target() || pc == block.next();
      case REG -> pc == StateRegisters.get(state, last.endRegister());
      case MEM, RET, SPECIAL -> false;
    };
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
    int slot = (state.words[CpuState.EFER] & LONG_ACTIVE) != 0 ? 8 : 4;
    ByteBuffer in = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at <= slot && at + slot <= frame.length; at += slot) {
      long rip = slot == 8 ? in.getLong(at) : in.getInt(at) & 0xffffffffL;
      if (end.complete() && isExpected(block, state, rip)) {
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

  private static long frameAddress(CpuState state) {
    long rsp = state.words[Registers.RSP];
    return (state.words[CpuState.EFER] & LONG_ACTIVE) != 0 ? rsp : rsp & 0xffffffffL;
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
