package org.chronovisor.cli;

import java.io.PrintWriter;
import java.util.Locale;

/**
 * One line on a terminal that is drawn over and over: progress of anything that takes more than a
 * second. Silent when there is no terminal. Thread-safe.
 */
final class StatusLine {
  private static final long QUIET_NANOS = 1_000_000_000L;
  private static final long REDRAW_NANOS = 100_000_000L;
  private static final int BAR = 30;

  private final PrintWriter err;
  private final boolean enabled;
  private boolean drawn;
  private String task;
  private long started;
  private long lastDraw;

  StatusLine(PrintWriter err, boolean enabled) {
    this.err = err;
    this.enabled = enabled;
    if (enabled) {
      Runtime.getRuntime().addShutdownHook(new Thread(this::clear, "status-line"));
    }
  }

  boolean isEnabled() {
    return enabled;
  }

  /** A new task begins; its bar appears when it takes more than a second. */
  synchronized void begin(String name) {
    clear();
    task = name;
    started = System.nanoTime();
    lastDraw = 0;
  }

  /** Shows how much of the task is done. */
  synchronized void progress(long done, long total) {
    long now = System.nanoTime();
    if (!enabled || task == null || now - started < QUIET_NANOS || now - lastDraw < REDRAW_NANOS) {
      return;
    }
    lastDraw = now;
    double part = total <= 0 ? 0 : Math.min(1, (double) done / total);
    int full = (int) (part * BAR);
    show(
        String.format(
            Locale.ROOT,
            "%s [%s%s] %3d %%  %d s",
            task,
            "#".repeat(full),
            ".".repeat(BAR - full),
            (int) (100 * part),
            (now - started) / 1_000_000_000L));
  }

  /** Draws a line at once, cut to the terminal's width. */
  synchronized void show(String text) {
    if (!enabled) {
      return;
    }
    int width = Terminal.width() - 1;
    err.print("\r\033[K" + (text.length() > width ? text.substring(0, width) : text));
    err.flush();
    drawn = true;
  }

  /** Takes the line away. */
  synchronized void clear() {
    if (drawn) {
      err.print("\r\033[K");
      err.flush();
      drawn = false;
    }
  }

  /** The task is over. */
  synchronized void end() {
    clear();
    task = null;
  }
}
