package org.chronovisor.query;

import java.util.ArrayList;
import java.util.List;
import org.chronovisor.replay.Replayer;
import org.chronovisor.x86.CpuState;

/** The memory accesses of each instruction of a short stretch, as its operands tell. */
public final class AccessLog {
  private static final int RSP = 4;

  private AccessLog() {}

  /**
   * One access.
   *
   * @param position of the instruction
   * @param stack the stack pointer is its address's base
   * @param physical guest physical address of the first byte
   */
  public record Access(
      long position, long pc, boolean store, boolean stack, long linear, long physical, int size) {
    public boolean overlaps(Access other) {
      return physical < other.physical + other.size && other.physical < physical + size;
    }
  }

  /** Replays a stretch; what instructions that are not understood do is not in the log. */
  public static List<Access> of(TraceSession session, long from, long to) {
    List<Access> log = new ArrayList<>();
    InstructionHistory history = session.history();
    for (long at = from; at < to; at++) {
      history.at(at); // replayed before the walk below, which must not be disturbed
    }
    Replayer replayer = session.replayer();
    session.seek(from);
    replayer.tellInstructions(
        (insn, position) -> {
          Executed executed = history.at(position);
          if (executed.shape() != null) {
            CpuState cpu = replayer.cpu().save();
            for (Effect effect : executed.shape().effects()) {
              for (Operand operand : effect.from()) {
                add(log, session, executed, cpu, position, operand, false);
              }
              add(log, session, executed, cpu, position, effect.to(), true);
            }
            for (Operand operand : executed.shape().compared()) {
              add(log, session, executed, cpu, position, operand, false);
            }
          }
        });
    try {
      replayer.runTo(to);
    } finally {
      replayer.tellInstructions(null);
    }
    return log;
  }

  private static void add(
      List<Access> log,
      TraceSession session,
      Executed executed,
      CpuState cpu,
      long position,
      Operand operand,
      boolean store) {
    if (operand.kind() != Operand.Kind.MEMORY || operand.size() == 0) {
      return;
    }
    long linear = operand.memory().address(cpu, executed.next());
    long physical = session.replayer().cpu().mmu.find(linear);
    if (physical >= 0) {
      log.add(
          new Access(
              position,
              executed.pc(),
              store,
              operand.memory().base() == RSP,
              linear,
              physical,
              operand.size()));
    }
  }
}
