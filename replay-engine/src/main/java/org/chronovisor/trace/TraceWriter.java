package org.chronovisor.trace;

import java.io.Closeable;
import java.util.List;

/** Appends a trace while it is recorded. One thread. */
public interface TraceWriter extends Closeable {
  /** Must come first, once. */
  void header(TraceHeader header);

  void symbols(List<Symbol> symbols);

  /** Appends the line table of one ELF file. */
  void lines(SourceLines lines);

  /** Appends the functions of one ELF file. */
  void functions(Functions functions);

  /** Appends unwind information. */
  void frames(CallFrameSection section);

  /**
   * Appends a source file.
   *
   * @throws IllegalArgumentException when it is too large, or all are together
   */
  void source(SourceText source);

  /** Appends lines about where the symbols come from. */
  default void notes(List<String> lines) {}

  void code(List<CodeBlock> blocks, List<PlannedInstruction> plans);

  /**
   * Appends a segment when it is over.
   *
   * @param info its {@code frames} name the pages, in the same order as {@code pages}
   * @param pages 4096 bytes each
   */
  void segment(SegmentInfo info, List<byte[]> pages, SegmentEvents events);

  /** Must come last, once; {@code pages} belong to {@code end.frames()}. */
  void end(TraceEnd end, List<byte[]> pages);

  /** Bytes written so far. */
  long bytes();

  /**
   * Closes the store; without {@link #end} the trace is incomplete, without {@link #header} there
   * is none and nothing stays behind.
   */
  @Override
  void close();
}
