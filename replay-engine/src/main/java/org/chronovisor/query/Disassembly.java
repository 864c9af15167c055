package org.chronovisor.query;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.chronovisor.trace.CodeBlock;

/** The instructions QEMU translated while recording, by address. Immutable and thread-safe. */
public final class Disassembly {
  private final Map<Long, CodeBlock.Instruction[]> byAddress = new HashMap<>();

  public Disassembly(List<CodeBlock> blocks) {
    for (CodeBlock block : blocks) {
      for (CodeBlock.Instruction instruction : block.instructions()) {
        byAddress.merge(
            instruction.pc(), new CodeBlock.Instruction[] {instruction}, Disassembly::add);
      }
    }
  }

  private static CodeBlock.Instruction[] add(
      CodeBlock.Instruction[] known, CodeBlock.Instruction[] added) {
    for (CodeBlock.Instruction instruction : known) {
      if (Arrays.equals(instruction.bytes(), added[0].bytes())) {
        return known;
      }
    }
    CodeBlock.Instruction[] more = Arrays.copyOf(known, known.length + 1);
    more[known.length] = added[0];
    return more;
  }

  /**
   * The instruction at an address whose bytes memory holds now.
   *
   * @param memory bytes at {@code pc}, as many as are known
   * @return null when QEMU never translated these bytes there
   */
  public CodeBlock.Instruction find(long pc, byte[] memory) {
    for (CodeBlock.Instruction candidate : byAddress.getOrDefault(pc, NONE)) {
      int length = candidate.bytes().length;
      if (length <= memory.length
          && Arrays.equals(candidate.bytes(), 0, length, memory, 0, length)) {
        return candidate;
      }
    }
    return null;
  }

  private static final CodeBlock.Instruction[] NONE = {};
}
