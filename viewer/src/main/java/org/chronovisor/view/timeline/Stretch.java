package org.chronovisor.view.timeline;

/**
 * A part of a run summed up in buckets of equal length.
 *
 * @param from first position
 * @param to position behind it
 * @param nodes call tree node at each bucket's start
 * @param counts by {@link Kind}, per bucket
 * @param writes by region, stores per bucket; a row is null where only pages are known
 */
record Stretch(long from, long to, int[] nodes, int[][] counts, int[][] writes) {
  int buckets() {
    return nodes.length;
  }

  /** The bucket that a position lies in. */
  int bucket(long position) {
    long part = position - from;
    int buckets = buckets();
    double length = (double) (to - from) / buckets;
    return (int) Math.max(0, Math.min(buckets - 1, (long) (part / length)));
  }

  /** Position at which a bucket begins. */
  long start(int bucket) {
    return from + (long) ((double) (to - from) * bucket / buckets());
  }
}
