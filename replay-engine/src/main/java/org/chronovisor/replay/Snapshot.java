package org.chronovisor.replay;

import java.util.Map;
import org.chronovisor.x86.CpuState;

/**
 * The machine at a position inside a segment, between two blocks.
 *
 * @param events not to be moved: copied when used
 * @param pages content of all pages touched since the segment's start, by frame; others are as at
 *     its keyframe
 */
record Snapshot(
    long position, CpuState cpu, long pathHash, EventCursor events, Map<Long, byte[]> pages) {}
