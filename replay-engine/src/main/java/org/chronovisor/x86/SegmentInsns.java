package org.chronovisor.x86;

import org.chronovisor.x86.SpecialInsn.Kind;

/**
 * Moves to and from segment registers, LAR, LSL, VERR, VERW, ARPL, and the transfers that change
 * segments: far calls, jumps and returns, INT n, IRET, SYSCALL and their like.
 */
final class SegmentInsns {
  private SegmentInsns() {}

  static void register(OpcodeTable one, OpcodeTable two) {
    one.put(0x06, (c, opcode) -> push32(c, DecodeContext.ES));
    one.put(0x07, (c, opcode) -> pop32(c, DecodeContext.ES));
    one.put(0x0e, (c, opcode) -> push32(c, DecodeContext.CS));
    one.put(0x16, (c, opcode) -> push32(c, DecodeContext.SS));
    one.put(0x17, (c, opcode) -> pop32(c, DecodeContext.SS));
    one.put(0x1e, (c, opcode) -> push32(c, DecodeContext.DS));
    one.put(0x1f, (c, opcode) -> pop32(c, DecodeContext.DS));
    one.put(0x8c, SegmentInsns::movFrom);
    one.put(0x8e, SegmentInsns::movTo);
    one.put(0x9a, SegmentInsns::farDirect);
    one.put(0xea, SegmentInsns::farDirect);
    one.put(0xc4, (c, opcode) -> loadPointer32(c, DecodeContext.ES));
    one.put(0xc5, (c, opcode) -> loadPointer32(c, DecodeContext.DS));
    one.put(0xca, 0xcb, SegmentInsns::farReturn);
    one.put(0xcc, 0xce, SegmentInsns::interrupt);
    one.put(0xcf, (c, opcode) -> special(c, Kind.IRET));
    one.put(0xf1, SegmentInsns::interrupt);
    two.put(0x02, 0x03, SegmentInsns::larOrLsl);
    two.put(0x05, (c, opcode) -> special(c, Kind.SYSCALL));
    two.put(0x07, (c, opcode) -> special(c, Kind.SYSRET));
    two.put(0x34, (c, opcode) -> special(c, Kind.SYSENTER));
    two.put(0x35, (c, opcode) -> special(c, Kind.SYSEXIT));
    two.put(0xa0, (c, opcode) -> push(c, DecodeContext.FS));
    two.put(0xa1, (c, opcode) -> pop(c, DecodeContext.FS));
    two.put(0xa8, (c, opcode) -> push(c, DecodeContext.GS));
    two.put(0xa9, (c, opcode) -> pop(c, DecodeContext.GS));
    two.put(0xb2, (c, opcode) -> loadPointer(c, DecodeContext.SS));
    two.put(0xb4, (c, opcode) -> loadPointer(c, DecodeContext.FS));
    two.put(0xb5, (c, opcode) -> loadPointer(c, DecodeContext.GS));
  }

  // ---- transfers -----------------------------------------------------------------------------

  private static Insn special(DecodeContext c, Kind kind) {
    c.flagsEffect = FlagsEffect.EXPLICIT;
    return new SpecialInsn(c, kind, c.operandSize(), null);
  }

  private static Insn interrupt(DecodeContext c, int opcode) {
    if (opcode == 0xce && c.is64()) {
      return null;
    }
    if (opcode == 0xcd) {
      c.u8();
    }
    return special(c, Kind.INTERRUPT);
  }

  private static Insn farDirect(DecodeContext c, int opcode) {
    if (c.is64()) {
      return null;
    }
    int size = c.operandSize();
    c.immediate(size);
    Operand selector = Operand.immediate(c.u16(), 4);
    return new SpecialInsn(c, opcode == 0x9a ? Kind.FAR_CALL : Kind.FAR_JUMP, size, selector);
  }

  private static Insn farReturn(DecodeContext c, int opcode) {
    if (opcode == 0xca) {
      c.u16();
    }
    return special(c, Kind.FAR_RETURN);
  }

  /** FF /3 and /5; ModRM has been read. */
  static Insn farIndirect(DecodeContext c) {
    if (!c.isMemory()) {
      return null;
    }
    int size = c.operandSize();
    Operand selector = Operand.memory(c.address().plus(size), 2);
    return new SpecialInsn(c, c.extension() == 3 ? Kind.FAR_CALL : Kind.FAR_JUMP, size, selector);
  }

  // ---- moves ---------------------------------------------------------------------------------

  /** Loading these ends QEMU's block: the next instructions may be decoded otherwise. */
  private static boolean endsBlock(DecodeContext c, int index) {
    return index == DecodeContext.SS || !c.is64() && index < DecodeContext.FS;
  }

  private static Insn movTo(DecodeContext c, int opcode) {
    c.modrm();
    int index = c.extension();
    if (index == DecodeContext.CS || index > DecodeContext.GS) {
      return null;
    }
    Operand from = c.rm(2);
    return new Simple(
        cpu -> cpu.loadSegment(index, (int) from.loadUnsigned(cpu)), endsBlock(c, index));
  }

  private static Insn movFrom(DecodeContext c, int opcode) {
    c.modrm();
    int index = c.extension();
    if (index > DecodeContext.GS) {
      return null;
    }
    Operand to = c.rm(c.isMemory() ? 2 : c.operandSize());
    return new Simple(cpu -> to.store(cpu, cpu.segments[index].selector()));
  }

  private static Insn push32(DecodeContext c, int index) {
    return c.is64() ? null : push(c, index);
  }

  private static Insn pop32(DecodeContext c, int index) {
    return c.is64() ? null : pop(c, index);
  }

  private static Insn push(DecodeContext c, int index) {
    int size = c.stackOperandSize();
    boolean is64 = c.is64();
    return new Simple(cpu -> Stack.push(cpu, cpu.segments[index].selector(), size, is64));
  }

  private static Insn pop(DecodeContext c, int index) {
    int size = c.stackOperandSize();
    boolean is64 = c.is64();
    return new Simple(
        cpu -> {
          cpu.loadSegment(index, (int) Stack.peek(cpu, 0, size, is64) & 0xffff);
          Stack.adjust(cpu, size, is64);
        },
        endsBlock(c, index));
  }

  private static Insn loadPointer32(DecodeContext c, int index) {
    return c.is64() ? null : loadPointer(c, index);
  }

  private static Insn loadPointer(DecodeContext c, int index) {
    c.modrm();
    if (!c.isMemory()) {
      return null;
    }
    int size = c.operandSize();
    Operand to = c.reg(size);
    Operand offset = c.rm(size);
    Operand selector = Operand.memory(c.address().plus(size), 2);
    return new Simple(
        cpu -> {
          long value = offset.load(cpu);
          cpu.loadSegment(index, (int) selector.loadUnsigned(cpu));
          to.store(cpu, value);
        },
        !c.is64() && index < DecodeContext.FS);
  }

  // ---- questions about selectors -------------------------------------------------------------

  private static void setZero(Cpu cpu, boolean zero) {
    cpu.flagsExplicit(cpu.arithmeticFlags() & ~Flags.ZF | (zero ? Flags.ZF : 0));
  }

  private static Insn larOrLsl(DecodeContext c, int opcode) {
    c.modrm();
    c.flagsEffect = FlagsEffect.EXPLICIT;
    Operand to = c.reg(c.operandSize());
    Operand from = c.rm(2);
    return new Simple(opcode == 2 ? cpu -> lar(cpu, to, from) : cpu -> lsl(cpu, to, from));
  }

  private static void lar(Cpu cpu, Operand to, Operand from) {
    int selector = (int) from.loadUnsigned(cpu);
    Segment segment = Descriptors.read(cpu, selector);
    // System types 1-5, 9, 11 and 12 have access rights.
    boolean valid = segment != null && accessible(cpu, selector, segment, 0x1a3e);
    if (valid) {
      to.store(cpu, segment.attributes() & 0xf0ff00);
    }
    setZero(cpu, valid);
  }

  private static void lsl(Cpu cpu, Operand to, Operand from) {
    int selector = (int) from.loadUnsigned(cpu);
    Segment segment = Descriptors.read(cpu, selector);
    // System types 1-3, 9 and 11 have limits.
    boolean valid = segment != null && accessible(cpu, selector, segment, 0x0a0e);
    if (valid) {
      to.store(cpu, segment.limit());
    }
    setZero(cpu, valid);
  }

  private static boolean accessible(Cpu cpu, int selector, Segment segment, int systemTypes) {
    int attributes = segment.attributes();
    if ((attributes & Descriptors.NOT_SYSTEM) == 0) {
      if ((systemTypes >> ((attributes >> 8) & 15) & 1) == 0) {
        return false;
      }
    } else if (isConforming(attributes)) {
      return true;
    }
    return privileged(cpu, selector, attributes);
  }

  private static boolean isConforming(int attributes) {
    int bits = Descriptors.CODE | Descriptors.CONFORMING;
    return (attributes & bits) == bits;
  }

  private static boolean privileged(Cpu cpu, int selector, int attributes) {
    int privilege = Descriptors.privilege(attributes);
    return privilege >= cpu.privilege() && privilege >= (selector & 3);
  }

  /** VERR and VERW. */
  static void verify(Cpu cpu, int selector, boolean write) {
    Segment segment = Descriptors.read(cpu, selector);
    setZero(cpu, segment != null && usable(cpu, selector, segment.attributes(), write));
  }

  private static boolean usable(Cpu cpu, int selector, int attributes, boolean write) {
    if ((attributes & Descriptors.NOT_SYSTEM) == 0) {
      return false;
    }
    boolean code = (attributes & Descriptors.CODE) != 0;
    if (write && (code || (attributes & Descriptors.WRITABLE) == 0)) {
      return false;
    }
    if (code && (attributes & Descriptors.READABLE) == 0) {
      return false;
    }
    return isConforming(attributes) || privileged(cpu, selector, attributes);
  }

  /** ARPL (63 outside 64-bit mode). */
  static Insn arpl(DecodeContext c) {
    c.modrm();
    c.flagsEffect = FlagsEffect.EXPLICIT;
    Operand to = c.rm(2);
    Operand from = c.reg(2);
    return new Simple(
        cpu -> {
          long value = to.loadUnsigned(cpu);
          long level = from.loadUnsigned(cpu) & 3;
          boolean raise = (value & 3) < level;
          to.store(cpu, raise ? value & ~3 | level : value);
          setZero(cpu, raise);
        });
  }
}
