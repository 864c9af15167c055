package org.chronovisor.query;

import java.util.Arrays;
import java.util.BitSet;
import org.chronovisor.trace.CodeBlock;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.x86.StopSet;

/**
 * Says which segments can have executed an address; each segment's block set is read once.
 * Thread-safe.
 */
public final class ExecutedBlocks {
  private final TraceReader trace;
  private final int[][] executed;

  public ExecutedBlocks(TraceReader trace) {
    this.trace = trace;
    executed = new int[trace.segmentCount()][];
  }

  /** The ids of all blocks with an instruction at one of some addresses. */
  public BitSet blocksWith(StopSet stops) {
    BitSet found = new BitSet();
    for (CodeBlock block : trace.blocks()) {
      if (block.id() >= 0
          && block.instructions().stream().anyMatch(insn -> stops.contains(insn.pc()))) {
        found.set(block.id());
      }
    }
    return found;
  }

  /** Whether a segment executed one of some blocks. */
  public boolean any(int segment, BitSet blocks) {
    if (blocks.isEmpty()) {
      return false;
    }
    if (executed[segment] == null) {
      executed[segment] = trace.events(segment).blocks();
    }
    return Arrays.stream(executed[segment]).anyMatch(id -> id >= 0 && blocks.get(id));
  }
}
