package org.chronovisor.trace;

import java.util.List;
import java.util.function.ToIntFunction;

/**
 * The decoded event columns of a segment, each in order of position.
 *
 * @param captures encoded values, read with {@link CaptureReader}
 * @param blocks ids of the blocks executed in the segment
 * @param switches empty when there is one vCPU
 */
public record SegmentEvents(
    byte[] captures,
    List<MemoryEvent> memory,
    List<Transfer> transfers,
    List<StateCapture> states,
    List<PathCheckpoint> path,
    List<PortOutput> outputs,
    int[] blocks,
    List<CpuSwitch> switches) {
  /** The events of a segment of a guest with one vCPU. */
  public SegmentEvents(
      byte[] captures,
      List<MemoryEvent> memory,
      List<Transfer> transfers,
      List<StateCapture> states,
      List<PathCheckpoint> path,
      List<PortOutput> outputs,
      int[] blocks) {
    this(captures, memory, transfers, states, path, outputs, blocks, List.of());
  }

  /**
   * Number of the vCPU that a transfer belongs to.
   *
   * @param first the vCPU that executes at the segment's start
   */
  public int cpuOfTransfer(int index, int first) {
    return cpu(index, CpuSwitch::transfers, first);
  }

  /**
   * Number of the vCPU that executed at a memory event.
   *
   * @param first the vCPU that executes at the segment's start
   */
  public int cpuOfMemory(int index, int first) {
    return cpu(index, CpuSwitch::memory, first);
  }

  private int cpu(int index, ToIntFunction<CpuSwitch> before, int first) {
    int low = 0;
    int high = switches.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (before.applyAsInt(switches.get(middle)) <= index) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low == 0 ? first : switches.get(low - 1).cpu();
  }
}
