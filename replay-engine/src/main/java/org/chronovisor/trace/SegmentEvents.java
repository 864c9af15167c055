package org.chronovisor.trace;

import java.util.List;

/**
 * The decoded event columns of a segment, each in order of position.
 *
 * @param captures encoded values, read with {@link CaptureReader}
 * @param blocks ids of the blocks executed in the segment
 */
public record SegmentEvents(
    byte[] captures,
    List<MemoryEvent> memory,
    List<Transfer> transfers,
    List<StateCapture> states,
    List<PathCheckpoint> path,
    List<PortOutput> outputs,
    int[] blocks) {}
