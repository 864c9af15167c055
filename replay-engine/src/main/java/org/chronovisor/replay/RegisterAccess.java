package org.chronovisor.replay;

import org.chronovisor.x86.Cpu;
import org.chronovisor.x86.Registers;
import org.chronovisor.x86.Segment;

/**
 * Reads and writes the CPU by {@link Registers} number, as the plugin sees it: st(i) counts from
 * the TOP that the CPU's status word tells, which has to be set first.
 */
final class RegisterAccess {
  private RegisterAccess() {}

  /** Low (or only) word, or the high word of a wide register. */
  static long get(Cpu cpu, int register, boolean high) {
    if (register < 16) {
      return cpu.r[register];
    }
    if (register >= Registers.ES && register <= Registers.GS) {
      return cpu.segments[register - Registers.ES].selector();
    }
    if (register >= Registers.XMM0 && register < Registers.MXCSR) {
      return cpu.xmm[2 * (register - Registers.XMM0) + (high ? 1 : 0)];
    }
    if (register >= Registers.ST0 && register < Registers.FCTRL) {
      int st = physical(cpu, register);
      return high ? cpu.stExponent[st] : cpu.stMantissa[st];
    }
    return switch (register) {
      case Registers.EFLAGS -> cpu.rflags();
      case Registers.FS_BASE -> cpu.segments[4].base();
      case Registers.GS_BASE -> cpu.segments[5].base();
      case Registers.KERNEL_GS_BASE -> cpu.kernelGsBase;
      case Registers.CR0 -> cpu.cr0;
      case Registers.CR2 -> cpu.cr2;
      case Registers.CR3 -> cpu.cr3;
      case Registers.CR4 -> cpu.cr4;
      case Registers.CR8 -> cpu.cr8;
      case Registers.EFER -> cpu.efer;
      case Registers.MXCSR -> cpu.mxcsr & 0xffff_ffffL;
      case Registers.FCTRL -> cpu.fcw;
      case Registers.FSTAT -> cpu.fsw;
      default -> 0;
    };
  }

  /** The recording has the x87 registers relative to the top of their stack. */
  private static int physical(Cpu cpu, int register) {
    return (cpu.fsw >> 11) + register - Registers.ST0 & 7;
  }

  /** Sets a register; FSTAT, when it is to be set too, must be set before the x87 registers. */
  static void set(Cpu cpu, int register, long[] values, int word) {
    long value = values[word];
    if (register < 16) {
      cpu.r[register] = value;
    } else if (register >= Registers.XMM0 && register < Registers.MXCSR) {
      cpu.xmm[2 * (register - Registers.XMM0)] = value;
      cpu.xmm[2 * (register - Registers.XMM0) + 1] = values[word + 1];
    } else if (register >= Registers.ST0 && register < Registers.FCTRL) {
      int st = physical(cpu, register);
      cpu.stMantissa[st] = value;
      cpu.stExponent[st] = values[word + 1] & 0xffff;
    } else {
      switch (register) {
        case Registers.FS_BASE -> setBase(cpu, 4, value);
        case Registers.GS_BASE -> setBase(cpu, 5, value);
        case Registers.KERNEL_GS_BASE -> cpu.kernelGsBase = value;
        case Registers.CR2 -> cpu.cr2 = value;
        case Registers.CR8 -> cpu.cr8 = value;
        case Registers.MXCSR -> cpu.mxcsr = (int) value;
        case Registers.FCTRL -> cpu.fcw = (int) value & 0xffff;
        case Registers.FSTAT -> cpu.fsw = (int) value & 0xffff;
        default -> {
          // Not writable by a captured instruction.
        }
      }
    }
  }

  /** Sets the base of fs (4) or gs (5). */
  static void setBase(Cpu cpu, int segment, long base) {
    Segment old = cpu.segments[segment];
    if (old.base() != base) {
      cpu.setSegment(segment, new Segment(old.selector(), base, old.limit(), old.attributes()));
    }
  }
}
