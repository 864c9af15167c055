package org.chronovisor.gdb;

import org.chronovisor.query.TraceSession;
import org.chronovisor.x86.CpuState;

/** The guest's CPUs as gdb's threads: CPU n is thread n + 1. */
final class GuestCpus {
  private final TraceSession session;

  GuestCpus(TraceSession session) {
    this.session = session;
  }

  int count() {
    return session.replayer().cpus();
  }

  /** The CPU whose instruction is next at the session's position. */
  int running() {
    return session.replayer().currentCpu();
  }

  /** A CPU's registers at the session's position. */
  CpuState state(int cpu) {
    return session.replayer().state(cpu);
  }

  /** A thread's number as the protocol has it. */
  static String thread(int cpu) {
    return String.format("%02x", cpu + 1);
  }

  /** All threads' numbers. */
  String threads() {
    StringBuilder all = new StringBuilder(thread(0));
    for (int i = 1; i < count(); i++) {
      all.append(',').append(thread(i));
    }
    return all.toString();
  }
}
