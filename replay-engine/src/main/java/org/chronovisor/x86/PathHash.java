package org.chronovisor.x86;

/** The checksum of all non-sequential control transfers (docs/ring-protocol.md). */
public final class PathHash {
  private static final long FACTOR = 0x9E3779B97F4A7C15L;

  private PathHash() {}

  /** The hash after one more transfer, to a linear address. */
  public static long step(long hash, long pc) {
    return (Long.rotateLeft(hash, 5) ^ pc) * FACTOR;
  }
}
