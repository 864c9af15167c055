package org.chronovisor.trace;

import java.nio.file.Path;

/** A process that writes segments for ever, saying how many are complete. */
final class KilledRecorder {
  static final long SEED = 77;
  static final int SEGMENTS = 4;

  private KilledRecorder() {}

  public static void main(String[] args) {
    SampleTraces.Sample sample = SampleTraces.random(SEED, SEGMENTS);
    TraceWriter writer = Traces.create(Path.of(args[0]));
    SampleTraces.writeBegin(sample, writer);
    long position = sample.infos().get(0).start();
    for (int n = 0; ; n++) {
      int i = n % SEGMENTS;
      SegmentInfo info = sample.infos().get(i);
      SegmentInfo moved =
          new SegmentInfo(
              position,
              info.instructions(),
              info.keyframe(),
              info.cpu(),
              info.cpus(),
              info.pathHash(),
              info.audited(),
              info.frames());
      writer.segment(moved, sample.pages().get(i), sample.events().get(i));
      position = moved.end();
      System.out.println(n + 1);
    }
  }
}
