package org.chronovisor.trace;

import java.util.List;
import org.chronovisor.x86.CpuState;

/**
 * How a recording ended. Missing when the recorder was killed.
 *
 * @param position instructions retired in all
 * @param state final registers, or null when they could not be taken (QEMU was killed); those of
 *     the vCPU that executed last
 * @param cpu number of that vCPU
 * @param cpus final registers of all vCPUs, {@code state} among them; empty without a state
 * @param pathHash path hash at the end
 * @param reason one of the words of the recorder: shutdown, panic, reset, interrupted, killed ...
 * @param message one line for people
 * @param frames page frames changed since the last keyframe whose final content is stored,
 *     ascending
 * @param inexact one line for each thing that is not exact; empty when all is
 * @param slowdown estimated: CPU time of QEMU, recorded / plain; 0 when unknown
 */
public record TraceEnd(
    long position,
    CpuState state,
    int cpu,
    List<CpuState> cpus,
    long pathHash,
    String reason,
    String message,
    long[] frames,
    List<String> inexact,
    double slowdown) {
  /** The end of a recording with one vCPU. */
  public TraceEnd(
      long position,
      CpuState state,
      long pathHash,
      String reason,
      String message,
      long[] frames,
      List<String> inexact,
      double slowdown) {
    this(
        position,
        state,
        0,
        state == null ? List.of() : List.of(state),
        pathHash,
        reason,
        message,
        frames,
        inexact,
        slowdown);
  }
}
