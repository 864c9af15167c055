package org.chronovisor.view.timeline;

/** The part of a run that a timeline shows; zoomed and moved within the run. */
public final class VisibleRange {
  /** Shown at least, in instructions. */
  private static final double SHORTEST = 16;

  private final double end;
  private double from;
  private double to;

  public VisibleRange(long end) {
    this.end = Math.max(end, SHORTEST);
    to = this.end;
  }

  public double from() {
    return from;
  }

  public double to() {
    return to;
  }

  public double length() {
    return to - from;
  }

  public boolean isWhole() {
    return from <= 0 && to >= end;
  }

  /** Makes the range longer or shorter by a factor; a position keeps its place. */
  public void zoom(double factor, double around) {
    double length = Math.max(SHORTEST, Math.min(end, length() * factor));
    double part = (around - from) / length();
    set(around - part * length, length);
  }

  public void move(double by) {
    set(from + by, length());
  }

  public void whole() {
    set(0, end);
  }

  /** Shows a part of the run. */
  public void show(double start, double stop) {
    set(start, Math.max(SHORTEST, stop - start));
  }

  /** Moves as little as it takes to show a position. */
  public boolean reveal(double position) {
    if (position >= from && position <= to) {
      return false;
    }
    set(position - length() / 2, length());
    return true;
  }

  private void set(double start, double length) {
    from = Math.max(0, Math.min(start, end - length));
    to = Math.min(end, from + length);
  }
}
