package org.chronovisor.view.timeline;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.chronovisor.query.Backtrace;
import org.chronovisor.query.TraceSession;
import org.chronovisor.replay.Replayer;
import org.chronovisor.trace.MemoryEvent;
import org.chronovisor.trace.PortOutput;
import org.chronovisor.trace.SegmentEvents;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Transfer;

/** Sums a part of a run up by replaying it. One thread; keeps its replay between parts. */
final class StretchBuilder {
  private static final int SERIAL = 0x3f8;
  private static final int DEBUG_CONSOLE = 0xe9;

  private final TraceReader trace;
  private final CallTree tree;
  private final List<Region> regions;
  private TraceSession session;
  private Replayer replayer;

  StretchBuilder(TraceReader trace, CallTree tree, List<Region> regions) {
    this.trace = trace;
    this.tree = tree;
    this.regions = regions;
  }

  /**
   * Sums up.
   *
   * @param watched count each store; slower
   * @param cancelled asked every few milliseconds; then a CancellationException ends it
   */
  Stretch build(long from, long to, int buckets, boolean watched, BooleanSupplier cancelled) {
    int[][] writes = new int[regions.size()][];
    if (watched) {
      for (int i = 0; i < writes.length; i++) {
        writes[i] = new int[buckets];
      }
    }
    Stretch stretch =
        new Stretch(from, to, new int[buckets], new int[Kind.values().length][buckets], writes);
    if (session == null) {
      session = new TraceSession(trace);
      replayer = session.replayer();
    }
    replayer.setCancelled(cancelled);
    replayer.seek(from);
    if (watched) {
      watch(stretch);
    }
    try {
      for (int i = 0; i < buckets; i++) {
        long position = stretch.start(i);
        replayer.runTo(position);
        stretch.nodes()[i] = tree.node(Backtrace.at(session, position));
      }
      if (watched) {
        replayer.runTo(to);
      }
    } finally {
      if (watched) {
        replayer.unwatch();
      }
    }
    count(stretch);
    return stretch;
  }

  private void watch(Stretch stretch) {
    for (long frame : frames(stretch.from(), stretch.to())) {
      for (int r = 0; r < regions.size(); r++) {
        if (regions.get(r).contains(frame)) {
          int[] row = stretch.writes()[r];
          replayer.watch(frame, (page, offset, size) -> row[stretch.bucket(replayer.position())]++);
        }
      }
    }
  }

  /** The pages that a part of the run may change: those that the next keyframes list. */
  private List<Long> frames(long from, long to) {
    List<Long> frames = new ArrayList<>();
    for (int i = replayer.segmentOf(from); i <= replayer.segmentOf(Math.max(from, to - 1)); i++) {
      if (i + 1 < trace.segmentCount()) {
        for (long frame : trace.segment(i + 1).frames()) {
          frames.add(frame);
        }
      } else {
        trace
            .end()
            .ifPresent(
                end -> {
                  for (long frame : end.frames()) {
                    frames.add(frame);
                  }
                });
      }
    }
    return frames.stream().distinct().toList();
  }

  private void count(Stretch stretch) {
    for (int i = replayer.segmentOf(stretch.from());
        i < trace.segmentCount() && trace.segment(i).start() < stretch.to();
        i++) {
      SegmentEvents events = trace.events(i);
      for (Transfer transfer : events.transfers()) {
        if (!transfer.special()) {
          add(stretch, Kind.INTERRUPT, transfer.position());
        }
      }
      for (PortOutput output : events.outputs()) {
        boolean console = output.port() == SERIAL || output.port() == DEBUG_CONSOLE;
        add(stretch, console ? Kind.CONSOLE : Kind.IO, output.position());
      }
      for (MemoryEvent event : events.memory()) {
        switch (event.kind()) {
          case EXTERNAL, AUDIT -> add(stretch, Kind.DEVICE, event.position());
          case MMIO_LOAD, MMIO_STORE -> add(stretch, Kind.IO, event.position());
          case STORE -> {}
        }
      }
    }
  }

  private static void add(Stretch stretch, Kind kind, long position) {
    if (position >= stretch.from() && position < stretch.to()) {
      stretch.counts()[kind.ordinal()][stretch.bucket(position)]++;
    }
  }
}
