package org.chronovisor.recorder;

import java.util.List;
import org.chronovisor.trace.SegmentEvents;
import org.chronovisor.trace.SegmentInfo;

/** A segment ready to be appended. */
record FinishedSegment(SegmentInfo info, List<byte[]> pages, SegmentEvents events) {}
