package org.chronovisor.x86;

import java.util.Arrays;
import java.util.Collection;

/** Linear addresses of instructions before which execution pauses. Immutable. */
public final class StopSet {
  /** Ascending as signed numbers. */
  private final long[] addresses;

  public StopSet(Collection<Long> addresses) {
    this.addresses = addresses.stream().mapToLong(Long::longValue).distinct().sorted().toArray();
  }

  public boolean isEmpty() {
    return addresses.length == 0;
  }

  public boolean contains(long address) {
    return Arrays.binarySearch(addresses, address) >= 0;
  }

  /** Whether an address is in [start, end), which does not wrap around. */
  boolean intersects(long start, long end) {
    int at = Arrays.binarySearch(addresses, start);
    at = at < 0 ? ~at : at;
    return at < addresses.length && addresses[at] - start < end - start;
  }
}
