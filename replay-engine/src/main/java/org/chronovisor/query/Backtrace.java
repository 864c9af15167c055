package org.chronovisor.query;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.chronovisor.trace.Symbol;
import org.chronovisor.x86.CpuState;
import org.chronovisor.x86.Mode;

/**
 * The functions that are active at a position, found by frame pointers: it needs code compiled with
 * them, and ends where a return address does not follow a call.
 */
public final class Backtrace {
  private static final int LONGEST = 64;
  private static final int RSP = 4;
  private static final int RBP = 5;

  /** Longest {@code call} with memory operand: opcode, modrm, sib, displacement, prefixes. */
  private static final int LONGEST_CALL = 9;

  private Backtrace() {}

  /**
   * An active function.
   *
   * @param pc the next instruction (the innermost), or the return address
   * @param symbol {@code name+0xoff}, or null
   * @param source {@code file:line} of the next instruction or of the call, or null when unknown
   */
  public record Frame(long pc, String symbol, String source) {}

  /** Innermost function first. */
  public static List<Frame> at(TraceSession session, long position) {
    session.seek(position);
    return here(session, session.replayer().cpu().save(), session.pc());
  }

  public static List<Frame> here(TraceSession session, CpuState cpu, long pc) {
    Mode mode = session.replayer().cpu().mode();
    List<Frame> frames = new ArrayList<>();
    frames.add(new Frame(pc, session.symbols().name(pc), session.lines().name(pc)));
    if (mode == Mode.CODE16) {
      return frames;
    }
    int slot = mode == Mode.CODE64 ? 8 : 4;
    long frame = cpu.words[RBP];
    long returnSlot = returnSlot(session, cpu, pc, slot);
    boolean framed = returnSlot == frame + slot;
    while (frames.size() < LONGEST) {
      MemoryBytes saved = MemoryQuery.here(session, returnSlot, slot);
      if (!saved.isKnown(0, slot)) {
        break;
      }
      long returnAddress = saved.value(0, slot);
      if (!followsCall(session, returnAddress, mode)) {
        break;
      }
      String source = session.lines().name(returnAddress - 1);
      frames.add(new Frame(returnAddress, caller(session, returnAddress), source));
      if (framed) {
        MemoryBytes link = MemoryQuery.here(session, frame, slot);
        if (!link.isKnown(0, slot) || Long.compareUnsigned(link.value(0, slot), frame) <= 0) {
          break;
        }
        frame = link.value(0, slot);
      }
      framed = true;
      returnSlot = frame + slot;
    }
    return frames;
  }

  /** Of the call itself: behind a function's last call another function may begin. */
  private static String caller(TraceSession session, long returnAddress) {
    return session
        .symbols()
        .at(returnAddress - 1)
        .map(s -> s.name() + "+0x" + Long.toHexString(returnAddress - s.address()))
        .orElse(null);
  }

  /** Where the innermost return address lies: before the frame is set up it is near the top. */
  private static long returnSlot(TraceSession session, CpuState cpu, long pc, int slot) {
    long entry = session.symbols().at(pc).filter(Symbol::function).map(Symbol::address).orElse(pc);
    MemoryBytes code = MemoryQuery.here(session, entry, 8);
    boolean marked = code.value(0, 4) == 0xfa1e0ff3L || code.value(0, 4) == 0xfb1e0ff3L;
    long push = entry + (marked ? 4 : 0);
    if (entry != pc || session.symbols().at(pc).isPresent()) {
      if (Long.compareUnsigned(pc, push) <= 0) {
        return cpu.words[RSP];
      }
      if (pc == push + 1) {
        return cpu.words[RSP] + slot;
      }
      if (code.isKnown(0, 8) && (code.bytes()[marked ? 4 : 0] & 0xff) != 0x55) {
        return cpu.words[RSP]; // a leaf without a frame: right unless it has pushed something
      }
    }
    return cpu.words[RBP] + slot;
  }

  private static boolean followsCall(TraceSession session, long address, Mode mode) {
    MemoryBytes code = MemoryQuery.here(session, address - LONGEST_CALL, LONGEST_CALL);
    for (int length = 2; length <= LONGEST_CALL; length++) {
      int at = LONGEST_CALL - length;
      if (!code.isKnown(at, length)) {
        continue;
      }
      byte[] bytes = Arrays.copyOfRange(code.bytes(), at, LONGEST_CALL);
      InstructionShape shape = InstructionShape.of(bytes, mode);
      if (shape != null && shape.isCall() && shape.length() == length) {
        return true;
      }
    }
    return false;
  }
}
