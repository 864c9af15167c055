package org.chronovisor.trace;

import java.util.Arrays;
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
  private final byte[] masks = new byte[CapturePredictor.MAX_WORDS / 8 + 1];
  private final long[] changes = new long[CapturePredictor.MAX_WORDS];

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
    int changed = 0;
    Arrays.fill(masks, (byte) 0);
    for (int i = 0; i < words; i++) {
      long prediction = predictor.value(i);
      if (words == 1 || values[i] != prediction) {
        masks[i >> 3] |= (byte) (1 << (i & 7));
        changes[changed++] = predictor.isWide(i) ? values[i] : values[i] - prediction;
        predictor.update(i, values[i]);
      }
    }
    if (words > 1) {
      out.bytes(masks, 0, (words + 7) / 8);
    }
    changed = 0;
    for (int i = 0; i < words; i++) {
      if ((masks[i >> 3] >> (i & 7) & 1) != 0) {
        long change = changes[changed++];
        if (predictor.isWide(i)) {
          out.u64(change);
        } else {
          out.zigzag(change);
        }
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
