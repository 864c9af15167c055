package org.chronovisor.trace;

import org.chronovisor.trace.internal.store.BytesOut;
import org.chronovisor.x86.Plan;

/**
 * Encodes the captured register values of one segment.
 *
 * <p>A value is predicted to be the register's last one in the segment (0 at first).
 *
 * <pre>
 * for each capture, n = number of words of the plan's capture registers:
 *   ceil(n / 8) bytes, only if n > 1: bit i set = word i differs from its prediction
 *   for each differing word (the only word, if n is 1):
 *     8-byte register: zigzag varint, value - prediction
 *     16-byte register: u64 value
 * </pre>
 */
public final class CaptureWriter {
  private final BytesOut out = new BytesOut();
  private final CapturePredictor predictor = new CapturePredictor();

  /**
   * Appends the values of one captured instruction.
   *
   * @param values one word per register of {@code plan.captureRegisters()}, two (low, high) for the
   *     wide ones; more are ignored
   */
  public void append(Plan plan, long[] values) {
    int words = predictor.select(plan);
    if (words == 0) {
      return;
    }
    if (values.length < words) {
      throw new IllegalArgumentException(values.length + " values for " + words + " words");
    }
    if (words > 1) {
      for (int from = 0; from < words; from += 8) {
        int mask = 0;
        for (int i = from; i < Math.min(words, from + 8); i++) {
          if (values[i] != predictor.value(i)) {
            mask |= 1 << (i - from);
          }
        }
        out.u8(mask);
      }
    }
    for (int i = 0; i < words; i++) {
      if (words == 1 || values[i] != predictor.value(i)) {
        if (predictor.isWide(i)) {
          out.u64(values[i]);
        } else {
          out.zigzag(values[i] - predictor.value(i));
        }
        predictor.update(i, values[i]);
      }
    }
  }

  /** Bytes so far. */
  public int size() {
    return out.size();
  }

  /** The encoded captures for {@link SegmentEvents#captures}. */
  public byte[] toByteArray() {
    return out.toByteArray();
  }
}
