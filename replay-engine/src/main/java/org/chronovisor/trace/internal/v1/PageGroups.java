package org.chronovisor.trace.internal.v1;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.chronovisor.trace.internal.store.RecordBuilder;

/**
 * Sections with the pages of a frame list: {@value #PAGES} stored pages of 4096 bytes to a section,
 * fewer in the last. (On a libc's pages 1, 4 or 8 to a section differ by 2 % in size; reading one
 * costs 7, 19 or 33 us.)
 */
final class PageGroups {
  static final int PAGES = 4;
  static final int MAX_BYTES = PAGES * FrameList.PAGE_BYTES;

  private static final byte[] ZEROES = new byte[FrameList.PAGE_BYTES];

  private PageGroups() {}

  static FrameList list(long[] frames, List<byte[]> pages) {
    Limits.check(frames.length == pages.size(), "frames and pages differ in number");
    BitSet stored = new BitSet(frames.length);
    for (int i = 0; i < frames.length; i++) {
      Limits.check(pages.get(i).length == FrameList.PAGE_BYTES, "a page has 4096 bytes");
      stored.set(i, !Arrays.equals(pages.get(i), ZEROES));
    }
    return new FrameList(frames, stored);
  }

  static void write(FrameList list, List<byte[]> pages, RecordBuilder record) {
    byte[] group = new byte[MAX_BYTES];
    int used = 0;
    for (int i = 0; i < pages.size(); i++) {
      if (list.ordinal(i) >= 0) {
        System.arraycopy(pages.get(i), 0, group, used, FrameList.PAGE_BYTES);
        used += FrameList.PAGE_BYTES;
        if (used == MAX_BYTES) {
          record.section(group.clone());
          used = 0;
        }
      }
    }
    if (used > 0) {
      record.section(Arrays.copyOf(group, used));
    }
  }

  static int sections(int storedPages) {
    return (storedPages + PAGES - 1) / PAGES;
  }

  /** Decoded length of a group. */
  static int bytes(int group, int storedPages) {
    return Math.min(PAGES, storedPages - group * PAGES) * FrameList.PAGE_BYTES;
  }
}
