package org.chronovisor.trace.internal.v1;

import org.chronovisor.trace.CallFrameSection;
import org.chronovisor.trace.internal.store.BytesIn;
import org.chronovisor.trace.internal.store.BytesOut;

/**
 * The sections of a FRAMES record: 0 what the section is, 1 its bytes.
 *
 * <pre>
 * 0   u8 kind: 0 .eh_frame, 1 .debug_frame; u8 address size, 4 or 8; u64 address
 * </pre>
 */
final class CallFramesCodec {
  static final int SECTIONS = 2;

  private CallFramesCodec() {}

  static byte[][] encode(CallFrameSection section) {
    BytesOut out = new BytesOut();
    out.u8(section.kind().ordinal());
    out.u8(section.addressSize());
    out.u64(section.address());
    return new byte[][] {out.toByteArray(), section.bytes()};
  }

  static CallFrameSection decode(BytesIn in, byte[] bytes) {
    int kind = in.u8();
    int size = in.u8();
    long address = in.u64();
    in.end();
    if (kind >= CallFrameSection.Kind.values().length || (size != 4 && size != 8)) {
      throw in.damaged("unwind information of an unknown kind");
    }
    return new CallFrameSection(CallFrameSection.Kind.values()[kind], address, size, bytes);
  }
}
