package org.chronovisor.query.search;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.replay.Replayer;
import org.chronovisor.trace.TraceReader;

/**
 * Does something with each of many segments, several at a time, and gives the results in the order
 * asked for. Each thread has a replay of its own.
 *
 * @param <R> result of one segment
 */
public final class SegmentScan<R> {
  private static final long POLL_MILLIS = 20;

  /** What is done with one segment; must not touch the session. */
  @FunctionalInterface
  public interface Task<R> {
    R run(Replayer replayer, int segment);
  }

  private final TraceReader trace;
  private final Task<R> task;
  private final ProgressListener progress;
  private final ConcurrentLinkedQueue<Replayer> replayers = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean stopped = new AtomicBoolean();

  public SegmentScan(TraceReader trace, Task<R> task, ProgressListener progress) {
    this.trace = trace;
    this.task = task;
    this.progress = progress;
  }

  /**
   * Runs until all segments are done or the sink has enough.
   *
   * @param segments in the order in which the sink wants them
   * @param sink says whether it wants more
   * @throws CancellationException when the listener says so
   */
  public void run(List<Integer> segments, Predicate<R> sink) {
    int threads = Math.min(Runtime.getRuntime().availableProcessors(), segments.size());
    if (threads == 0) {
      return;
    }
    ExecutorService workers =
        Executors.newFixedThreadPool(
            threads,
            runnable -> {
              Thread thread = new Thread(runnable, "segment-scan");
              thread.setDaemon(true);
              return thread;
            });
    Deque<Future<R>> running = new ArrayDeque<>();
    Iterator<Integer> next = segments.iterator();
    int done = 0;
    try {
      while (next.hasNext() || !running.isEmpty()) {
        while (next.hasNext() && running.size() < 2 * threads) {
          int segment = next.next();
          running.add(workers.submit(() -> work(segment)));
        }
        R result = await(running.remove());
        progress.progress(++done, segments.size());
        if (!sink.test(result)) {
          break;
        }
      }
    } finally {
      stopped.set(true);
      workers.shutdownNow();
      try {
        // The trace may be closed after this: nobody must be reading it any more.
        workers.awaitTermination(10, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private R work(int segment) {
    Replayer replayer = replayers.poll();
    if (replayer == null) {
      replayer = new Replayer(trace);
      replayer.setCancelled(stopped::get);
    }
    R result = task.run(replayer, segment);
    replayers.add(replayer);
    return result;
  }

  private R await(Future<R> future) {
    while (true) {
      if (progress.isCancelled()) {
        throw new CancellationException();
      }
      try {
        return future.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        // Look at the cancel flag, and wait on.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CancellationException();
      } catch (ExecutionException e) {
        if (e.getCause() instanceof RuntimeException cause) {
          throw cause;
        }
        throw new IllegalStateException(e.getCause());
      }
    }
  }
}
