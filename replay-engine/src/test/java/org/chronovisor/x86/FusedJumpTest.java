package org.chronovisor.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.HexFormat;
import java.util.List;
import org.chronovisor.memory.PhysicalMemory;
import org.junit.jupiter.api.Test;

/** A compare fused with its jump does what the two do, which the model tests prove against QEMU. */
class FusedJumpTest {
  private static final long[] OPERANDS = {
    0,
    1,
    -1,
    5,
    0x7f,
    0x80,
    0x7fff_ffffL,
    0x8000_0000L,
    0xffff_ffffL,
    0x1_0000_0000L,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    0x8000_0000_0000_0001L,
    0x1234_5678_9abc_def0L
  };

  private static Insn decode(String code, long pc) {
    byte[] bytes = HexFormat.of().parseHex(code);
    return Decoder.decode(bytes, 0, bytes.length, pc, Mode.CODE64);
  }

  private static Cpu cpu(long a, long b) {
    Cpu cpu = new Cpu(new Mmu(new PhysicalMemory(List.of())));
    cpu.r[0] = a;
    cpu.r[3] = b;
    cpu.rip = 0x1005;
    return cpu;
  }

  @Test
  void jumpsAndFlagsEqualThoseOfTheTwoInstructions() {
    // cmp rax,rbx; cmp eax,ebx; cmp rax,5; cmp eax,-1; test rax,rbx; test eax,ebx
    for (String compare : List.of("4839d8", "39d8", "4883f805", "83f8ff", "4885d8", "85d8")) {
      for (int condition : new int[] {2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15}) {
        Insn first = decode(compare, 0x1000);
        Conditional jump = (Conditional) decode(String.format("7%x40", condition), 0x1003);
        Insn both = jump.fuse(first);
        assertNotNull(both, compare);
        for (long a : OPERANDS) {
          for (long b : OPERANDS) {
            Cpu expected = cpu(a, b);
            first.execute(expected);
            jump.execute(expected);
            Cpu found = cpu(a, b);
            both.execute(found);
            String what = compare + " j" + condition + " " + a + " " + b;
            assertEquals(expected.rip, found.rip, what);
            assertEquals(expected.rflags(), found.rflags(), what);
          }
        }
      }
    }
  }

  @Test
  void overflowAndParityAreNotFused() {
    for (int condition : new int[] {0, 1, 10, 11}) {
      Conditional jump = (Conditional) decode(String.format("7%x40", condition), 0x1003);
      assertNull(jump.fuse(decode("4839d8", 0x1000)));
    }
  }
}
