package org.chronovisor.query;

import java.util.List;
import org.chronovisor.symbols.SourceFrame;
import org.chronovisor.x86.CpuState;

/** The registers at a position. */
public final class StateQuery {
  private StateQuery() {}

  /**
   * What a CPU looks like before an instruction.
   *
   * @param number which vCPU it is
   * @param pc linear address of the next instruction of that vCPU
   * @param instruction the next one; null for a vCPU that does not execute at the position
   * @param source {@code file:line}, or null when unknown
   * @param levels the source's levels, innermost first: inlined functions, then the one that has
   *     the code
   * @param sourceText the line, when the trace has the source file; null otherwise
   */
  public record State(
      long position,
      int number,
      CpuState cpu,
      long pc,
      InstructionView instruction,
      String source,
      List<SourceFrame> levels,
      String sourceText) {}

  /**
   * Registers before the instruction at a position.
   *
   * @throws QueryException when the trace has no such position
   */
  public static State at(TraceSession session, long position) {
    session.seek(position);
    InstructionView next = session.next();
    return new State(
        position,
        session.replayer().currentCpu(),
        session.replayer().cpu().save(),
        session.pc(),
        next,
        next.source(),
        session.sourceFrames(next.pc()),
        session.lines().at(next.pc()).flatMap(session.sources()::line).orElse(null));
  }

  /**
   * Registers of one vCPU before the instruction at a position, which another one may execute.
   *
   * @throws QueryException when the trace has no such position or vCPU
   */
  public static State at(TraceSession session, long position, int number) {
    int cpus = session.replayer().cpus();
    if (number < 0 || number >= cpus) {
      throw new QueryException(
          "no vCPU " + number + ": the guest has " + (cpus == 1 ? "one, 0" : "0 to " + (cpus - 1)));
    }
    session.seek(position);
    if (number == session.replayer().currentCpu()) {
      return at(session, position);
    }
    CpuState state = session.replayer().state(number);
    long pc = state.words[CpuState.RIP] + (isFlat(state) ? 0 : state.segments[1].base());
    return new State(
        position,
        number,
        state,
        pc,
        null,
        session.lines().name(pc),
        session.sourceFrames(pc),
        session.lines().at(pc).flatMap(session.sources()::line).orElse(null));
  }

  /** 64-bit code, where the base of cs does not count. */
  private static boolean isFlat(CpuState state) {
    return state.segments[1].isLong() && (state.words[CpuState.EFER] & 0x400) != 0;
  }
}
