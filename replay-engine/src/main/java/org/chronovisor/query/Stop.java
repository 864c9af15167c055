package org.chronovisor.query;

/**
 * Where a run stopped, and why.
 *
 * @param watchpoint that was hit, or null
 */
public record Stop(Reason reason, long position, Watchpoint watchpoint) {
  /** Why a run stops. */
  public enum Reason {
    BREAKPOINT,
    WATCHPOINT,
    /** The recording's first position. */
    BEGIN,
    /** The recording's last position. */
    END,
    CANCELLED
  }
}
