package org.chronovisor.x86;

/** What goes into a run of compiled code, and what comes out of it, beside the registers. */
final class RegionFrame {
  /** Instructions that may still be executed; those not executed when it returns. */
  long left;

  /** The path hash. */
  long hash;

  /** Number of the last block that was executed to its end, or -1. */
  int last;

  /** The MMU's generation when the run began. */
  long generation;

  /** What an instruction has thrown, or null. */
  RuntimeException thrown;
}
