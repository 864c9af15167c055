package org.chronovisor.view.model;

import java.util.concurrent.CancellationException;
import org.chronovisor.query.ProgressListener;

/** What a running job asks and tells: whether it is still wanted, and how far it is. */
public final class JobControl implements ProgressListener {
  private final String name;
  private volatile boolean cancelled;
  private volatile boolean finished;
  private volatile double part = -1;
  private final long started = System.nanoTime();

  JobControl(String name) {
    this.name = name;
  }

  /** What it does, for people. */
  public String name() {
    return name;
  }

  /** Ends the job as soon as it looks. */
  public void cancel() {
    cancelled = true;
  }

  @Override
  public boolean isCancelled() {
    return cancelled;
  }

  /** From 0 to 1; negative when it is not known. */
  public double part() {
    return part;
  }

  void finish() {
    finished = true;
  }

  boolean isFinished() {
    return finished;
  }

  public long elapsedNanos() {
    return System.nanoTime() - started;
  }

  @Override
  public void progress(long done, long total) {
    if (cancelled) {
      throw new CancellationException();
    }
    part = total <= 0 ? -1 : Math.min(1, (double) done / total);
  }
}
