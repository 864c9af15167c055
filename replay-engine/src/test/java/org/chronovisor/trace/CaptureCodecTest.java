package org.chronovisor.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.chronovisor.x86.EndKind;
import org.chronovisor.x86.Plan;
import org.chronovisor.x86.Registers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CaptureCodecTest {
  private static final byte[] NONE = {};

  @ParameterizedTest
  @MethodSource("org.chronovisor.trace.Seeds#many")
  void capturesAreReadBack(long seed) {
    Random random = new Random(seed);
    List<Plan> plans = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      plans.add(SampleTraces.plan(random));
    }
    CaptureWriter writer = new CaptureWriter();
    List<Plan> order = new ArrayList<>();
    List<long[]> values = new ArrayList<>();
    long[] current = new long[64];
    for (int i = random.nextInt(300); i > 0; i--) {
      for (int change = random.nextInt(4); change > 0; change--) {
        current[random.nextInt(64)] = SampleTraces.value(random);
      }
      order.add(plans.get(random.nextInt(5)));
      values.add(current.clone());
      writer.append(order.get(order.size() - 1), current);
    }
    byte[] bytes = writer.toByteArray();
    assertEquals(bytes.length, writer.size());
    CaptureReader reader = new CaptureReader(bytes);
    for (int i = 0; i < order.size(); i++) {
      long[] found = new long[64];
      reader.next(order.get(i), found);
      for (int w = 0; w < words(order.get(i)); w++) {
        assertEquals(values.get(i)[w], found[w]);
      }
    }
    assertFalse(reader.hasNext());
  }

  @ParameterizedTest
  @MethodSource("org.chronovisor.trace.Seeds#many")
  void damagedCapturesGiveATraceExceptionOrValues(long seed) {
    Random random = new Random(seed);
    byte[] bytes = new byte[random.nextInt(300)];
    random.nextBytes(bytes);
    CaptureReader reader = new CaptureReader(bytes);
    long[] values = new long[64];
    try {
      for (int i = 0; i < 100; i++) {
        reader.next(SampleTraces.plan(random), values);
      }
    } catch (TraceException e) {
      assertEquals(1, e.getMessage().lines().count());
    }
  }

  @Test
  void readingPastTheEndIsATraceException() {
    CaptureReader reader = new CaptureReader(NONE);
    assertThrows(TraceException.class, () -> reader.next(plan(Registers.RAX), new long[1]));
  }

  @Test
  void pollingAPortCostsOneByteEach() {
    CaptureWriter writer = new CaptureWriter();
    Plan in = plan(Registers.RAX);
    for (int i = 0; i < 1000; i++) {
      writer.append(in, new long[] {0x20 + i / 100 % 2 * 0x10});
    }
    assertEquals(1000, writer.size());
  }

  @Test
  void unchangedRegistersCostAMaskOnly() {
    CaptureWriter writer = new CaptureWriter();
    Plan all = plan(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    long[] values = new Random(1).longs(16).toArray();
    writer.append(all, values);
    int first = writer.size();
    for (int i = 0; i < 100; i++) {
      values[3]++;
      writer.append(all, values);
    }
    assertTrue(writer.size() - first <= 100 * 3, "bytes " + (writer.size() - first));
  }

  private static int words(Plan plan) {
    int words = 0;
    for (byte register : plan.captureRegisters()) {
      words += Registers.isWide(register) ? 2 : 1;
    }
    return words;
  }

  private static Plan plan(int... registers) {
    byte[] numbers = new byte[registers.length];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (byte) registers[i];
    }
    return new Plan(false, Plan.CAPTURE, numbers, NONE, EndKind.FALL, 0, 0);
  }
}
