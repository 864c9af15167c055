package org.chronovisor.recorder;

import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.chronovisor.trace.TraceEnd;
import org.chronovisor.trace.TraceException;
import org.chronovisor.trace.TraceHeader;
import org.chronovisor.trace.TraceWriter;

/**
 * Appends to the trace on its own thread, so that the guest goes on while segments are encoded.
 *
 * <p>At most {@link #QUEUED} segments wait; then {@link #append} blocks, and the guest with it. The
 * store insists that one thread makes, uses and closes it.
 */
final class TraceAppender {
  private static final int QUEUED = 3;

  private final BlockingQueue<Consumer<TraceWriter>> queue = new ArrayBlockingQueue<>(QUEUED);
  private final CountDownLatch made = new CountDownLatch(1);
  private final Thread thread;
  private volatile TraceException failure;
  private volatile boolean closing;
  private volatile long bytes;

  /**
   * Starts the thread, which makes the writer.
   *
   * <p>Waits until it is made: Chronicle Queue cannot be initialised when a signal has already
   * begun the JVM's shutdown.
   */
  TraceAppender(Supplier<TraceWriter> maker) {
    thread = new Thread(() -> run(maker), "trace");
    thread.setDaemon(true);
    thread.start();
    try {
      made.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throwFailure();
  }

  private void run(Supplier<TraceWriter> maker) {
    try (TraceWriter writer = maker.get()) {
      made.countDown();
      while (!closing || !queue.isEmpty()) {
        Consumer<TraceWriter> work = queue.poll(100, TimeUnit.MILLISECONDS);
        if (work != null && failure == null) {
          work.accept(writer);
          bytes = writer.bytes();
        }
      }
    } catch (TraceException e) {
      failure = e;
    } catch (InterruptedException e) {
      failure = new TraceException("interrupted", e);
    } catch (RuntimeException | Error e) {
      failure = new TraceException("the trace cannot be written: " + e, e);
    } finally {
      made.countDown();
    }
  }

  void begin(TraceHeader header, GuestSymbols symbols) {
    put(
        writer -> {
          writer.header(header);
          symbols.writeTo(writer);
        });
  }

  /** Appends what is known of the code only at the end. */
  void symbols(GuestSymbols symbols, List<String> notes) {
    put(
        writer -> {
          if (!symbols.symbols().isEmpty()) {
            symbols.writeTo(writer);
          }
          writer.notes(notes);
        });
  }

  /** Appends code and a segment that uses it; waits when too much is queued. */
  void append(TranslationOracle.NewCode code, FinishedSegment segment) {
    put(
        writer -> {
          if (!code.blocks().isEmpty() || !code.plans().isEmpty()) {
            writer.code(code.blocks(), code.plans());
          }
          writer.segment(segment.info(), segment.pages(), segment.events());
        });
  }

  /** Appends the end of the trace. */
  void end(TraceEnd end, List<byte[]> pages) {
    put(writer -> writer.end(end, pages));
  }

  private void put(Consumer<TraceWriter> work) {
    try {
      while (!queue.offer(work, 100, TimeUnit.MILLISECONDS)) {
        throwFailure();
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

  /** Writes what is queued and closes the trace; what was written before a failure remains. */
  void close() {
    closing = true;
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        // The trace must be closed whatever happens.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
