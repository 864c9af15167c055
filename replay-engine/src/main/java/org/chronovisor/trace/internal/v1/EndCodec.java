package org.chronovisor.trace.internal.v1;

import java.util.List;
import org.chronovisor.trace.TraceEnd;
import org.chronovisor.trace.internal.store.BytesIn;
import org.chronovisor.trace.internal.store.BytesOut;

/**
 * Section 0 of an END record; the other sections hold the pages ({@link PageGroups}).
 *
 * <pre>
 * u64 position, u64 path hash, u64 slowdown (IEEE 754 bits), string reason, string message,
 * strings inexact, u8 has a state, registers if it has (as in {@link SegmentCodec}), frame list
 * ({@link FrameList})
 * </pre>
 */
final class EndCodec {
  static final int FIRST_GROUP = 1;

  private EndCodec() {}

  static byte[] encode(TraceEnd end, FrameList list, int cpus) {
    BytesOut out = new BytesOut();
    out.u64(end.position());
    out.u64(end.pathHash());
    out.u64(Double.doubleToRawLongBits(end.slowdown()));
    out.string(end.reason());
    out.string(end.message());
    Strings.encode(end.inexact(), out);
    out.u8(end.state() == null ? 0 : 1);
    if (end.state() != null) {
      SegmentCodec.encode(end.state(), out);
      SegmentCodec.encodeOthers(end.cpu(), end.cpus(), cpus, out);
    }
    list.encode(out);
    return out.toByteArray();
  }

  record Decoded(TraceEnd end, FrameList list) {}

  static Decoded decode(BytesIn in, int cpus) {
    long position = in.u64();
    long pathHash = in.u64();
    double slowdown = Double.longBitsToDouble(in.u64());
    String reason = in.string(Limits.STRING_BYTES);
    String message = in.string(Limits.STRING_BYTES);
    List<String> inexact = Strings.decode(in);
    SegmentCodec.Cpus states =
        in.flag() ? SegmentCodec.decodeCpus(in, cpus) : new SegmentCodec.Cpus(0, List.of());
    FrameList list = FrameList.decode(in);
    in.end();
    return new Decoded(
        new TraceEnd(
            position,
            states.states().isEmpty() ? null : states.states().get(states.current()),
            states.current(),
            states.states(),
            pathHash,
            reason,
            message,
            list.frames(),
            inexact,
            slowdown),
        list);
  }
}
