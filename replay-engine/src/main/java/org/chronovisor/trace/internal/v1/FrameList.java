package org.chronovisor.trace.internal.v1;

import java.util.BitSet;
import org.chronovisor.trace.internal.store.BytesIn;
import org.chronovisor.trace.internal.store.BytesOut;

/**
 * The ascending page frames of a segment or of the trace's end; a page of zeroes is only marked.
 *
 * <pre>
 * varint n, n x varint frame - previous frame - 1 (previous is -1 at first),
 * ceil(n / 8) bytes: bit i set = page i is stored, clear = it is all zeroes
 * </pre>
 */
final class FrameList {
  static final int PAGE_BYTES = 4096;

  private final long[] frames;
  private final BitSet stored;

  /** Number of stored pages before frame 64 i, so that a page's ordinal is found at once. */
  private final int[] ranks;

  FrameList(long[] frames, BitSet stored) {
    this.frames = frames;
    this.stored = stored;
    long[] words = stored.toLongArray();
    ranks = new int[words.length + 1];
    for (int i = 0; i < words.length; i++) {
      ranks[i + 1] = ranks[i] + Long.bitCount(words[i]);
    }
  }

  long[] frames() {
    return frames;
  }

  int storedPages() {
    return ranks[ranks.length - 1];
  }

  /** Ordinal of page i among the stored ones, or -1 when it is all zeroes. */
  int ordinal(int i) {
    if (!stored.get(i)) {
      return -1;
    }
    int start = i & ~63;
    return ranks[i >> 6] + stored.get(start, i).cardinality();
  }

  void encode(BytesOut out) {
    Limits.check(frames.length <= Limits.PAGES, "too many pages");
    out.varint(frames.length);
    long previous = -1;
    for (long frame : frames) {
      Limits.check(frame > previous && frame < Limits.FRAMES, "frames must ascend: " + frame);
      out.varint(frame - previous - 1);
      previous = frame;
    }
    byte[] bits = new byte[(frames.length + 7) / 8];
    byte[] set = stored.toByteArray();
    System.arraycopy(set, 0, bits, 0, set.length);
    out.bytes(bits);
  }

  static FrameList decode(BytesIn in) {
    int count = in.count(Limits.PAGES);
    long[] frames = new long[count];
    long previous = -1;
    for (int i = 0; i < count; i++) {
      long step = in.varint();
      if (step < 0 || step >= Limits.FRAMES - previous - 1) {
        throw in.damaged("a page frame is out of range");
      }
      previous += step + 1;
      frames[i] = previous;
    }
    BitSet stored = BitSet.valueOf(in.bytes((count + 7) / 8));
    if (stored.length() > count) {
      throw in.damaged("a page without a frame");
    }
    return new FrameList(frames, stored);
  }
}
