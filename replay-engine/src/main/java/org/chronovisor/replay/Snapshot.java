package org.chronovisor.replay;

import java.util.List;
import java.util.Map;
import org.chronovisor.x86.CpuState;

/**
 * The machine at a position inside a segment, between two blocks.
 *
 * @param cpu the vCPU that executes
 * @param cpus registers of all vCPUs
 * @param events not to be moved: copied when used
 * @param pages content of all pages touched since the segment's start, by frame; others are as at
 *     its keyframe
 */
record Snapshot(
    long position,
    int cpu,
    List<CpuState> cpus,
    long pathHash,
    EventCursor events,
    Map<Long, byte[]> pages) {}
