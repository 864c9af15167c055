package org.chronovisor.query.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.chronovisor.memory.Page;
import org.chronovisor.memory.RamRegion;
import org.chronovisor.query.LastWriter;
import org.chronovisor.query.MemoryChange;
import org.chronovisor.query.MemoryQuery;
import org.chronovisor.query.MemoryWrite;
import org.chronovisor.query.PhysicalRange;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.TraceSession;
import org.chronovisor.replay.Unknown;
import org.chronovisor.trace.TraceEnd;
import org.chronovisor.trace.TraceReader;

/** Finds a pattern of bytes in all of RAM, at a position or over the run. */
public final class BytesSearch {
  private final TraceSession session;
  private final TraceReader trace;
  private final byte[] pattern;
  private final ProgressListener progress;

  /**
   * A place that holds the pattern.
   *
   * @param position at which it does: the first, the last, or the one asked for
   * @param identity the linear address there is the physical one
   */
  public record Place(long position, long physical, boolean identity) {}

  /** Content of a page, or null when it is all zero or no RAM. */
  @FunctionalInterface
  private interface Pages {
    byte[] of(long frame);
  }

  /**
   * @param pattern 1 to 256 bytes
   */
  public BytesSearch(TraceSession session, byte[] pattern, ProgressListener progress) {
    this.session = session;
    trace = session.trace();
    this.pattern = pattern.clone();
    this.progress = progress;
  }

  /** All places before the instruction at a position, bytes nobody knows left out. */
  public List<Place> at(long position, int most) {
    session.seek(position);
    Unknown unknown = session.replayer().unknown();
    List<Place> places = new ArrayList<>();
    for (RamRegion region : trace.header().ram()) {
      long first = region.start() / Page.SIZE;
      long count = region.length() / Page.SIZE;
      for (long i = 0; i < count && places.size() < most; i++) {
        tick(i, count);
        for (long physical : in(first + i, this::here)) {
          boolean known = true;
          for (int b = 0; b < pattern.length; b++) {
            known &= !unknown.contains(physical + b);
          }
          if (known && places.size() < most) {
            places.add(place(position, physical));
          }
        }
      }
    }
    return places;
  }

  private byte[] here(long frame) {
    Page page = session.replayer().memory().page(frame);
    return page == null ? null : page.bytes;
  }

  private Place place(long position, long physical) {
    boolean identity = session.replayer().cpu().mmu.find(physical) == physical;
    return new Place(position, physical, identity);
  }

  private void tick(long done, long total) {
    if ((done & 0xff) == 0) {
      progress.progress(done, total);
      if (progress.isCancelled()) {
        throw new CancellationException();
      }
    }
  }

  /** Where the pattern begins in a page; it may end in the next. */
  private List<Long> in(long frame, Pages pages) {
    byte[] page = pages.of(frame);
    List<Long> found = new ArrayList<>();
    byte[] both = null;
    if (page == null && !isZero(pattern)) {
      // Only the end of a page of zeroes can belong to it, and that only when it starts with zero.
      if (pattern[0] != 0) {
        return found;
      }
      page = new byte[Page.SIZE];
    }
    page = page == null ? new byte[Page.SIZE] : page;
    for (int i = 0; i < Page.SIZE; i++) {
      if (page[i] != pattern[0]) {
        continue;
      }
      if (i + pattern.length <= Page.SIZE) {
        if (Arrays.equals(page, i, i + pattern.length, pattern, 0, pattern.length)) {
          found.add(frame * Page.SIZE + i);
        }
      } else {
        if (both == null) {
          both = Arrays.copyOf(page, 2 * Page.SIZE);
          byte[] next = isRam(frame + 1) ? pages.of(frame + 1) : null;
          if (next != null) {
            System.arraycopy(next, 0, both, Page.SIZE, Page.SIZE);
          }
        }
        if (isRam(frame + 1)
            && Arrays.equals(both, i, i + pattern.length, pattern, 0, pattern.length)) {
          found.add(frame * Page.SIZE + i);
        }
      }
    }
    return found;
  }

  private static boolean isZero(byte[] bytes) {
    for (byte b : bytes) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  private boolean isRam(long frame) {
    return trace.header().ram().stream().anyMatch(r -> r.contains(frame * Page.SIZE));
  }

  /** The first position at which memory holds it, as far as keyframes show. */
  public Optional<Place> first() {
    int count = trace.segmentCount();
    for (int i = 0; i <= count; i++) {
      progress.progress(i, count + 1L);
      for (long frame : changed(i)) {
        int keyframe = i;
        for (long begin : new long[] {frame - 1, frame}) {
          List<Long> found = isRam(begin) ? in(begin, f -> trace.page(f, keyframe)) : List.of();
          if (!found.isEmpty()) {
            return Optional.of(i == 0 ? start(found.get(0)) : appears(i - 1, found.get(0)));
          }
        }
      }
    }
    return Optional.empty();
  }

  /** The frames that keyframe {@code index} stores; the trace's end counts as one. */
  private long[] changed(int index) {
    if (index < trace.segmentCount()) {
      return trace.segment(index).frames();
    }
    return trace.end().map(TraceEnd::frames).orElse(new long[0]);
  }

  private Place start(long physical) {
    session.seek(0);
    return place(0, physical);
  }

  /** The first position in a segment at which an address holds it. */
  private Place appears(int segment, long physical) {
    List<PhysicalRange> parts = PhysicalRange.split(null, physical, pattern.length);
    long end = trace.segment(segment).end();
    for (MemoryChange change : LastWriter.changes(session, parts, segment, end, progress)) {
      long after = change.position() + (change.kind() == MemoryWrite.Kind.STORE ? 1 : 0);
      session.seek(after);
      if (holds(parts)) {
        return place(after, physical);
      }
    }
    session.seek(end);
    return place(end, physical);
  }

  private boolean holds(List<PhysicalRange> parts) {
    return Arrays.equals(MemoryQuery.physical(session, parts).bytes(), pattern);
  }

  /** The last position at which memory holds it, as far as keyframes show. */
  public Optional<Place> last() {
    List<Place> end = at(session.end(), 1);
    if (!end.isEmpty()) {
      return Optional.of(end.get(0));
    }
    for (int i = trace.segmentCount() - 1; i >= 0; i--) {
      progress.progress(trace.segmentCount() - i, trace.segmentCount() + 1L);
      for (long frame : changed(i + 1)) {
        int keyframe = i;
        for (long begin : new long[] {frame - 1, frame}) {
          List<Long> found = isRam(begin) ? in(begin, f -> trace.page(f, keyframe)) : List.of();
          if (!found.isEmpty()) {
            return Optional.of(vanishes(i, found.get(found.size() - 1)));
          }
        }
      }
    }
    return Optional.empty();
  }

  /** The last position in a segment at which an address holds it. */
  private Place vanishes(int segment, long physical) {
    List<PhysicalRange> parts = PhysicalRange.split(null, physical, pattern.length);
    long end = trace.segment(segment).end();
    List<MemoryChange> changes = LastWriter.changes(session, parts, segment, end, progress);
    for (int i = changes.size() - 1; i >= 0; i--) {
      long at = changes.get(i).position();
      session.seek(at);
      if (holds(parts)) {
        return place(at, physical);
      }
    }
    long start = trace.segment(segment).start();
    session.seek(start);
    return place(start, physical);
  }
}
