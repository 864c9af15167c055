package org.chronovisor.trace.internal.v1;

import java.nio.ByteBuffer;
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
 * frame list ({@link FrameList})
 * </pre>
 */
final class SegmentCodec {
  static final int CAPTURES = 1;
  static final int EVENTS = 2;
  static final int FIRST_GROUP = 3;

  private SegmentCodec() {}

  static byte[] encode(SegmentInfo info, FrameList list) {
    BytesOut out = new BytesOut();
    out.u64(info.start());
    out.u64(info.instructions());
    out.u64(info.pathHash());
    out.u8(info.audited() ? 1 : 0);
    encode(info.keyframe(), out);
    list.encode(out);
    return out.toByteArray();
  }

  /** The segment and its frames; SegmentInfo.frames is the list's array. */
  record Decoded(SegmentInfo info, FrameList list) {}

  static Decoded decode(BytesIn in) {
    long start = in.u64();
    long instructions = in.u64();
    long pathHash = in.u64();
    boolean audited = in.flag();
    CpuState keyframe = decodeState(in);
    FrameList list = FrameList.decode(in);
    in.end();
    if (start < 0 || instructions < 0 || start + instructions < 0) {
      throw in.damaged("its position is impossible");
    }
    return new Decoded(
        new SegmentInfo(start, instructions, keyframe, pathHash, audited, list.frames()), list);
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
