package org.chronovisor.view.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.chronovisor.query.Backtrace;
import org.chronovisor.query.InstructionView;
import org.chronovisor.query.MemoryBytes;
import org.chronovisor.symbols.SourceLine;
import org.chronovisor.x86.CpuState;

/**
 * What the window shows of one position. Immutable.
 *
 * @param before registers at the position shown before, for the marks
 * @param next the instruction that is next
 * @param path instructions executed just before, and those that come
 * @param frames active functions, innermost first
 * @param stack bytes from the stack pointer up
 */
public record Moment(
    long position,
    CpuState cpu,
    CpuState before,
    InstructionView next,
    Optional<SourceLine> line,
    List<ExecutedInstruction> path,
    List<Backtrace.Frame> frames,
    MemoryBytes stack,
    Map<Probe<?>, Object> answers) {
  /** What a probe read, or null when it is new or failed. */
  @SuppressWarnings("unchecked") // put there by the probe itself
  public <T> T answer(Probe<T> probe) {
    return (T) answers.get(probe);
  }
}
