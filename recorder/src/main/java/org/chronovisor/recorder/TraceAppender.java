package org.chronovisor.recorder;

import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.chronovisor.trace.TraceEnd;
import org.chronovisor.trace.TraceException;
import org.chronovisor.trace.TraceWriter;

/**
 * Appends to the trace on its own thread, so that the guest goes on while segments are encoded.
 *
 * <p>At most {@link #QUEUED} segments wait; then {@link #append} blocks, and the guest with it.
 */
final class TraceAppender {
  private static final int QUEUED = 3;

  private final TraceWriter writer;
  private final BlockingQueue<Work> queue = new ArrayBlockingQueue<>(QUEUED);
  private final Thread thread;
  private volatile TraceException failure;
  private volatile long bytes;

  private record Work(TranslationOracle.NewCode code, FinishedSegment segment, boolean last) {}

  TraceAppender(TraceWriter writer) {
    this.writer = writer;
    bytes = writer.bytes();
    thread = new Thread(this::run, "trace");
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    try {
      while (true) {
        Work work = queue.take();
        if (failure == null) {
          append(work);
        }
        if (work.last) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void append(Work work) {
    try {
      if (work.code != null
          && (!work.code.blocks().isEmpty() || !work.code.plans().isEmpty())) {
        writer.code(work.code.blocks(), work.code.plans());
      }
      if (work.segment != null) {
        writer.segment(work.segment.info(), work.segment.pages(), work.segment.events());
      }
      bytes = writer.bytes();
    } catch (TraceException e) {
      failure = e;
    } catch (RuntimeException | Error e) {
      failure = new TraceException("the trace cannot be written: " + e, e);
    }
  }

  /** Appends code and a segment that uses it; waits when too much is queued. */
  void append(TranslationOracle.NewCode code, FinishedSegment segment) {
    put(new Work(code, segment, false));
  }

  private void put(Work work) {
    try {
      while (!queue.offer(work, 100, TimeUnit.MILLISECONDS)) {
        if (!thread.isAlive()) {
          throw failure != null ? failure : new TraceException("the trace's writer has ended");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TraceException("interrupted", e);
    }
    throwFailure();
  }

  private void throwFailure() {
    if (failure != null) {
      throw failure;
    }
  }

  /** What went wrong, or null. Any thread. */
  TraceException failure() {
    return failure;
  }

  /** Bytes written so far. Any thread. */
  long bytes() {
    return bytes;
  }

  /** Waits until everything queued is written. */
  private void drain() {
    try {
      while (thread.isAlive() && !queue.offer(new Work(null, null, true), 1, TimeUnit.SECONDS)) {
        // The writer is busy with what is queued.
      }
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TraceException("interrupted", e);
    }
  }

  /** Writes the end of the trace behind everything queued. */
  void end(TraceEnd end, List<byte[]> pages) {
    drain();
    throwFailure();
    writer.end(end, pages);
    bytes = writer.bytes();
  }

  /** Closes the trace; what was written remains. */
  void close() {
    drain();
    writer.close();
  }
}
