package org.chronovisor.recorder;

import java.util.List;
import org.chronovisor.trace.CodeBlock;
import org.chronovisor.x86.EndKind;
import org.chronovisor.x86.Plan;

/**
 * A guess how long one execution of a block takes: the iterations of a rep instruction come extra.
 *
 * @param plain nanoseconds without recording
 * @param callbacks nanoseconds in the plugin's callbacks and on the way to them
 */
record BlockTime(double plain, double callbacks, int instructions) {
  /** For each memory access of a rep instruction. */
  static final double REP_ACCESS = 6;

  static final double REP_ACCESS_PLAIN = 0.9;

  // Fitted to loops of one kind each: sorting, hashing, matrices, strings, calls, divisions, port
  // I/O, an interpreter.
  private static final double BLOCK = 3.7;
  private static final double INDIRECT = 4;
  private static final double INSTRUCTION = 0.1;
  private static final double LOAD = 4.5;
  private static final double STORE = 8.5;
  private static final double VECTOR = 1.4;
  private static final double PLANNED = 70;
  private static final double PLANNED_VALUE = 12;

  private static final double PLAIN_BLOCK = 1;
  private static final double PLAIN_INDIRECT = 3;
  private static final double PLAIN_INSTRUCTION = 0.28;
  private static final double PLAIN_ACCESS = 0.5;
  private static final double PLAIN_FLOAT = 6;
  private static final double PLAIN_DIVISION = 10;
  private static final double PLAIN_PORT = 50;

  static BlockTime of(List<CodeBlock.Instruction> instructions, Plan[] plans) {
    EndKind end = plans[plans.length - 1].end();
    boolean indirect = end == EndKind.RET || end == EndKind.MEM || end == EndKind.REG;
    double plain = PLAIN_BLOCK + (indirect ? PLAIN_INDIRECT : 0);
    double callbacks = BLOCK + (indirect ? INDIRECT : 0);
    for (int i = 0; i < plans.length; i++) {
      Plan plan = plans[i];
      String text = instructions.get(i).text();
      if (i < plans.length - 1 || end != EndKind.REP) {
        MemoryAccesses accesses = MemoryAccesses.of(text);
        callbacks +=
            (accesses.loads() * LOAD + accesses.stores() * STORE)
                * (text.contains("xmm") ? VECTOR : 1);
        plain += (accesses.loads() + accesses.stores()) * PLAIN_ACCESS;
      }
      plain += PLAIN_INSTRUCTION + special(text);
      callbacks += INSTRUCTION;
      if (plan.has(Plan.CAPTURE) || plan.has(Plan.NOTIFY)) {
        callbacks +=
            PLANNED
                + (plan.captureRegisters().length + plan.notifyRegisters().length) * PLANNED_VALUE;
      }
    }
    return new BlockTime(plain, callbacks, plans.length);
  }

  /** What QEMU calls a helper for. */
  private static double special(String text) {
    if (text.startsWith("div") || text.startsWith("idiv")) {
      return PLAIN_DIVISION;
    }
    if (text.startsWith("in ") || text.startsWith("inb") || text.startsWith("out")) {
      return PLAIN_PORT;
    }
    boolean arithmetic =
        text.startsWith("add")
            || text.startsWith("sub")
            || text.startsWith("mul")
            || text.startsWith("cvt");
    return arithmetic && text.contains("xmm") ? PLAIN_FLOAT : 0;
  }
}
