package org.chronovisor.recorder;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.chronovisor.x86.CpuState;

/**
 * The {@code g} packet of QEMU's x86-64 GDB stub (target/i386/gdbstub.c, gdb-xml/i386-64bit.xml):
 * 16 general registers and rip of 8 bytes, eflags and 6 selectors of 4, 8 x87 registers of 10, 8
 * x87 control words of 4, 16 xmm registers of 16, mxcsr of 4, then fs_base gs_base k_gs_base cr0
 * cr2 cr3 cr4 cr8 efer of 8.
 */
final class GdbRegisters {
  private static final int BASES = 17 * 8 + 7 * 4 + 8 * 10 + 8 * 4 + 16 * 16 + 4;
  private static final int SIZE = BASES + 9 * 8;

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
    return bytes.getLong(BASES + 2 * 8);
  }

  long cr8() {
    return bytes.getLong(BASES + 7 * 8);
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
    check(names, "eflags", bytes.getInt(17 * 8), (int) state.words[CpuState.RFLAGS]);
    int[] segments = {1, 2, 3, 0, 4, 5};
    for (int i = 0; i < 6; i++) {
      check(
          names,
          CpuState.segmentName(segments[i]),
          bytes.getInt(17 * 8 + 4 + 4 * i),
          state.segments[segments[i]].selector());
    }
    int xmm = BASES - 4 - 16 * 16;
    for (int i = 0; i < 16; i++) {
      check(names, "xmm" + i, bytes.getLong(xmm + 16 * i), state.xmmLow[i]);
      check(names, "xmm" + i, bytes.getLong(xmm + 16 * i + 8), state.xmmHigh[i]);
    }
    check(names, "mxcsr", bytes.getInt(BASES - 4), (int) state.words[CpuState.MXCSR]);
    int[] control = {CpuState.CR0, CpuState.CR2, CpuState.CR3, CpuState.CR4};
    for (int i = 0; i < control.length; i++) {
      check(
          names,
          CpuState.wordName(control[i]),
          bytes.getLong(BASES + 3 * 8 + 8 * i),
          state.words[control[i]]);
    }
    check(names, "efer", bytes.getLong(BASES + 8 * 8), state.words[CpuState.EFER]);
    return names;
  }

  private static void check(List<String> names, String name, long gdb, long monitor) {
    if (gdb != monitor) {
      names.add(name);
    }
  }
}
