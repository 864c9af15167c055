package org.chronovisor.recorder;

/** Follows a recording. Called from the recorder's threads, never from two at once. */
public interface RecordListener {
  /** Something of the user's command line was understood differently; one line. */
  default void notice(String line) {}

  /** QEMU runs; recording begins when the guest reaches {@code startAddress}. */
  default void waiting(long startAddress) {}

  /**
   * About twice a second while the guest is recorded.
   *
   * @param instructions retired so far
   * @param mips million instructions per second of wall time since the last call
   * @param traceBytes written so far
   * @param lastConsoleLine what the guest printed last, printable characters only; may be empty
   */
  default void progress(long instructions, double mips, long traceBytes, String lastConsoleLine) {}

  /**
   * The trace is complete. Called before {@link Recorder#record} returns, also when the JVM is
   * going down after Ctrl-C.
   */
  default void finished(RecordSummary summary) {}
}
