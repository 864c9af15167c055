package org.chronovisor.trace;

import java.io.Closeable;
import java.util.List;
import java.util.Optional;

/**
 * A recorded trace, whatever it is stored in. Thread-safe: segments may be read in parallel.
 *
 * <p>Damage is reported as {@link TraceException} with a one-line message.
 */
public interface TraceReader extends Closeable {
  TraceHeader header();

  int segmentCount();

  SegmentInfo segment(int index);

  /** Reads and decodes a segment's events: the expensive part, not cached. */
  SegmentEvents events(int index);

  /**
   * Newest content of a page at the keyframe that starts segment {@code index}.
   *
   * @param frame guest physical address divided by 4096
   * @param index in [0, segmentCount()]; segmentCount() means the end of the trace
   * @return 4096 fresh bytes, or null when the page was never anything but zeroes
   */
  byte[] page(long frame, int index);

  /** Empty when the recording was cut off. */
  Optional<TraceEnd> end();

  /** Plans of all instructions that are captured or checked; all others are modelled. */
  List<PlannedInstruction> plans();

  List<CodeBlock> blocks();

  /** Lines about where the symbols come from. */
  default List<String> notes() {
    return List.of();
  }

  List<Symbol> symbols();

  /**
   * Reads everything once, what no replay looks at too.
   *
   * @throws TraceException when anything is damaged
   */
  void check();

  /** Line tables, one per ELF file that has one; decoded anew at each call. */
  default List<SourceLines> lines() {
    return List.of();
  }

  /** Functions, one table per ELF file that has debug information; decoded anew at each call. */
  default List<Functions> functions() {
    return List.of();
  }

  /** Unwind information; decoded anew at each call, and not checked. */
  default List<CallFrameSection> frames() {
    return List.of();
  }

  /** Embedded source files; read anew at each call. */
  default List<SourceText> sources() {
    return List.of();
  }

  /** Most bytes of {@link #bookmarks}. */
  int MAX_BOOKMARKS = 1 << 20;

  /**
   * What somebody noted about positions, packed with the trace, one line each; empty for nothing.
   * It comes from anywhere: a reader of the lines checks each.
   */
  default String bookmarks() {
    return "";
  }

  /** Size of the trace in bytes on disk. */
  long bytes();

  @Override
  void close();
}
