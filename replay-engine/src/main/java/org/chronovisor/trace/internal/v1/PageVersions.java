package org.chronovisor.trace.internal.v1;

import java.util.Arrays;

/**
 * Which segments hold a version of which page: one sorted array of {@code frame << 24 | segment}.
 */
final class PageVersions {
  private static final int SEGMENT_BITS = 24;

  private final long[] keys;

  private PageVersions(long[] keys) {
    this.keys = keys;
  }

  /**
   * @param frames frames[i] are the frames stored with segment i
   */
  static PageVersions of(long[][] frames) {
    int total = 0;
    for (long[] list : frames) {
      total = Math.addExact(total, list.length);
    }
    long[] keys = new long[total];
    int n = 0;
    for (int segment = 0; segment < frames.length; segment++) {
      for (long frame : frames[segment]) {
        keys[n++] = frame << SEGMENT_BITS | segment;
      }
    }
    Arrays.parallelSort(keys);
    return new PageVersions(keys);
  }

  /** The last segment at or before {@code segment} with a version of the page, or -1. */
  int newest(long frame, int segment) {
    if (frame < 0 || frame >= Limits.FRAMES) {
      return -1;
    }
    int found = Arrays.binarySearch(keys, frame << SEGMENT_BITS | segment);
    int at = found >= 0 ? found : -found - 2;
    if (at < 0 || keys[at] >>> SEGMENT_BITS != frame) {
      return -1;
    }
    return (int) keys[at] & ((1 << SEGMENT_BITS) - 1);
  }
}
