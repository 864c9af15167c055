package org.chronovisor.view.model;

import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.chronovisor.query.ExecutionCounts;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.Stepper;
import org.chronovisor.query.TraceSession;
import org.chronovisor.symbols.SourceLine;
import org.chronovisor.trace.CodeBlock;
import org.chronovisor.trace.Symbol;

/**
 * The lines of a function that the present call of it has executed so far. What it called itself
 * again counts too.
 *
 * @param whole the call began at {@code from}; false: it began earlier, too far back to be looked
 *     at
 */
public record CallScope(String file, Set<Integer> lines, long from, boolean whole) {
  /** A call that began further back is only looked at in part. */
  private static final long FURTHEST = 20_000_000;

  private static final long PART = 2_000_000;
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);

  public CallScope {
    lines = Set.copyOf(lines);
  }

  /**
   * Looks back from a position.
   *
   * @param pc of an instruction of the function, which may be interrupted there
   * @return empty when the function or its lines are not known
   */
  public static Optional<CallScope> at(
      TraceSession session, JobControl control, long position, long pc) {
    Optional<Symbol> function = session.symbols().at(pc).filter(Symbol::function);
    Optional<SourceLine> line = session.lines().at(pc);
    if (function.isEmpty() || line.isEmpty()) {
      return Optional.empty();
    }
    long entry = entry(session, control, position, function.get().address());
    boolean whole = entry >= 0 && position - entry <= FURTHEST;
    long from = whole ? entry : Math.max(0, position - PART);
    ExecutionCounts counts = ExecutionCounts.of(session.trace(), from, position, control);
    Set<Integer> lines = new TreeSet<>();
    long start = function.get().address();
    for (CodeBlock block : session.trace().blocks()) {
      for (CodeBlock.Instruction instruction : block.instructions()) {
        boolean inside =
            Long.compareUnsigned(instruction.pc() - start, Math.max(1, function.get().size())) < 0;
        if (inside && counts.at(instruction.pc()) > 0) {
          session
              .lines()
              .at(instruction.pc())
              .filter(at -> at.file().equals(line.get().file()))
              .ifPresent(at -> lines.add(at.line()));
        }
      }
    }
    return Optional.of(new CallScope(line.get().file(), lines, from, whole));
  }

  /** Position of the first instruction of the present call; -1 when it is not found soon. */
  private static long entry(
      TraceSession session, JobControl control, long position, long function) {
    session.seek(position);
    long limit = System.nanoTime() + PATIENCE_NANOS;
    ProgressListener patience =
        new ProgressListener() {
          @Override
          public void progress(long done, long total) {
            control.progress(done, total);
          }

          @Override
          public boolean isCancelled() {
            return control.isCancelled() || System.nanoTime() > limit;
          }
        };
    Stepper stepper = new Stepper(session);
    return stepper.toEntry(function, patience) ? stepper.position() : -1;
  }
}
