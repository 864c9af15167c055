package org.chronovisor.trace.internal.v1;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.chronovisor.trace.SegmentInfo;
import org.chronovisor.trace.internal.store.BytesIn;
import org.chronovisor.trace.internal.store.BytesOut;
import org.chronovisor.x86.CpuState;

/**
 * Section 0 of a SEGMENT record; section 1 holds the captures, section 2 the other events ({@link
 * EventsCodec}), the rest the pages ({@link PageGroups}).
 *
 * <pre>
 * u64 start, u64 instructions, u64 path hash, u8 audited, registers ({@link CpuState#encode}),
 * with several vCPUs: {@link #encodeOthers}; frame list ({@link FrameList})
 * </pre>
 */
final class SegmentCodec {
  static final int CAPTURES = 1;
  static final int EVENTS = 2;
  static final int FIRST_GROUP = 3;

  private SegmentCodec() {}

  static byte[] encode(SegmentInfo info, FrameList list, int cpus) {
    BytesOut out = new BytesOut();
    out.u64(info.start());
    out.u64(info.instructions());
    out.u64(info.pathHash());
    out.u8(info.audited() ? 1 : 0);
    encode(info.keyframe(), out);
    encodeOthers(info.cpu(), info.cpus(), cpus, out);
    list.encode(out);
    return out.toByteArray();
  }

  /** The segment and its frames; SegmentInfo.frames is the list's array. */
  record Decoded(SegmentInfo info, FrameList list) {}

  static Decoded decode(BytesIn in, int cpus) {
    long start = in.u64();
    long instructions = in.u64();
    long pathHash = in.u64();
    boolean audited = in.flag();
    Cpus states = decodeCpus(in, cpus);
    FrameList list = FrameList.decode(in);
    in.end();
    if (start < 0 || instructions < 0 || start + instructions < 0) {
      throw in.damaged("its position is impossible");
    }
    return new Decoded(
        new SegmentInfo(
            start,
            instructions,
            states.states().get(states.current()),
            states.current(),
            states.states(),
            pathHash,
            audited,
            list.frames()),
        list);
  }

  /** The registers of all vCPUs, and the number of the one that executes. */
  record Cpus(int current, List<CpuState> states) {}

  /**
   * What follows the registers of the current vCPU when there are several: varint number of that
   * vCPU, then the registers of the others in ascending order.
   */
  static void encodeOthers(int current, List<CpuState> states, int cpus, BytesOut out) {
    Limits.check(states.size() == Math.max(1, cpus), "registers of " + states.size() + " vCPUs");
    Limits.check(current >= 0 && current < states.size(), "vCPU " + current);
    if (cpus > 1) {
      out.varint(current);
      for (int i = 0; i < cpus; i++) {
        if (i != current) {
          encode(states.get(i), out);
        }
      }
    }
  }

  static Cpus decodeCpus(BytesIn in, int cpus) {
    CpuState state = decodeState(in);
    if (cpus <= 1) {
      return new Cpus(0, List.of(state));
    }
    int current = in.number(cpus - 1);
    List<CpuState> states = new ArrayList<>();
    for (int i = 0; i < cpus; i++) {
      states.add(i == current ? state : decodeState(in));
    }
    return new Cpus(current, List.copyOf(states));
  }

  static void encode(CpuState state, BytesOut out) {
    ByteBuffer buffer = ByteBuffer.allocate(CpuState.BYTES);
    state.encode(buffer);
    out.bytes(buffer.array());
  }

  static CpuState decodeState(BytesIn in) {
    return CpuState.decode(ByteBuffer.wrap(in.bytes(CpuState.BYTES)));
  }
}
