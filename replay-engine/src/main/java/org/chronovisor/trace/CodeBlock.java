package org.chronovisor.trace;

import java.util.List;
import org.chronovisor.x86.Mode;

/**
 * A translation block as QEMU translated it, with its disassembly.
 *
 * @param id unique in the trace
 */
public record CodeBlock(int id, long pc, Mode mode, List<Instruction> instructions) {
  /** One instruction; {@code text} is QEMU's disassembly. */
  public record Instruction(long pc, byte[] bytes, String text) {}
}
