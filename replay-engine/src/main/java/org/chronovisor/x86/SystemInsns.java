package org.chronovisor.x86;

/** Control and debug registers, descriptor table registers, MSRs, caches, ports, hints. */
final class SystemInsns {
  private static final int RAX = 0;
  private static final int RCX = 1;
  private static final int RDX = 2;
  private static final long LOW = 0xffff_ffffL;

  private static final long CR0_TS = 8;
  private static final long CR0_ET = 0x10;
  private static final long CR0_PG = 0x8000_0000L;
  private static final long CR4_PAE = 0x20;
  private static final long EFER_LME = 0x100;
  private static final long EFER_LMA = 0x400;

  /** Bits of EFER that software writes: SCE, LME, NXE and SVME. */
  private static final long EFER_WRITABLE = 0x1901;

  private static final long DR6_FIXED = 0xffff_0ff0L;
  private static final long DR7_FIXED = 0x400;

  private SystemInsns() {}

  static void register(OpcodeTable one, OpcodeTable two, OpcodeTable map38) {
    one.put(0xe6, 0xe7, SystemInsns::outImmediate);
    one.put(0xee, 0xef, (c, opcode) -> Simple.nop());
    one.put(0xf4, (c, opcode) -> new Simple(cpu -> {}, true));
    two.put(0x00, SystemInsns::group6);
    two.put(0x01, SystemInsns::group7);
    two.put(0x06, (c, opcode) -> new Simple(SystemInsns::clts, true));
    two.put(0x08, 0x09, (c, opcode) -> Simple.nop());
    two.put(0x0b, (c, opcode) -> undefined());
    two.put(0x0d, SystemInsns::hint);
    two.put(0x18, 0x1f, SystemInsns::hint);
    two.put(0x20, 0x23, SystemInsns::movControl);
    two.put(0x30, (c, opcode) -> new Simple(SystemInsns::wrmsr, true));
    two.put(0xae, SystemInsns::group15);
    two.put(0xb9, SystemInsns::undefinedModrm);
    two.put(0xff, SystemInsns::undefinedModrm);
    map38.put(0x82, SystemInsns::invpcid);
  }

  // ---- hints, ports, undefined instructions --------------------------------------------------

  private static Insn outImmediate(DecodeContext c, int opcode) {
    c.u8();
    return Simple.nop();
  }

  private static Insn hint(DecodeContext c, int opcode) {
    c.modrm();
    return Simple.nop();
  }

  private static Insn undefined() {
    return new Simple(
        cpu -> {
          throw new GuestFault("undefined instruction", 0);
        },
        true);
  }

  private static Insn undefinedModrm(DecodeContext c, int opcode) {
    c.modrm();
    return undefined();
  }

  /** Fences, cache line hints and the base registers of fs and gs; the rest is SSE's. */
  private static Insn group15(DecodeContext c, int opcode) {
    int modrm = c.peek();
    int extension = (modrm >> 3) & 7;
    if (modrm < 0xc0) {
      boolean line = c.repeat == 0 && (extension == 7 || extension == 6 && c.operandPrefix);
      return line ? hint(c, opcode) : SseDecoder.decode(c, 1, opcode);
    }
    if (c.repeat == 0xf3 && extension < 4 && c.is64()) {
      c.modrm();
      Operand operand = c.rm(c.rexW() ? 8 : 4);
      int index = DecodeContext.FS + (extension & 1);
      return extension < 2
          ? new Simple(cpu -> operand.store(cpu, cpu.segments[index].base()))
          : new Simple(cpu -> setBase(cpu, index, operand.loadUnsigned(cpu)));
    }
    return c.repeat == 0 && !c.operandPrefix && extension >= 5
        ? hint(c, opcode)
        : SseDecoder.decode(c, 1, opcode);
  }

  private static void setBase(Cpu cpu, int index, long base) {
    Segment s = cpu.segments[index];
    cpu.setSegment(index, new Segment(s.selector(), base, s.limit(), s.attributes()));
  }

  // ---- descriptor tables ---------------------------------------------------------------------

  private static Insn group6(DecodeContext c, int opcode) {
    c.modrm();
    Operand to = c.rm(c.isMemory() ? 2 : c.operandSize());
    Operand from = c.rm(2);
    switch (c.extension()) {
      case 0:
        return new Simple(cpu -> to.store(cpu, cpu.segments[CpuState.LDTR].selector()));
      case 1:
        return new Simple(cpu -> to.store(cpu, cpu.segments[CpuState.TR].selector()));
      case 2:
        return loadSystem(CpuState.LDTR, from);
      case 3:
        return loadSystem(CpuState.TR, from);
      case 4:
      case 5:
        boolean write = c.extension() == 5;
        c.flagsEffect = FlagsEffect.EXPLICIT;
        return new Simple(cpu -> SegmentInsns.verify(cpu, (int) from.loadUnsigned(cpu), write));
      default:
        return null;
    }
  }

  private static Insn loadSystem(int index, Operand from) {
    return new Simple(cpu -> Descriptors.loadSystem(cpu, index, (int) from.loadUnsigned(cpu)));
  }

  private static Insn group7(DecodeContext c, int opcode) {
    c.modrm();
    if (!c.isMemory() && c.extension() != 4 && c.extension() != 6) {
      return group7Register(c);
    }
    Operand word = c.rm(c.isMemory() ? 2 : c.operandSize());
    return switch (c.extension()) {
      case 0 -> storeTable(c, false);
      case 1 -> storeTable(c, true);
      case 2 -> loadTable(c, false);
      case 3 -> loadTable(c, true);
      case 4 -> new Simple(cpu -> word.store(cpu, cpu.cr0));
      case 6 -> new Simple(cpu -> lmsw(cpu, word.load(cpu)), true);
      case 7 -> new Simple(cpu -> cpu.mmu.flush(), true);
      default -> null;
    };
  }

  /** 0F 01 with a register form of ModRM. */
  private static Insn group7Register(DecodeContext c) {
    return switch (0xc0 | c.extension() << 3 | c.rm & 7) {
      case 0xc8 -> Simple.nop();
      case 0xc9 -> new Simple(cpu -> {}, true);
      case 0xca -> new Simple(cpu -> cpu.systemFlags &= ~Flags.AC, true);
      case 0xcb -> new Simple(cpu -> cpu.systemFlags |= Flags.AC, true);
      case 0xd1 -> new Simple(SystemInsns::xsetbv, true);
      case 0xf8 -> c.is64() ? new Simple(SystemInsns::swapgs) : null;
      default -> null;
    };
  }

  private static Insn storeTable(DecodeContext c, boolean interrupts) {
    Operand limit = Operand.memory(c.address(), 2);
    Operand base = Operand.memory(c.address().plus(2), c.is64() ? 8 : 4);
    return new Simple(
        cpu -> {
          base.store(cpu, interrupts ? cpu.idtBase : cpu.gdtBase);
          limit.store(cpu, interrupts ? cpu.idtLimit : cpu.gdtLimit);
        });
  }

  private static Insn loadTable(DecodeContext c, boolean interrupts) {
    Operand limitOperand = Operand.memory(c.address(), 2);
    Operand baseOperand = Operand.memory(c.address().plus(2), c.is64() ? 8 : 4);
    long mask = c.operandSize() == 2 ? 0xff_ffff : -1L;
    return new Simple(
        cpu -> {
          // In QEMU's order, for tables' pointers in ROM.
          long limit = limitOperand.loadUnsigned(cpu);
          long base = baseOperand.loadUnsigned(cpu) & mask;
          if (interrupts) {
            cpu.idtBase = base;
            cpu.idtLimit = limit;
          } else {
            cpu.gdtBase = base;
            cpu.gdtLimit = limit;
          }
        });
  }

  private static void swapgs(Cpu cpu) {
    long base = cpu.segments[DecodeContext.GS].base();
    setBase(cpu, DecodeContext.GS, cpu.kernelGsBase);
    cpu.kernelGsBase = base;
  }

  private static void xsetbv(Cpu cpu) {
    if ((cpu.r[RCX] & LOW) == 0) {
      cpu.xcr0 = cpu.r[RAX] & LOW | cpu.r[RDX] << 32;
    }
  }

  private static Insn invpcid(DecodeContext c, int opcode) {
    c.modrm();
    return c.isMemory() && c.operandPrefix ? new Simple(cpu -> cpu.mmu.flush(), true) : null;
  }

  // ---- control registers ---------------------------------------------------------------------

  private static void clts(Cpu cpu) {
    cpu.cr0 &= ~CR0_TS;
  }

  private static void lmsw(Cpu cpu, long value) {
    writeCr0(cpu, cpu.cr0 & ~0xe | value & 0xf);
  }

  /** As QEMU 10.0, target/i386/helper.c, cpu_x86_update_cr0. */
  private static void writeCr0(Cpu cpu, long value) {
    long now = value & LOW;
    boolean paging = (now & CR0_PG) != 0;
    boolean pagingBefore = (cpu.cr0 & CR0_PG) != 0;
    if (paging && !pagingBefore && (cpu.efer & EFER_LME) != 0) {
      if ((cpu.cr4 & CR4_PAE) == 0) {
        return;
      }
      cpu.efer |= EFER_LMA;
    } else if (pagingBefore && !paging) {
      cpu.efer &= ~EFER_LMA;
    }
    cpu.cr0 = now | CR0_ET;
    cpu.controlChanged();
  }

  private static void writeControl(Cpu cpu, int number, long value) {
    switch (number) {
      case 0 -> writeCr0(cpu, value);
      case 2 -> cpu.cr2 = value;
      case 3 -> {
        cpu.cr3 = (cpu.efer & EFER_LMA) != 0 ? value : value & LOW;
        cpu.controlChanged();
      }
      case 4 -> {
        cpu.cr4 = value & LOW;
        cpu.controlChanged();
      }
      default -> cpu.cr8 = value & 15;
    }
  }

  private static long readControl(Cpu cpu, int number) {
    return switch (number) {
      case 0 -> cpu.cr0;
      case 2 -> cpu.cr2;
      case 3 -> cpu.cr3;
      default -> cpu.cr4;
    };
  }

  /** 0F 20 to 0F 23: ModRM's mod field is ignored. */
  private static Insn movControl(DecodeContext c, int opcode) {
    int modrm = c.u8();
    int number = (modrm >> 3) & 7 | (c.rex & 4) << 1;
    int size = c.is64() ? 8 : 4;
    Operand register = c.register(modrm & 7 | (c.rex & 1) << 3, size);
    boolean debug = (opcode & 1) != 0;
    boolean write = (opcode & 2) != 0;
    if (c.lock) {
      return null;
    }
    if (debug) {
      return movDebug(number, register, write);
    }
    if (number == 1 || number > 4 && number != 8) {
      return null;
    }
    if (write) {
      return new Simple(cpu -> writeControl(cpu, number, register.loadUnsigned(cpu)), true);
    }
    // cr8 is the APIC's task priority, which has other ways to change.
    return number == 8 ? null : new Simple(cpu -> register.store(cpu, readControl(cpu, number)));
  }

  private static Insn movDebug(int number, Operand register, boolean write) {
    if (number > 7) {
      return null;
    }
    int index = number < 4 ? number : 4 + (number & 1);
    if (write) {
      long fixed = index < 4 ? 0 : index == 4 ? DR6_FIXED : DR7_FIXED;
      return new Simple(cpu -> cpu.debug[index] = register.loadUnsigned(cpu) | fixed, true);
    }
    // Exceptions change dr6.
    return index == 4 ? null : new Simple(cpu -> register.store(cpu, cpu.debug[index]));
  }

  // ---- model-specific registers --------------------------------------------------------------

  private static void wrmsr(Cpu cpu) {
    long value = cpu.r[RAX] & LOW | cpu.r[RDX] << 32;
    switch ((int) cpu.r[RCX]) {
      case 0x174 -> cpu.sysenterCs = value & 0xffff;
      case 0x175 -> cpu.sysenterEsp = value;
      case 0x176 -> cpu.sysenterEip = value;
      case 0x277 -> cpu.pat = value;
      case 0x808 -> cpu.cr8 = value >>> 4 & 15; // the x2APIC's task priority
      case 0xc000_0080 -> {
        cpu.efer = cpu.efer & ~EFER_WRITABLE | value & EFER_WRITABLE;
        cpu.controlChanged();
      }
      case 0xc000_0081 -> cpu.star = value;
      case 0xc000_0082 -> cpu.lstar = value;
      case 0xc000_0083 -> cpu.cstar = value;
      case 0xc000_0084 -> cpu.sfmask = value;
      case 0xc000_0100 -> setBase(cpu, DecodeContext.FS, value);
      case 0xc000_0101 -> setBase(cpu, DecodeContext.GS, value);
      case 0xc000_0102 -> cpu.kernelGsBase = value;
      case 0xc000_0103 -> cpu.tscAux = value;
      default -> {}
    }
  }
}
