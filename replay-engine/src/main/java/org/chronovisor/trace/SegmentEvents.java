package org.chronovisor.trace;

import java.util.List;

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
}
