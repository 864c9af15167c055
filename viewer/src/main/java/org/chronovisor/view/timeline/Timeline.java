package org.chronovisor.view.timeline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.chronovisor.replay.ReplayException;
import org.chronovisor.trace.TraceEnd;
import org.chronovisor.trace.TraceException;
import org.chronovisor.trace.TraceReader;

/**
 * A whole run summed up: one stretch per segment, built in parallel in the background, and one
 * finer stretch for the part that is looked at closely.
 */
public final class Timeline implements AutoCloseable {
  private static final int MOST_BUCKETS = 1 << 17;
  private static final int FEWEST_PER_SEGMENT = 64;
  private static final int MOST_PER_SEGMENT = 2048;

  /** Runs up to this length have each store counted in the first pass. */
  private static final long WATCHED = 40_000_000;

  private static final long FINEST_PER_BUCKET = 1;

  private final TraceReader trace;
  private final CallTree tree;
  private final List<Region> regions;
  private final long[] footprint;
  private final Stretch[] stretches;
  private final ExecutorService pool;
  private final ExecutorService closeUp;
  private final StretchBuilder closeUpBuilder;
  private final AtomicInteger done = new AtomicInteger();
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicLong wanted = new AtomicLong();
  private final List<Runnable> listeners = new ArrayList<>();
  private volatile Stretch detail;
  private volatile boolean closed;
  private volatile Consumer<Exception> failures = e -> {};

  /**
   * @param trace stays open until this is closed
   */
  public Timeline(TraceReader trace) {
    this.trace = trace;
    tree = new CallTree();
    regions = Region.of(trace);
    footprint = footprint(trace);
    stretches = new Stretch[trace.segmentCount()];
    int threads = Math.max(1, Runtime.getRuntime().availableProcessors() - 1);
    pool = Executors.newFixedThreadPool(threads, Timeline::thread);
    closeUp = Executors.newSingleThreadExecutor(Timeline::thread);
    closeUpBuilder = new StretchBuilder(trace, tree, regions);
  }

  @SuppressWarnings("ThreadPriorityCheck") // a picture may wait, a step may not
  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, "timeline");
    thread.setDaemon(true);
    thread.setPriority(Thread.MIN_PRIORITY);
    return thread;
  }

  /** Hears, on any thread, that there is more to draw. Before {@link #start}. */
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  /** Hears, on any thread, what went wrong. Before {@link #start}. */
  public void onFailure(Consumer<Exception> listener) {
    failures = listener;
  }

  /** Begins to sum up. */
  public void start() {
    int threads = Math.max(1, Runtime.getRuntime().availableProcessors() - 1);
    for (int i = 0; i < threads; i++) {
      pool.execute(this::work);
    }
  }

  private void work() {
    try {
      StretchBuilder builder = new StretchBuilder(trace, tree, regions);
      for (int i; !closed && (i = next.getAndIncrement()) < stretches.length; ) {
        long from = trace.segment(i).start();
        long to = trace.segment(i).end();
        if (to > from) {
          int buckets = (int) Math.min(to - from, perSegment());
          stretches[i] = builder.build(from, to, buckets, countsStores(), () -> closed);
        }
        done.incrementAndGet();
        changed();
      }
    } catch (CancellationException e) {
      // The window is closed.
    } catch (ReplayException | TraceException e) {
      failures.accept(e);
    }
  }

  private int perSegment() {
    int fair = MOST_BUCKETS / Math.max(1, stretches.length);
    return Math.max(FEWEST_PER_SEGMENT, Math.min(MOST_PER_SEGMENT, fair));
  }

  private void changed() {
    listeners.forEach(Runnable::run);
  }

  /** The last position. */
  public long end() {
    return trace.segmentCount() == 0 ? 0 : trace.segment(trace.segmentCount() - 1).end();
  }

  /** How much of the first pass is done, from 0 to 1. */
  public double progress() {
    return stretches.length == 0 ? 1 : (double) done.get() / stretches.length;
  }

  /** Each store is counted; else only pages changed per segment, except where looked closely. */
  public boolean countsStores() {
    return end() <= WATCHED;
  }

  public CallTree tree() {
    return tree;
  }

  public List<Region> regions() {
    return regions;
  }

  /**
   * Pages of RAM that held something or had been changed, at each segment's start and at the end.
   */
  public long[] footprint() {
    return footprint.clone();
  }

  private static long[] footprint(TraceReader trace) {
    long[] pages = new long[trace.segmentCount() + 1];
    Set<Long> seen = new HashSet<>();
    for (int i = 0; i < pages.length; i++) {
      long[] frames =
          i < trace.segmentCount()
              ? trace.segment(i).frames()
              : trace.end().map(TraceEnd::frames).orElse(new long[0]);
      for (long frame : frames) {
        seen.add(frame);
      }
      pages[i] = seen.size();
    }
    return pages;
  }

  /** Position at which a segment starts; of the number of segments, where the run ends. */
  public long start(int segment) {
    return segment < trace.segmentCount() ? trace.segment(segment).start() : end();
  }

  /** Asks for a finer look at a part, when the first pass is coarser than one bucket per pixel. */
  public void look(long from, long to, int pixels) {
    long request = wanted.incrementAndGet();
    int buckets = (int) Math.min(pixels, Math.max(1, (to - from) / FINEST_PER_BUCKET));
    Stretch have = detail;
    boolean same = have != null && have.from() == from && have.to() == to;
    if (same || to - from < 2 || !isCoarse(from, to, pixels)) {
      return;
    }
    closeUp.execute(
        () -> {
          if (request != wanted.get() || closed) {
            return;
          }
          try {
            detail =
                closeUpBuilder.build(
                    from, to, buckets, true, () -> closed || request != wanted.get());
            changed();
          } catch (CancellationException e) {
            // Another part is looked at by now.
          } catch (ReplayException | TraceException e) {
            failures.accept(e);
          }
        });
  }

  /** The first pass has less than a bucket per pixel there, and a replay of it takes no time. */
  private boolean isCoarse(long from, long to, int pixels) {
    double perPixel = (double) (to - from) / pixels;
    int segment = segmentOf(from);
    Stretch stretch = segment < stretches.length ? stretches[segment] : null;
    double perBucket =
        stretch == null
            ? Double.MAX_VALUE
            : (double) (stretch.to() - stretch.from()) / stretch.buckets();
    return perBucket > perPixel && to - from <= 3L * trace.segment(segment).instructions() + 3;
  }

  private int segmentOf(long position) {
    int low = 0;
    int high = stretches.length - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (trace.segment(middle).start() <= position) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return Math.max(0, low);
  }

  /** The run from one position to another in columns of pixels. */
  public Columns columns(double from, double to, int width) {
    Columns columns = new Columns(from, to, width, regions.size());
    int first = segmentOf((long) Math.max(0, from));
    for (int i = first; i < stretches.length && trace.segment(i).start() < to; i++) {
      if (stretches[i] != null) {
        columns.add(stretches[i], tree);
      } else if (i + 1 < stretches.length) {
        columns.unknown(trace.segment(i).start(), trace.segment(i).end());
      }
      if (!countsStores()) {
        pages(columns, i);
      }
    }
    Stretch close = detail;
    if (close != null && close.from() <= from + 1 && close.to() >= to - 1) {
      double perBucket = (double) (close.to() - close.from()) / close.buckets();
      if (perBucket <= 2 * (to - from) / width) {
        columns.replace(close, tree);
      }
    }
    return columns;
  }

  /** Pages changed in a segment, where stores are not counted. */
  private void pages(Columns columns, int segment) {
    if (segment + 1 >= trace.segmentCount()) {
      return;
    }
    long[] frames = trace.segment(segment + 1).frames();
    for (int r = 0; r < regions.size(); r++) {
      Region region = regions.get(r);
      long count = Arrays.stream(frames).filter(region::contains).count();
      columns.pages(trace.segment(segment).start(), trace.segment(segment).end(), r, count);
    }
  }

  /** Instructions per function in a part of the run, estimated from the samples. */
  public List<Share> shares(long from, long to) {
    return Share.of(stretches, tree, from, to);
  }

  @Override
  public void close() {
    closed = true;
    pool.shutdownNow();
    closeUp.shutdownNow();
    try {
      pool.awaitTermination(5, java.util.concurrent.TimeUnit.SECONDS);
      closeUp.awaitTermination(5, java.util.concurrent.TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
