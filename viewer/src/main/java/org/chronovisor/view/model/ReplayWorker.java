package org.chronovisor.view.model;

import java.util.concurrent.CancellationException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.swing.SwingUtilities;
import org.chronovisor.query.TraceSession;

/** Runs replay work one job after another on a thread of its own, with a session of its own. */
public final class ReplayWorker implements AutoCloseable {
  private final Supplier<TraceSession> opener;
  private final ThreadPoolExecutor executor;
  private final Consumer<Exception> failures;
  private final long snapshotBytes;
  private TraceSession session;
  private volatile JobControl running;

  /** Work on a trace. */
  @FunctionalInterface
  public interface Job<T> {
    T run(TraceSession session, JobControl control) throws Exception;
  }

  /**
   * @param snapshotBytes memory for snapshots that make steps back quick
   * @param opener makes the session on the worker's thread
   * @param failures hears on the event thread what went wrong
   */
  ReplayWorker(
      String name,
      long snapshotBytes,
      Supplier<TraceSession> opener,
      Consumer<Exception> failures) {
    this.snapshotBytes = snapshotBytes;
    this.opener = opener;
    this.failures = failures;
    executor =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Queues a job.
   *
   * @param done takes its result on the event thread; not called when it failed or was cancelled
   */
  public <T> JobControl submit(String name, Job<T> job, Consumer<T> done) {
    return submit(name, job, done, () -> {});
  }

  /**
   * Queues a job.
   *
   * @param done takes its result on the event thread
   * @param otherwise called on the event thread when it failed or was cancelled
   */
  public <T> JobControl submit(String name, Job<T> job, Consumer<T> done, Runnable otherwise) {
    JobControl control = new JobControl(name);
    try {
      executor.execute(() -> run(control, job, done, otherwise));
    } catch (RejectedExecutionException closed) {
      control.cancel();
    }
    return control;
  }

  private <T> void run(JobControl control, Job<T> job, Consumer<T> done, Runnable otherwise) {
    if (control.isCancelled()) {
      control.finish();
      SwingUtilities.invokeLater(otherwise);
      return;
    }
    running = control;
    try {
      if (session == null) {
        session = opener.get();
        session.replayer().keepSnapshots(snapshotBytes);
      }
      session.replayer().setCancelled(control::isCancelled);
      T result = job.run(session, control);
      SwingUtilities.invokeLater(() -> done.accept(result));
    } catch (CancellationException e) {
      SwingUtilities.invokeLater(otherwise);
    } catch (Exception e) {
      SwingUtilities.invokeLater(
          () -> {
            failures.accept(e);
            otherwise.run();
          });
    } finally {
      running = null;
      control.finish();
    }
  }

  /** The job that runs now, or null. */
  JobControl running() {
    return running;
  }

  /** Nothing runs and nothing is queued. */
  boolean isIdle() {
    return running == null && executor.getQueue().isEmpty() && executor.getActiveCount() == 0;
  }

  /** Another job waits. */
  boolean hasMore() {
    return !executor.getQueue().isEmpty();
  }

  /** Ends the running job, drops the queued ones and waits a moment for the thread's end. */
  @Override
  public void close() {
    executor.shutdownNow();
    JobControl last = running;
    if (last != null) {
      last.cancel();
    }
    try {
      executor.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
