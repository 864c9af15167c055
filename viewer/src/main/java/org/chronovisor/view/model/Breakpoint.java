package org.chronovisor.view.model;

import org.chronovisor.query.Watchpoint;

/**
 * Where or on what a run stops.
 *
 * @param id unique in its window
 * @param label as the user named the place
 * @param address of the instruction, or of the watched memory
 * @param watchpoint null for a breakpoint
 */
public record Breakpoint(
    int id, String label, long address, Watchpoint watchpoint, boolean enabled) {
  public boolean isWatch() {
    return watchpoint != null;
  }

  Breakpoint withEnabled(boolean on) {
    return new Breakpoint(id, label, address, watchpoint, on);
  }
}
