package org.chronovisor.recorder;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.chronovisor.x86.Mode;
import org.chronovisor.x86.Plan;
import org.junit.jupiter.api.Test;

class BiasFinderTest {
  private static final long LINKED = 0x1000;
  private static final int BLOCK = 16;

  private final byte[] code = new byte[4096];
  private final List<RecordedBlock> executed = new ArrayList<>();

  BiasFinderTest() {
    new Random(1).nextBytes(code);
  }

  private void execute(int offset, long bias) {
    byte[] bytes = java.util.Arrays.copyOfRange(code, offset, offset + BLOCK);
    long pc = LINKED + offset + bias;
    executed.add(
        new RecordedBlock(
            executed.size() + 1,
            Mode.CODE64,
            new long[] {pc},
            new byte[][] {bytes},
            new Plan[] {Plan.MODELLED},
            pc + BLOCK));
  }

  private Map<Long, Integer> find() {
    return new BiasFinder(executed).find(List.of(new BiasFinder.Text(LINKED, code)));
  }

  @Test
  void severalBlocksMustAgree() {
    execute(100, 0x200000);
    execute(200, 0x200000);
    assertEquals(Map.of(), find());
    execute(300, 0x200000);
    assertEquals(Map.of(0x200000L, 3), find());
  }

  @Test
  void aKernelThatMovesItselfHasTwoPlacesTheBetterProvedFirst() {
    for (int i = 0; i < 5; i++) {
      execute(100 * i, 0);
    }
    for (int i = 5; i < 15; i++) {
      execute(100 * i, 0x7f00_0000_0000L);
    }
    assertEquals(List.of(0x7f00_0000_0000L, 0L), List.copyOf(find().keySet()));
  }

  @Test
  void codeThatStandsTwiceInTheFileProvesNothing() {
    System.arraycopy(code, 0, code, 2048, 1024);
    for (int i = 0; i < 10; i++) {
      execute(100 * i, 0x1000);
    }
    assertEquals(Map.of(), find());
  }

  @Test
  void blocksThatDisagreeProveNothing() {
    for (int i = 0; i < 20; i++) {
      execute(100 * i, i * 0x1000L);
    }
    assertEquals(Map.of(), find());
  }
}
