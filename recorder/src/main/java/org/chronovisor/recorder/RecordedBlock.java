package org.chronovisor.recorder;

import java.io.ByteArrayOutputStream;
import org.chronovisor.x86.EndKind;
import org.chronovisor.x86.Mode;
import org.chronovisor.x86.Plan;

/**
 * A translation block with its plans.
 *
 * @param pcs linear address of each instruction
 * @param opcodes bytes of each instruction
 * @param next linear address behind the last instruction
 */
record RecordedBlock(int id, Mode mode, long[] pcs, byte[][] opcodes, Plan[] plans, long next) {
  EndKind end() {
    return last().end();
  }

  Plan last() {
    return plans[plans.length - 1];
  }

  /** All its code. */
  byte[] bytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] opcode : opcodes) {
      out.writeBytes(opcode);
    }
    return out.toByteArray();
  }

  /** Linear address behind instruction {@code index}. */
  long after(int index) {
    return index + 1 < pcs.length ? pcs[index + 1] : next;
  }

  /** The same code executed where it is mapped a second time; QEMU translates it only once. */
  RecordedBlock at(long pc) {
    long distance = pc - pcs[0];
    if (distance == 0) {
      return this;
    }
    long[] moved = pcs.clone();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += distance;
    }
    Plan[] movedPlans = plans.clone();
    Plan last = last();
    movedPlans[plans.length - 1] =
        new Plan(
            last.modelled(),
            last.flags(),
            last.captureRegisters(),
            last.notifyRegisters(),
            last.end(),
            last.endRegister(),
            last.target() + distance);
    return new RecordedBlock(id, mode, moved, opcodes, movedPlans, next + distance);
  }
}
