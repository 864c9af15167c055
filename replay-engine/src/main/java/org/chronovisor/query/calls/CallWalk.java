package org.chronovisor.query.calls;

import java.util.ArrayList;
import java.util.List;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.search.SegmentScan;
import org.chronovisor.x86.CpuState;

/** Walks all calls of a run once, replaying several segments at a time. */
final class CallWalk {
  private CallWalk() {}

  /**
   * Walks from the start of the run.
   *
   * @param to position at which the walk may end
   * @return the innermost function there, or null
   */
  static Frame run(TraceSession session, long to, CallVisitor visitor, ProgressListener progress) {
    Functions functions = new Functions(session.symbols());
    Stacks stacks = new Stacks(functions, visitor);
    CpuState start = session.trace().segment(0).keyframe();
    stacks.start(0, start.words[CpuState.RIP] + start.segments[1].base(), start.words[4]);
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
        .run(
            segments,
            events -> {
              for (int i = 0; i < events.count(); i++) {
                if (events.position(i) > to) {
                  return false;
                }
                stacks.accept(
                    events.kind(i), events.position(i), events.target(i), events.stack(i));
              }
              return true;
            });
    return stacks.finish(Math.min(to, session.end()));
  }
}
