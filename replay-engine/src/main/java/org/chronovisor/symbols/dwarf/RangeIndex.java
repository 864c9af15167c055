package org.chronovisor.symbols.dwarf;

import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import org.chronovisor.symbols.SortedAddresses;

/**
 * Finds, among ranges of addresses that may overlap, those that contain an address. Addresses are
 * unsigned. Immutable and thread-safe.
 */
public final class RangeIndex {
  // By start.
  private final int[] numbers;
  private final long[] starts;
  private final long[] ends;

  /** Highest end of any range up to this one: a search backwards may stop there. */
  private final long[] furthest;

  /**
   * @param size number of ranges
   * @param start of a range, by its number
   * @param end first address behind a range, by its number
   */
  public RangeIndex(int size, IntToLongFunction start, IntToLongFunction end) {
    numbers =
        IntStream.range(0, size)
            .boxed()
            .sorted((a, b) -> Long.compareUnsigned(start.applyAsLong(a), start.applyAsLong(b)))
            .mapToInt(Integer::intValue)
            .toArray();
    starts = IntStream.of(numbers).mapToLong(start).toArray();
    ends = IntStream.of(numbers).mapToLong(end).toArray();
    furthest = ends.clone();
    for (int i = 1; i < size; i++) {
      if (Long.compareUnsigned(furthest[i - 1], ends[i]) > 0) {
        furthest[i] = furthest[i - 1];
      }
    }
  }

  /** Numbers of the ranges that contain an address; what begins nearest to it comes first. */
  public IntStream at(long address) {
    return IntStream.iterate(
            SortedAddresses.countUpTo(starts, starts.length, address) - 1,
            i -> i >= 0 && Long.compareUnsigned(address, furthest[i]) < 0,
            i -> i - 1)
        .filter(i -> Long.compareUnsigned(address, ends[i]) < 0)
        .map(i -> numbers[i]);
  }
}
