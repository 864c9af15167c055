package org.chronovisor.memory;

/** One 4 KiB page of guest RAM with what the replay must know when it is written. */
public final class Page {
  public static final int SIZE = 4096;

  /** Stores are reported to the memory's listener. */
  public static final int WATCHED = 1;

  /** Holds decoded instructions: see {@link #codeGranules}. */
  public static final int CODE = 2;

  /** Loads are reported to the memory's listener. */
  public static final int LOADS_WATCHED = 4;

  public final long frame;
  public final byte[] bytes;

  /** Bit set of the constants above; zero means that stores may go unseen. */
  public int flags;

  /** Bit i: bytes [64 i, 64 i + 64) belong to a decoded block. */
  public long codeGranules;

  Page(long frame, byte[] bytes) {
    this.frame = frame;
    this.bytes = bytes;
  }
}
