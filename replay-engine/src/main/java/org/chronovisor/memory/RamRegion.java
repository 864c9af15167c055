package org.chronovisor.memory;

/**
 * A stretch of guest physical addresses backed by RAM.
 *
 * @param start guest physical address, a multiple of 4096
 * @param length in bytes, a multiple of 4096
 * @param offset in the RAM file, in bytes
 */
public record RamRegion(long start, long length, long offset) {
  public boolean contains(long physical) {
    return Long.compareUnsigned(physical - start, length) < 0;
  }
}
