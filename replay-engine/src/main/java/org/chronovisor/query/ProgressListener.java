package org.chronovisor.query;

/** Hears how far a long search has come. */
@FunctionalInterface
public interface ProgressListener {
  ProgressListener NONE = (done, total) -> {};

  /** {@code done} of {@code total} units, which mean nothing but their ratio. */
  void progress(long done, long total);
}
