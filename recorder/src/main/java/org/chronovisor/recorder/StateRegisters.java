package org.chronovisor.recorder;

import java.nio.ByteBuffer;
import org.chronovisor.x86.CpuState;
import org.chronovisor.x86.Registers;

/** Values of numbered registers (docs/ring-protocol.md) taken from a whole state. */
final class StateRegisters {
  private StateRegisters() {}

  /** A register of 64 bits. */
  static long get(CpuState state, int register) {
    if (register < Registers.EFLAGS) {
      return state.words[register];
    }
    if (register >= Registers.ES && register <= Registers.GS) {
      return state.segments[register - Registers.ES].selector();
    }
    return switch (register) {
      case Registers.EFLAGS -> state.words[CpuState.RFLAGS];
      case Registers.FS_BASE -> state.segments[4].base();
      case Registers.GS_BASE -> state.segments[5].base();
      case Registers.KERNEL_GS_BASE -> state.words[CpuState.KERNEL_GS_BASE];
      case Registers.CR0 -> state.words[CpuState.CR0];
      case Registers.CR2 -> state.words[CpuState.CR2];
      case Registers.CR3 -> state.words[CpuState.CR3];
      case Registers.CR4 -> state.words[CpuState.CR4];
      case Registers.CR8 -> state.words[CpuState.CR8];
      case Registers.EFER -> state.words[CpuState.EFER];
      case Registers.MXCSR -> state.words[CpuState.MXCSR];
      case Registers.FCTRL -> state.words[CpuState.FCW];
      case Registers.FSTAT -> state.words[CpuState.FSW];
      case Registers.FTAG -> state.words[CpuState.FTW];
      default -> throw new IllegalArgumentException("register " + register + " has not 64 bits");
    };
  }

  /** Appends one word, or two for a wide register. */
  static void put(CpuState state, int register, ByteBuffer out) {
    if (register >= Registers.XMM0 && register < Registers.MXCSR) {
      int i = register - Registers.XMM0;
      out.putLong(state.xmmLow[i]).putLong(state.xmmHigh[i]);
    } else if (Registers.isWide(register)) {
      int i = state.physical(register - Registers.ST0);
      out.putLong(state.stMantissa[i]).putLong(state.stExponent[i]);
    } else {
      out.putLong(get(state, register));
    }
  }
}
