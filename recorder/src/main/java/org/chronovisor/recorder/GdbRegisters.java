package org.chronovisor.recorder;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.chronovisor.x86.CpuState;

/**
 * The {@code g} packet of QEMU's x86-64 GDB stub (gdb-xml/i386-64bit.xml):
 *
 * <pre>
 *   16 general registers u64 | rip u64 | eflags u32 | cs ss ds es fs gs u32
 *   fs_base gs_base k_gs_base u64 | cr0 cr2 cr3 cr4 cr8 efer u64
 *   st0-7, 10 bytes each | 8 x87 control words u32 | xmm0-15, 16 bytes each | mxcsr u32
 * </pre>
 */
final class GdbRegisters {
  private static final int EFLAGS = 17 * 8;
  private static final int SELECTORS = EFLAGS + 4;
  private static final int KERNEL_GS_BASE = SELECTORS + 6 * 4 + 2 * 8;
  private static final int CONTROL = KERNEL_GS_BASE + 8;
  private static final int CR8 = CONTROL + 4 * 8;
  private static final int EFER = CONTROL + 5 * 8;
  private static final int X87 = EFER + 8;
  private static final int XMM = X87 + 8 * 10 + 8 * 4;
  private static final int MXCSR = XMM + 16 * 16;
  private static final int SIZE = MXCSR + 4;

  /** GDB's order of the general registers as numbers of the encoding order. */
  private static final int[] ORDER = {0, 3, 1, 2, 6, 7, 5, 4, 8, 9, 10, 11, 12, 13, 14, 15};

  private final ByteBuffer bytes;

  GdbRegisters(byte[] packet) throws IOException {
    if (packet.length < SIZE) {
      throw new IOException("QEMU's GDB stub gave " + packet.length + " register bytes");
    }
    bytes = ByteBuffer.wrap(packet).order(ByteOrder.LITTLE_ENDIAN);
  }

  long rip() {
    return bytes.getLong(16 * 8);
  }

  long kernelGsBase() {
    return bytes.getLong(KERNEL_GS_BASE);
  }

  long cr8() {
    return bytes.getLong(CR8);
  }

  /** Names of the registers that differ from a state taken from the monitor. */
  List<String> differences(CpuState state) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      if (bytes.getLong(8 * i) != state.words[ORDER[i]]) {
        names.add(CpuState.wordName(ORDER[i]));
      }
    }
    check(names, "rip", rip(), state.words[CpuState.RIP]);
    check(names, "eflags", bytes.getInt(EFLAGS), (int) state.words[CpuState.RFLAGS]);
    int[] segments = {1, 2, 3, 0, 4, 5};
    for (int i = 0; i < 6; i++) {
      check(
          names,
          CpuState.segmentName(segments[i]),
          bytes.getInt(SELECTORS + 4 * i),
          state.segments[segments[i]].selector());
    }
    for (int i = 0; i < 8; i++) {
      int at = X87 + 10 * i;
      int physical = state.physical(i);
      check(names, "st" + i, bytes.getLong(at), state.stMantissa[physical]);
      check(names, "st" + i, bytes.getShort(at + 8) & 0xffff, state.stExponent[physical]);
    }
    for (int i = 0; i < 16; i++) {
      check(names, "xmm" + i, bytes.getLong(XMM + 16 * i), state.xmmLow[i]);
      check(names, "xmm" + i, bytes.getLong(XMM + 16 * i + 8), state.xmmHigh[i]);
    }
    check(names, "mxcsr", bytes.getInt(MXCSR), (int) state.words[CpuState.MXCSR]);
    int[] control = {CpuState.CR0, CpuState.CR2, CpuState.CR3, CpuState.CR4};
    for (int i = 0; i < control.length; i++) {
      check(
          names,
          CpuState.wordName(control[i]),
          bytes.getLong(CONTROL + 8 * i),
          state.words[control[i]]);
    }
    check(names, "efer", bytes.getLong(EFER), state.words[CpuState.EFER]);
    return names;
  }

  private static void check(List<String> names, String name, long gdb, long monitor) {
    if (gdb != monitor) {
      names.add(name);
    }
  }
}
