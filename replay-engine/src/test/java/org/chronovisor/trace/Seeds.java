package org.chronovisor.trace;

import java.util.stream.LongStream;

/** Seeds for tests of random content: the same in every run, named in a failure. */
final class Seeds {
  private Seeds() {}

  static LongStream many() {
    return LongStream.range(0, 200);
  }

  static LongStream some() {
    return LongStream.range(0, 30);
  }
}
