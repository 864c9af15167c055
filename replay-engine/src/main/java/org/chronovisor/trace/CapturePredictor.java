package org.chronovisor.trace;

import org.chronovisor.x86.Plan;
import org.chronovisor.x86.Registers;

/** Remembers the last captured value of every register word of a segment. */
final class CapturePredictor {
  /** Most words that a plan can name: each register once. */
  static final int MAX_WORDS = 2 * Registers.COUNT;

  private final long[] last = new long[2 * Registers.COUNT];
  private final int[] slots = new int[MAX_WORDS];
  private Plan selected;
  private int words;

  /** A predictor that has seen the same. */
  CapturePredictor copy() {
    CapturePredictor copy = new CapturePredictor();
    System.arraycopy(last, 0, copy.last, 0, last.length);
    return copy;
  }

  /** Chooses the registers of a plan; returns the number of their words. */
  int select(Plan plan) {
    if (plan.equals(selected)) {
      return words;
    }
    selected = null;
    words = 0;
    for (byte register : plan.captureRegisters()) {
      if (words + 2 > MAX_WORDS || register < 0 || register >= Registers.COUNT) {
        throw new IllegalArgumentException("not a plan that can be captured");
      }
      slots[words++] = 2 * register;
      if (Registers.isWide(register)) {
        slots[words++] = 2 * register + 1;
      }
    }
    selected = plan;
    return words;
  }

  boolean isWide(int word) {
    return Registers.isWide(slots[word] >> 1);
  }

  long value(int word) {
    return last[slots[word]];
  }

  void update(int word, long value) {
    last[slots[word]] = value;
  }
}
