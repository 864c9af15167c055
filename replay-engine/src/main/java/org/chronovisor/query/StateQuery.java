package org.chronovisor.query;

import org.chronovisor.x86.CpuState;

/** The registers at a position. */
public final class StateQuery {
  private StateQuery() {}

  /**
   * What a CPU looks like before an instruction.
   *
   * @param instruction the next one
   * @param source {@code file:line}, or null when unknown
   */
  public record State(long position, CpuState cpu, InstructionView instruction, String source) {}

  /**
   * Registers before the instruction at a position.
   *
   * @throws QueryException when the trace has no such position
   */
  public static State at(TraceSession session, long position) {
    session.seek(position);
    InstructionView next = session.next();
    return new State(position, session.replayer().cpu().save(), next, next.source());
  }
}
