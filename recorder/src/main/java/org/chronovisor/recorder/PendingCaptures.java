package org.chronovisor.recorder;

import java.nio.ByteBuffer;
import org.chronovisor.trace.CaptureWriter;
import org.chronovisor.x86.Plan;
import org.chronovisor.x86.Registers;

/**
 * Captures of the current segment; the newest are held back until it is sure that they count.
 *
 * <p>When QEMU is killed in the middle of a block, the trace ends at that block's start, and the
 * captures taken in it must not be in it.
 */
final class PendingCaptures {
  /** More than the instructions of one block. */
  private static final long HELD_BACK = 4096;

  private static final int FLUSH_AT = 1 << 15;

  private final BlockTable blocks;
  private CaptureWriter writer = new CaptureWriter();

  /** Position, block id and index, then the values; again and again. */
  private long[] queue = new long[2 * FLUSH_AT];

  private int head;
  private int tail;
  private final long[] values = new long[2 * Registers.COUNT];

  PendingCaptures(BlockTable blocks) {
    this.blocks = blocks;
  }

  /** Adds a CAPTURE record whose payload stands behind block and index. */
  void add(long position, int block, int index, ByteBuffer payload) {
    Plan plan = plan(block, index);
    int words = words(plan);
    reserve(2 + words);
    queue[tail++] = position;
    queue[tail++] = (long) block << 32 | index;
    for (int i = 0; i < words; i++) {
      queue[tail++] = payload.getLong();
    }
    if (tail - head > FLUSH_AT) {
      flushBefore(position - HELD_BACK);
    }
  }

  private Plan plan(int block, int index) {
    Plan[] plans = blocks.get(block).plans();
    if (index < 0 || index >= plans.length) {
      throw new RecordException("the plugin captured instruction " + index + " of a shorter block");
    }
    return plans[index];
  }

  static int words(Plan plan) {
    int words = 0;
    for (byte register : plan.captureRegisters()) {
      words += Registers.isWide(register) ? 2 : 1;
    }
    return words;
  }

  private void reserve(int words) {
    if (tail + words <= queue.length) {
      return;
    }
    int used = tail - head;
    long[] target = used + words > queue.length / 2 ? new long[2 * queue.length] : queue;
    System.arraycopy(queue, head, target, 0, used);
    queue = target;
    head = 0;
    tail = used;
  }

  private void flushBefore(long position) {
    while (head < tail && queue[head] < position) {
      long where = queue[head + 1];
      Plan plan = plan((int) (where >>> 32), (int) where);
      int words = words(plan);
      System.arraycopy(queue, head + 2, values, 0, words);
      writer.append(plan, values);
      head += 2 + words;
    }
  }

  /** All captures with a position below {@code end}, encoded; the others are dropped. */
  byte[] take(long end) {
    flushBefore(end);
    head = 0;
    tail = 0;
    byte[] encoded = writer.toByteArray();
    writer = new CaptureWriter();
    return encoded;
  }
}
