package org.chronovisor.trace;

import org.chronovisor.trace.internal.store.BytesIn;
import org.chronovisor.x86.Plan;

/**
 * Reads captured register values in the order in which the instructions retired. Layout: {@link
 * CaptureWriter}.
 */
public final class CaptureReader {
  private final BytesIn in;
  private final CapturePredictor predictor;
  private final int[] masks = new int[CapturePredictor.MAX_WORDS / 8 + 1];

  public CaptureReader(byte[] captures) {
    this(new BytesIn(captures, "captured values"), new CapturePredictor());
  }

  private CaptureReader(BytesIn in, CapturePredictor predictor) {
    this.in = in;
    this.predictor = predictor;
  }

  /** Another reader that goes on at the same place. */
  public CaptureReader copy() {
    return new CaptureReader(in.copy(), predictor.copy());
  }

  /** True while there is a capture left. */
  public boolean hasNext() {
    return in.remaining() > 0;
  }

  /**
   * Reads the values of one captured instruction.
   *
   * @param values filled with one word per register of {@code plan.captureRegisters()}, two (low,
   *     high) for the wide ones
   * @throws TraceException when there is no such capture
   */
  public void next(Plan plan, long[] values) {
    int words = predictor.select(plan);
    if (values.length < words) {
      throw new IllegalArgumentException("room for " + values.length + " of " + words + " words");
    }
    masks[0] = 1;
    if (words > 1) {
      for (int i = 0; i < words; i += 8) {
        masks[i >> 3] = in.u8();
      }
      if ((words & 7) != 0 && masks[words >> 3] >> (words & 7) != 0) {
        throw in.damaged("they do not belong to this instruction");
      }
    }
    for (int i = 0; i < words; i++) {
      if ((masks[i >> 3] >> (i & 7) & 1) != 0) {
        predictor.update(i, predictor.isWide(i) ? in.u64() : predictor.value(i) + in.zigzag());
      }
      values[i] = predictor.value(i);
    }
  }
}
