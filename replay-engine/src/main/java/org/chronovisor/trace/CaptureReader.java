package org.chronovisor.trace;

import org.chronovisor.x86.Plan;

/** Reads captured register values in the order in which the instructions retired. */
public final class CaptureReader {
  public CaptureReader(byte[] captures) {}

  /**
   * Reads the values of one captured instruction.
   *
   * @param values filled with one word per register of {@code plan.captureRegisters()}, two (low,
   *     high) for the wide ones
   */
  public void next(Plan plan, long[] values) {
    throw new UnsupportedOperationException();
  }
}
