package org.chronovisor.symbols;

/** Looks into arrays of addresses that ascend without sign. */
public final class SortedAddresses {
  private SortedAddresses() {}

  /**
   * Number of addresses at or below another.
   *
   * @param size of the array, only the first so many count
   */
  public static int countUpTo(long[] addresses, int size, long address) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(addresses[middle], address) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
