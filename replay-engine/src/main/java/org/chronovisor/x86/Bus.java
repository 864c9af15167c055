package org.chronovisor.x86;

/** What lies outside RAM: device memory and ROM, whose loads come from the recording. */
public interface Bus {
  /** Little-endian value of {@code size} bytes (1, 2, 4 or 8), zero-extended. */
  long load(long linear, long physical, int size);

  void store(long linear, long physical, int size, long value);
}
