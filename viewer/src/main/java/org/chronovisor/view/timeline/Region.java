package org.chronovisor.view.timeline;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import org.chronovisor.trace.TraceReader;

/**
 * Pages of RAM near each other that the run writes.
 *
 * @param first guest physical page frame
 * @param last the last one, inclusive
 * @param written pages of it that are written
 */
public record Region(long first, long last, int written) {
  /** The largest ones are shown. */
  static final int MOST = 4;

  /** Pages that lie nearer than this are one region. */
  private static final long NEAR = 64;

  boolean contains(long frame) {
    return frame >= first && frame <= last;
  }

  /** The largest regions of a trace, by address. */
  static List<Region> of(TraceReader trace) {
    TreeSet<Long> frames = new TreeSet<>();
    for (int i = 1; i < trace.segmentCount(); i++) {
      for (long frame : trace.segment(i).frames()) {
        frames.add(frame);
      }
    }
    trace
        .end()
        .ifPresent(
            end -> {
              for (long frame : end.frames()) {
                frames.add(frame);
              }
            });
    List<Region> regions = new ArrayList<>();
    long first = -1;
    long last = -1;
    int written = 0;
    for (long frame : frames) {
      if (first >= 0 && frame - last > NEAR) {
        regions.add(new Region(first, last, written));
        first = -1;
        written = 0;
      }
      first = first < 0 ? frame : first;
      last = frame;
      written++;
    }
    if (first >= 0) {
      regions.add(new Region(first, last, written));
    }
    return regions.stream()
        .sorted(Comparator.comparingInt(Region::written).reversed())
        .limit(MOST)
        .sorted(Comparator.comparingLong(Region::first))
        .toList();
  }
}
