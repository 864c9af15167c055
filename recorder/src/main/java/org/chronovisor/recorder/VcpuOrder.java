package org.chronovisor.recorder;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.chronovisor.x86.CpuState;
import org.chronovisor.x86.Mode;

/**
 * Which of QEMU's vCPUs is which of the plugin's, who numbers them in the order of their first
 * instruction: those with the same registers. Two that are alike may be exchanged until they
 * differ.
 */
final class VcpuOrder {
  private static final int WORDS = 19;
  private static final int RIP = 16;

  /** QEMU's number of each. */
  private final int[] numbers;

  /** General registers, rip, flags of each; null before its first instruction. */
  private final long[][] peeked;

  VcpuOrder(int count) {
    numbers = new int[count];
    Arrays.setAll(numbers, i -> i);
    peeked = new long[count][];
  }

  /** QEMU's number of a vCPU. */
  int number(int vcpu) {
    return numbers[vcpu];
  }

  /** Takes the payload of STOPPED: one word, 1 for known, and 18 registers for each. */
  void peeked(ByteBuffer in) {
    for (int i = 0; i < peeked.length && in.remaining() >= 8 * WORDS; i++) {
      boolean known = in.getLong() != 0;
      long[] words = new long[WORDS - 1];
      for (int j = 0; j < words.length; j++) {
        words[j] = in.getLong();
      }
      peeked[i] = known ? words : null;
    }
  }

  /** Brings what the monitor shows, at the same stop, into the plugin's order. */
  List<MonitorRegisters> sort(List<MonitorRegisters> all) {
    if (all.size() != numbers.length) {
      throw new RecordException("QEMU shows " + all.size() + " vCPUs, not " + numbers.length);
    }
    boolean[] used = new boolean[numbers.length];
    int[] found = new int[numbers.length];
    for (int i = 0; i < found.length; i++) {
      boolean same = peeked[i] != null && isSame(peeked[i], all.get(numbers[i]).state());
      found[i] = same ? numbers[i] : -1;
      used[numbers[i]] |= same;
    }
    for (int i = 0; i < found.length; i++) {
      for (int j = 0; j < used.length && found[i] < 0 && peeked[i] != null; j++) {
        if (!used[j] && isSame(peeked[i], all.get(j).state())) {
          found[i] = j;
          used[j] = true;
        }
      }
      if (found[i] < 0 && peeked[i] != null) {
        throw new RecordException(
            "QEMU's monitor shows no vCPU with the registers of the one that executes: this QEMU"
                + " cannot be recorded with several vCPUs");
      }
    }
    // Those that have executed nothing keep their order.
    int free = 0;
    for (int i = 0; i < found.length; i++) {
      if (found[i] < 0) {
        while (used[free]) {
          free++;
        }
        found[i] = free;
        used[free] = true;
      }
    }
    System.arraycopy(found, 0, numbers, 0, found.length);
    return order(all);
  }

  /** The same for registers taken when nothing executes any more. */
  <T> List<T> order(List<T> all) {
    List<T> sorted = new ArrayList<>();
    for (int number : numbers) {
      sorted.add(all.get(number));
    }
    return sorted;
  }

  private static boolean isSame(long[] peeked, CpuState shown) {
    boolean wide = MonitorRegisters.mode(shown) == Mode.CODE64;
    long mask = wide ? -1 : 0xffff_ffffL;
    if ((peeked[RIP] & mask) != (shown.words[CpuState.RIP] & mask)) {
      return false;
    }
    for (int i = 0; i < (wide ? 16 : 8); i++) {
      if ((peeked[i] & mask) != (shown.words[i] & mask)) {
        return false;
      }
    }
    return true;
  }
}
