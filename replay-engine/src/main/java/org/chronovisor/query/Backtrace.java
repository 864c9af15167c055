package org.chronovisor.query;

import java.util.ArrayList;
import java.util.List;
import org.chronovisor.symbols.SourceFrame;
import org.chronovisor.symbols.SourceLine;
import org.chronovisor.x86.CpuState;

/** The functions that are active at a position, inlined ones too. */
public final class Backtrace {
  /** Most functions with a stack frame of their own that are listed. */
  public static final int LONGEST = Unwinder.LONGEST;

  private Backtrace() {}

  /** How a function was found to be active. */
  public enum How {
    /** It is the one that runs. */
    RUNNING("running"),
    /** It was inlined into the next function of the list. */
    INLINED("inlined"),
    /** Its callee's call-frame information says so: exact. */
    CALL_FRAME_INFORMATION("call-frame information"),
    /** The chain of frame pointers leads to it. */
    FRAME_POINTER("frame pointer"),
    /** An interrupt or exception pushed its address. */
    INTERRUPT("interrupted"),
    /** Its return address was found by looking through the stack: likely, not certain. */
    SCAN("stack search");

    private final String text;

    How(String text) {
      this.text = text;
    }

    /** What people read. */
    public String text() {
      return text;
    }
  }

  /**
   * An active function.
   *
   * @param pc the next instruction (the innermost, and where an interrupt came), or the return
   *     address
   * @param symbol {@code name+0xoff}; for an inlined function its name; or null
   * @param source {@code file:line} of the next instruction or of the call, or null when unknown
   * @param function its name, or null when unknown
   */
  public record Frame(long pc, String symbol, String source, String function, How how) {}

  /** Innermost function first. */
  public static List<Frame> at(TraceSession session, long position) {
    session.seek(position);
    return here(session, session.replayer().cpu().save(), session.pc());
  }

  static List<Frame> here(TraceSession session, CpuState cpu, long pc) {
    List<Frame> frames = new ArrayList<>();
    for (Unwinder.Found found : new Unwinder(session, cpu).unwind(pc)) {
      add(session, found, frames);
    }
    return frames;
  }

  private static void add(TraceSession session, Unwinder.Found found, List<Frame> frames) {
    UnwindState state = found.state();
    long lookup = state.lookup();
    String symbol = symbol(session, state);
    List<SourceFrame> levels = session.sourceFrames(lookup);
    if (levels.isEmpty()) {
      frames.add(new Frame(state.pc, symbol, null, null, found.how()));
      return;
    }
    for (int i = 0; i < levels.size(); i++) {
      SourceFrame level = levels.get(i);
      boolean inlined = i < levels.size() - 1;
      SourceLine line = level.line();
      frames.add(
          new Frame(
              state.pc,
              inlined || symbol == null ? level.function() : symbol,
              line == null ? null : line.toString(),
              level.function(),
              inlined ? How.INLINED : found.how()));
    }
  }

  /** Of the call itself: behind a function's last call another function may begin. */
  private static String symbol(TraceSession session, UnwindState state) {
    if (state.exact) {
      return session.symbols().name(state.pc);
    }
    return session
        .symbols()
        .at(state.pc - 1)
        .map(s -> session.symbols().display(s) + "+0x" + Long.toHexString(state.pc - s.address()))
        .orElse(null);
  }
}
