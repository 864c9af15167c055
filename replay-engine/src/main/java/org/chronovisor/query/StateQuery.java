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
   * @param instruction the next one
   * @param source {@code file:line}, or null when unknown
   * @param levels the source's levels, innermost first: inlined functions, then the one that has
   *     the code
   * @param sourceText the line, when the trace has the source file; null otherwise
   */
  public record State(
      long position,
      CpuState cpu,
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
        session.replayer().cpu().save(),
        next,
        next.source(),
        session.sourceFrames(next.pc()),
        session.lines().at(next.pc()).flatMap(session.sources()::line).orElse(null));
  }
}
