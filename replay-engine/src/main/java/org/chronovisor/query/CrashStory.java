package org.chronovisor.query;

import java.util.List;

/**
 * How a run failed, and where the value that made it fail came from.
 *
 * @param ending how it failed
 * @param position the instruction that failed would have been this one
 * @param instruction the one that failed; its bytes are empty when control went nowhere
 * @param summary one line: what happened to it
 * @param address the bad address, or 0
 * @param links where the bad value came from, backwards in time; empty when it cannot be followed
 * @param culprit the last write at which the trail ends, or null
 * @param callers the functions active when the culprit wrote, or else at the failure
 */
public record CrashStory(
    Ending ending,
    long position,
    InstructionView instruction,
    String summary,
    long address,
    List<Link> links,
    MemoryWrite culprit,
    List<Backtrace.Frame> callers) {
  /** How a run failed. */
  public enum Ending {
    /** The CPU raised an exception. */
    EXCEPTION,
    /** The guest's end: the next instruction could not be executed, and no handler ran. */
    STOPPED,
    /** No failure is seen. */
    NONE
  }

  /**
   * One step of the trail.
   *
   * @param position of the instruction
   * @param text what it did, one line
   */
  public record Link(long position, InstructionView instruction, String text) {}

  public CrashStory {
    links = List.copyOf(links);
    callers = List.copyOf(callers);
  }

  /** Tells the story of a trace's end. */
  public static CrashStory of(TraceSession session, ProgressListener progress) {
    return new CrashStoryFinder(session, progress).find();
  }
}
