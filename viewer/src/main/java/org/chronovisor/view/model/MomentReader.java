package org.chronovisor.view.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.chronovisor.query.Backtrace;
import org.chronovisor.query.InstructionView;
import org.chronovisor.query.MemoryBytes;
import org.chronovisor.query.MemoryQuery;
import org.chronovisor.query.QueryException;
import org.chronovisor.query.TraceSession;
import org.chronovisor.symbols.AddressExpression;
import org.chronovisor.symbols.SourceLine;
import org.chronovisor.trace.Transfer;
import org.chronovisor.x86.CpuState;

/** Reads a moment in one pass over a short stretch of the run. One thread. */
final class MomentReader {
  /** Executed instructions shown before the position, and those to come. */
  private static final int EARLIER = 48;

  private static final int LATER = 24;
  private static final int STACK_BYTES = 512;

  /** Registers that the delivery of an interrupt or exception changes. */
  private static final Set<String> BY_DELIVERY = Set.of("rsp", "flags", "cr2");

  private int known = -1;
  private Set<Long> deliveries = Set.of();

  Moment read(TraceSession session, long position, CpuState before, List<Probe<?>> probes) {
    long from = Math.max(0, position - EARLIER);
    long to = Math.min(session.end(), position + LATER);
    session.seek(from);
    List<ExecutedInstruction> path = new ArrayList<>();
    CpuState cpu = walk(session, position, path, true);
    InstructionView next = session.next();
    Optional<SourceLine> line = session.lines().at(next.pc());
    List<Backtrace.Frame> frames = Backtrace.at(session, position);
    MemoryBytes stack = stack(session, position);
    Map<Probe<?>, Object> answers = new HashMap<>();
    for (Probe<?> probe : probes) {
      Object answer = ask(session, probe);
      if (answer != null) {
        answers.put(probe, answer);
      }
    }
    session.seek(position);
    walk(session, to, path, false);
    return new Moment(
        position,
        cpu,
        before == null ? cpu : before,
        next,
        line,
        List.copyOf(path),
        frames,
        stack,
        answers);
  }

  /** Executes up to a position and notes what each instruction did; returns the registers there. */
  private CpuState walk(
      TraceSession session, long to, List<ExecutedInstruction> path, boolean executed) {
    CpuState state = session.replayer().cpu().save();
    for (long at = session.replayer().position(); at < to; at++) {
      InstructionView view = session.next();
      session.seek(at + 1);
      CpuState after = session.replayer().cpu().save();
      boolean delivered = isDelivered(session, at + 1);
      List<Effect> effects = Effect.between(state, after);
      if (delivered) {
        // What the instruction itself did to these is not to be seen any more.
        effects.removeIf(effect -> BY_DELIVERY.contains(effect.register()));
      }
      path.add(new ExecutedInstruction(at, view, effects, delivered, executed));
      state = after;
    }
    return state;
  }

  private boolean isDelivered(TraceSession session, long position) {
    int segment = session.replayer().segment();
    if (segment != known) {
      deliveries =
          session.trace().events(segment).transfers().stream()
              .filter(transfer -> !transfer.special())
              .map(Transfer::position)
              .collect(Collectors.toSet());
      known = segment;
    }
    return deliveries.contains(position);
  }

  private static MemoryBytes stack(TraceSession session, long position) {
    try {
      return MemoryQuery.read(session, position, AddressExpression.parse("$rsp"), STACK_BYTES);
    } catch (QueryException notMapped) {
      return null;
    }
  }

  private static Object ask(TraceSession session, Probe<?> probe) {
    try {
      return probe.read(session);
    } catch (QueryException e) {
      return null;
    }
  }
}
