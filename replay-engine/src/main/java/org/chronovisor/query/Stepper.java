package org.chronovisor.query;

import java.util.List;
import java.util.Optional;
import org.chronovisor.replay.Replayer;
import org.chronovisor.trace.Symbol;

/** Walks a run instruction by instruction, or over calls, in both directions. */
public final class Stepper {
  private static final int RSP = 4;

  private final TraceSession session;

  /**
   * @param session stays at the stepper's position
   */
  public Stepper(TraceSession session) {
    this.session = session;
  }

  public long position() {
    return session.replayer().position();
  }

  public boolean atStart() {
    return position() == 0;
  }

  public boolean atEnd() {
    return position() == session.end();
  }

  /**
   * Goes to a position.
   *
   * @throws QueryException when the trace has none such
   */
  public void goTo(long position) {
    session.seek(position);
  }

  /** Executes up to {@code count} instructions; fewer at the end of the run. */
  public void step(long count) {
    session.seek(position() + Math.min(count, session.end() - position()));
  }

  /** Takes back up to {@code count} instructions; fewer at the start of the run. */
  public void back(long count) {
    session.seek(position() - Math.min(count, position()));
  }

  /**
   * Executes one instruction, a call with all it calls.
   *
   * @return false when the call did not return before the end of the run
   */
  public boolean over(ProgressListener progress) {
    Replayer replayer = session.replayer();
    InstructionView call = session.next();
    InstructionShape shape = call.shape();
    if (shape == null || !shape.isCall()) {
      step(1);
      return true;
    }
    long returnAddress = call.pc() + shape.length();
    long stack = replayer.cpu().r[RSP];
    int cpu = replayer.currentCpu();
    long end = session.end();
    long start = position();
    while (position() < end) {
      step(1);
      if (replayer.currentCpu() == cpu
          && session.pc() == returnAddress
          && Long.compareUnsigned(replayer.cpu().r[RSP], stack) >= 0) {
        return true;
      }
      if ((position() & 0xfffff) == 0) {
        progress.progress(position() - start, end - start);
      }
    }
    return false;
  }

  /**
   * Takes back one instruction; when that is a return, the whole call.
   *
   * <p>The call is the last writer of the return address.
   */
  public void reverseOver(ProgressListener progress) {
    if (atStart()) {
      return;
    }
    long here = session.pc();
    long start = position();
    back(1);
    InstructionShape shape = session.next().shape();
    if (shape == null || !shape.isReturn()) {
      return;
    }
    long returnPosition = position();
    long slot = session.replayer().cpu().r[RSP] + session.replayer().cpu().segmentBase[2];
    Optional<MemoryWrite> write;
    try {
      write = LastWriter.find(session, returnPosition, slot, false, shape.slot(), progress);
    } catch (QueryException stackNotMapped) {
      write = Optional.empty();
    }
    if (write.isPresent() && calls(write.get().instruction(), here)) {
      session.seek(write.get().position());
    } else {
      session.seek(start - 1);
    }
  }

  /**
   * Executes up to the return from the present function.
   *
   * @return false when it did not return before the end of the run
   * @throws QueryException when no caller is known
   */
  public boolean finish(ProgressListener progress) {
    List<Backtrace.Frame> frames = Backtrace.at(session, position());
    int caller = 1;
    while (caller < frames.size() && frames.get(caller - 1).how() == Backtrace.How.INLINED) {
      caller++;
    }
    if (caller >= frames.size()) {
      throw new QueryException("the caller of the present function is not known");
    }
    long stack = session.replayer().cpu().r[RSP];
    StopSearch search = search(frames.get(caller).pc(), progress);
    int cpu = session.replayer().currentCpu();
    while (search.forwards().reason() == Stop.Reason.BREAKPOINT) {
      if (session.replayer().currentCpu() == cpu
          && Long.compareUnsigned(session.replayer().cpu().r[RSP], stack) > 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * Goes back to the call that entered the present function.
   *
   * @return false when it was entered before the start of the recording
   * @throws QueryException when it is not known where the present function begins
   */
  public boolean reverseFinish(ProgressListener progress) {
    long entry =
        session
            .symbols()
            .at(session.pc())
            .filter(Symbol::function)
            .map(Symbol::address)
            .orElseThrow(() -> new QueryException("no known function is being executed here"));
    if (!toEntry(entry, progress)) {
      return false;
    }
    back(1);
    return true;
  }

  /**
   * Goes back to the first instruction of the present call of a function.
   *
   * @param entry its address
   * @return false when it was entered before the start of the recording, or the search was
   *     cancelled
   */
  public boolean toEntry(long entry, ProgressListener progress) {
    long stack = session.replayer().cpu().r[RSP];
    int cpu = session.replayer().currentCpu();
    boolean entered = session.pc() == entry;
    StopSearch search = search(entry, progress);
    while (!entered && search.backwards().reason() == Stop.Reason.BREAKPOINT) {
      entered =
          session.replayer().currentCpu() == cpu
              && Long.compareUnsigned(session.replayer().cpu().r[RSP], stack) >= 0;
    }
    return entered;
  }

  private StopSearch search(long address, ProgressListener progress) {
    StopSearch search = new StopSearch(session);
    search.setCancelled(progress::isCancelled);
    search.stopAt(List.of(address), List.of());
    return search;
  }

  private static boolean calls(InstructionView view, long returnAddress) {
    InstructionShape shape = view.shape();
    return shape != null && shape.isCall() && view.pc() + shape.length() == returnAddress;
  }
}
