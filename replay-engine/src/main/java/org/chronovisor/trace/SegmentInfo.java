package org.chronovisor.trace;

import java.util.List;
import org.chronovisor.x86.CpuState;

/**
 * A segment without its pages and events.
 *
 * @param start position of its first instruction
 * @param instructions retired in it; may be 0
 * @param keyframe registers at its start, of the vCPU that executes first
 * @param cpu number of that vCPU
 * @param cpus registers of all vCPUs at its start, {@code keyframe} among them
 * @param pathHash path hash at its start
 * @param audited RAM was compared at its start: its pages are all that RAM held
 * @param frames page frames stored with its keyframe: changed since the previous keyframe (all
 *     non-zero pages for the first segment), ascending
 */
public record SegmentInfo(
    long start,
    long instructions,
    CpuState keyframe,
    int cpu,
    List<CpuState> cpus,
    long pathHash,
    boolean audited,
    long[] frames) {
  /** A segment of a guest with one vCPU. */
  public SegmentInfo(
      long start,
      long instructions,
      CpuState keyframe,
      long pathHash,
      boolean audited,
      long[] frames) {
    this(start, instructions, keyframe, 0, List.of(keyframe), pathHash, audited, frames);
  }

  public long end() {
    return start + instructions;
  }
}
