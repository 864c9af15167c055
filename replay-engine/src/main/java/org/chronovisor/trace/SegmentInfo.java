package org.chronovisor.trace;

import org.chronovisor.x86.CpuState;

/**
 * A segment without its pages and events.
 *
 * @param start position of its first instruction
 * @param instructions retired in it; may be 0
 * @param keyframe registers at its start
 * @param pathHash path hash at its start
 * @param audited RAM was compared at its start: its pages are all that RAM held
 * @param frames page frames stored with its keyframe: changed since the previous keyframe (all
 *     non-zero pages for the first segment), ascending
 */
public record SegmentInfo(
    long start,
    long instructions,
    CpuState keyframe,
    long pathHash,
    boolean audited,
    long[] frames) {
  public long end() {
    return start + instructions;
  }
}
