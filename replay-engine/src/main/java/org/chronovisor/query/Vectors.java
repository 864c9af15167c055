package org.chronovisor.query;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.chronovisor.memory.PhysicalMemory;
import org.chronovisor.trace.TraceEnd;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Transfer;
import org.chronovisor.x86.CpuState;
import org.chronovisor.x86.InterruptGate;
import org.chronovisor.x86.Mmu;

/**
 * Tells the vector of an interrupt or exception by the interrupt descriptor table's gate that leads
 * to where control went.
 *
 * <p>The table is read at the keyframes around the transfer; only when neither has the gate is the
 * machine put to the transfer itself.
 */
public final class Vectors {
  private static final int VECTORS = 256;
  private static final long LONG_MODE_ACTIVE = 0x400;
  private static final List<String> NAMES =
      List.of(
          "divide error",
          "debug exception",
          "non-maskable interrupt",
          "breakpoint",
          "overflow",
          "bound range exceeded",
          "invalid opcode",
          "device not available",
          "double fault",
          "coprocessor overrun",
          "invalid TSS",
          "segment not present",
          "stack fault",
          "general protection fault",
          "page fault",
          "exception 15",
          "floating-point error",
          "alignment check",
          "machine check",
          "SIMD floating-point exception");

  private final TraceSession session;
  private final TraceReader trace;

  /** Vectors by target, by number of the keyframe. */
  private final Map<Integer, Map<Long, Integer>> known = new HashMap<>();

  public Vectors(TraceSession session) {
    this.session = session;
    trace = session.trace();
  }

  /** An exception's name. */
  public static String name(int vector) {
    if (vector < 0) {
      return "interrupt by an unknown gate";
    }
    if (vector < NAMES.size()) {
      return NAMES.get(vector);
    }
    return (vector < 32 ? "exception " : "interrupt ") + vector;
  }

  /**
   * The vector of a transfer, -1 when no gate leads there.
   *
   * @param segment that recorded it
   */
  public int of(Transfer transfer, int segment) {
    for (int keyframe = segment; keyframe <= segment + 1; keyframe++) {
      Integer vector = known.computeIfAbsent(keyframe, this::atKeyframe).get(transfer.pc());
      if (vector != null) {
        return vector;
      }
    }
    session.seek(transfer.position());
    CpuState now = session.replayer().cpu().save();
    return read(session.replayer().cpu().mmu, now).getOrDefault(transfer.pc(), -1);
  }

  private Map<Long, Integer> atKeyframe(int index) {
    List<CpuState> cpus =
        index < trace.segmentCount()
            ? trace.segment(index).cpus()
            : trace.end().map(TraceEnd::cpus).orElse(List.of());
    PhysicalMemory memory = new PhysicalMemory(trace.header().ram());
    memory.reset(frame -> trace.page(frame, index));
    Map<Long, Integer> vectors = new HashMap<>();
    Set<Long> tables = new HashSet<>();
    for (CpuState state : cpus) {
      if (tables.add(state.words[CpuState.IDT_BASE])) {
        Mmu mmu = new Mmu(memory);
        mmu.configure(state);
        read(mmu, state).forEach(vectors::putIfAbsent);
      }
    }
    return vectors;
  }

  private static Map<Long, Integer> read(Mmu mmu, CpuState state) {
    boolean wide = (state.words[CpuState.EFER] & LONG_MODE_ACTIVE) != 0;
    long count =
        Math.min(VECTORS, (state.words[CpuState.IDT_LIMIT] + 1) / InterruptGate.size(wide));
    Map<Long, Integer> vectors = new HashMap<>();
    for (int vector = (int) count - 1; vector >= 0; vector--) {
      Long target = InterruptGate.target(mmu, state.words[CpuState.IDT_BASE], vector, wide);
      if (target != null) {
        vectors.put(target, vector);
      }
    }
    return vectors;
  }
}
