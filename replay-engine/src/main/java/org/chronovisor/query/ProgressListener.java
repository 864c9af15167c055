package org.chronovisor.query;

/** Hears how far a long search has come. */
@FunctionalInterface
public interface ProgressListener {
  ProgressListener NONE = (done, total) -> {};

  /** {@code done} of {@code total} units, which mean nothing but their ratio. */
  void progress(long done, long total);

  /** Asked about every few milliseconds: true makes the search end with CancellationException. */
  default boolean isCancelled() {
    return false;
  }
}
