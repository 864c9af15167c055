package org.chronovisor.query.calls;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.search.SegmentScan;
import org.chronovisor.trace.SegmentInfo;
import org.chronovisor.x86.CpuState;

/** Walks all calls of a run once, replaying several segments at a time. */
final class CallWalk {
  private final List<CpuState> starts;
  private final Stacks[] cpus;
  private Stacks current;

  private CallWalk(SegmentInfo first, Functions functions, CallVisitor visitor) {
    starts = first.cpus();
    cpus = new Stacks[starts.size()];
    AtomicInteger numbers = new AtomicInteger();
    for (int i = 0; i < cpus.length; i++) {
      cpus[i] = new Stacks(i, functions, visitor, numbers);
    }
    current = cpus[first.cpu()];
    start(first.cpu());
  }

  /** A vCPU goes on that has executed nothing yet. */
  private void start(int cpu) {
    CpuState state = starts.get(cpu);
    long base = state.segments[1].isLong() ? 0 : state.segments[1].base();
    current.start(0, state.words[CpuState.RIP] + base, state.words[4]);
  }

  /**
   * Walks from the start of the run.
   *
   * @param to position at which the walk may end
   * @return the innermost function there, or null
   */
  static Frame run(TraceSession session, long to, CallVisitor visitor, ProgressListener progress) {
    Functions functions = new Functions(session.symbols());
    CallWalk walk = new CallWalk(session.trace().segment(0), functions, visitor);
    List<Integer> segments = new ArrayList<>();
    for (int i = 0; i < session.trace().segmentCount(); i++) {
      if (session.trace().segment(i).start() <= to) {
        segments.add(i);
      }
    }
    new SegmentScan<>(
            session.trace(),
            (replayer, segment) -> FlowEvents.of(session.trace(), replayer, segment, functions),
            progress)
        .run(segments, events -> walk.accept(events, to));
    return walk.finish(Math.min(to, session.end()));
  }

  /** Returns whether the walk goes on. */
  private boolean accept(FlowEvents events, long to) {
    for (int i = 0; i < events.count(); i++) {
      long position = events.position(i);
      if (position > to) {
        return false;
      }
      switch (events.kind(i)) {
        case SWITCH -> {
          boolean restarted = i + 1 < events.count() && events.kind(i + 1) == FlowEvents.Kind.START;
          change((int) events.target(i), restarted, position);
        }
        case START -> current.start(position, events.target(i), events.stack(i));
        default -> current.accept(events.kind(i), position, events.target(i), events.stack(i));
      }
    }
    return true;
  }

  private void change(int cpu, boolean restarted, long position) {
    current.leave(position);
    current = cpus[cpu];
    if (!restarted && !current.isStarted()) {
      start(cpu);
    }
    current.resume(position);
  }

  private Frame finish(long at) {
    current.leave(at);
    Frame innermost = current.innermost();
    for (Stacks stacks : cpus) {
      stacks.finish();
    }
    return innermost;
  }
}
