package org.chronovisor.x86;

/**
 * When hot code is compiled.
 *
 * @param on whether at all
 * @param warmUp instructions that a replayer interprets before it has anything compiled: a first
 *     seek is over sooner
 * @param threshold how often a block is interpreted before it is compiled
 * @param immediately compile at once instead of in the background, for tests
 */
public record RegionOptions(boolean on, long warmUp, int threshold, boolean immediately) {
  /** Regions of one replayer that are waited for at a time. */
  static final int MOST_PENDING = 32;

  /** What the system properties {@code chronovisor.jit...} say. */
  static RegionOptions ofProperties() {
    return ofProperties("on".equals(System.getProperty("chronovisor.jit")));
  }

  /** Compiled in the background, or only interpreted, whatever the property says. */
  public static RegionOptions ofProperties(boolean on) {
    return new RegionOptions(
        on,
        Long.getLong("chronovisor.jit.warmup", 6_000_000),
        Math.max(1, Integer.getInteger("chronovisor.jit.threshold", 1_000)),
        Boolean.getBoolean("chronovisor.jit.wait"));
  }

  static RegionOptions off() {
    return new RegionOptions(false, 0, 1, false);
  }
}
