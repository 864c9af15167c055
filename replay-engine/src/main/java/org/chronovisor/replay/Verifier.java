package org.chronovisor.replay;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.chronovisor.memory.Page;
import org.chronovisor.trace.SegmentInfo;
import org.chronovisor.trace.TraceEnd;
import org.chronovisor.trace.TraceException;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.x86.CpuState;

/** Proves a trace: replays every segment and compares where it lands with the next keyframe. */
public final class Verifier {
  /** Most mismatches reported for one segment. */
  private static final int MOST = 20;

  private final TraceReader trace;
  private final BooleanSupplier cancelled;

  private Verifier(TraceReader trace, BooleanSupplier cancelled) {
    this.trace = trace;
    this.cancelled = cancelled;
  }

  /** Told of each segment that is done, from any thread. */
  @FunctionalInterface
  public interface Listener {
    /**
     * @param segments done so far
     * @param instructions in them
     */
    void verified(int segments, long instructions);
  }

  /**
   * Replays and compares all segments.
   *
   * @param threads at least 1
   * @throws CancellationException when {@code cancelled} said so
   * @throws TraceException when the trace is damaged where no replay looks
   */
  public static VerifyReport verify(
      TraceReader trace, int threads, Listener listener, BooleanSupplier cancelled) {
    return new Verifier(trace, cancelled).run(threads, listener);
  }

  private VerifyReport run(int threads, Listener listener) {
    trace.check();
    int count = trace.segmentCount();
    List<List<String>> mismatches = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      mismatches.add(List.of());
    }
    AtomicInteger next = new AtomicInteger();
    AtomicInteger done = new AtomicInteger();
    AtomicLong instructions = new AtomicLong();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> workers = new ArrayList<>();
      for (int t = 0; t < Math.min(threads, count); t++) {
        workers.add(
            pool.submit(
                () -> {
                  Replayer replayer = new Replayer(trace);
                  replayer.setCancelled(cancelled);
                  for (int i; (i = next.getAndIncrement()) < count; ) {
                    mismatches.set(i, segment(replayer, i));
                    listener.verified(
                        done.incrementAndGet(),
                        instructions.addAndGet(trace.segment(i).instructions()));
                  }
                }));
      }
      for (Future<?> worker : workers) {
        worker.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      next.set(count);
      pool.shutdownNow();
    }
    List<String> all = mismatches.stream().flatMap(List::stream).toList();
    return new VerifyReport(all.isEmpty(), count, instructions.get(), all);
  }

  private List<String> segment(Replayer replayer, int index) {
    SegmentInfo info = trace.segment(index);
    List<String> found = new ArrayList<>();
    try {
      replayer.enter(index);
      replayer.runWithin(info.end());
      replayer.checkConsumed();
      compare(replayer, index, found);
    } catch (ReplayException | TraceException e) {
      found.add("segment " + index + ": " + e.getMessage());
    }
    return found;
  }

  private void compare(Replayer replayer, int index, List<String> found) {
    String where = "segment " + index + ", instruction " + replayer.position() + ": ";
    List<CpuState> expected;
    int cpu;
    long hash;
    if (index + 1 < trace.segmentCount()) {
      expected = trace.segment(index + 1).cpus();
      cpu = trace.segment(index + 1).cpu();
      hash = trace.segment(index + 1).pathHash();
    } else if (trace.end().isPresent()) {
      TraceEnd end = trace.end().get();
      expected = end.cpus();
      cpu = end.cpu();
      hash = end.pathHash();
    } else {
      return;
    }
    if (replayer.pathHash() != hash) {
      found.add(
          String.format(
              "%spath hash: expected 0x%x, found 0x%x", where, hash, replayer.pathHash()));
    }
    if (!expected.isEmpty()) {
      replayer.differences(cpu, expected).forEach(line -> found.add(where + line));
      comparePages(replayer, index + 1, where, found);
    }
  }

  private void comparePages(Replayer replayer, int version, String where, List<String> found) {
    long[] frames =
        version < trace.segmentCount()
            ? trace.segment(version).frames()
            : trace.end().map(TraceEnd::frames).orElse(new long[0]);
    for (long frame : frames) {
      replayer.memory().page(frame);
    }
    byte[] zero = new byte[Page.SIZE];
    replayer
        .memory()
        .forEachLoaded(
            page -> {
              byte[] expected = trace.page(page.frame, version);
              if (expected == null) {
                expected = zero;
              }
              int at = Arrays.mismatch(expected, page.bytes);
              if (at >= 0 && found.size() < MOST) {
                found.add(
                    String.format(
                        "%sphysical address 0x%x: expected %02x, found %02x",
                        where,
                        page.frame * Page.SIZE + at,
                        expected[at] & 0xff,
                        page.bytes[at] & 0xff));
              }
            });
  }
}
