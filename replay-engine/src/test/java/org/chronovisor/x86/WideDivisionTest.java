package org.chronovisor.x86;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WideDivisionTest {
  private static final long[] EDGES = {
    0, 1, 2, 0xffff_ffffL, 0x1_0000_0000L, 0x1_0000_0001L, Long.MAX_VALUE, Long.MIN_VALUE, -1, -2
  };

  @Test
  void quotientAndRemainderAreThoseOfBigInteger() {
    Random random = new Random(1);
    for (int i = 0; i < 300_000; i++) {
      long divisor = number(random);
      long high = number(random);
      if (divisor == 0 || Long.compareUnsigned(high, divisor) >= 0) {
        continue;
      }
      long low = number(random);
      BigInteger[] expected =
          unsigned(high).shiftLeft(64).or(unsigned(low)).divideAndRemainder(unsigned(divisor));
      assertArrayEquals(
          new long[] {expected[0].longValue(), expected[1].longValue()},
          MulDiv.divide(high, low, divisor),
          () -> String.format("%x:%x / %x", high, low, divisor));
    }
  }

  private static long number(Random random) {
    return random.nextInt(3) == 0
        ? EDGES[random.nextInt(EDGES.length)]
        : random.nextLong() >>> random.nextInt(64);
  }

  private static BigInteger unsigned(long value) {
    return new BigInteger(Long.toUnsignedString(value));
  }
}
