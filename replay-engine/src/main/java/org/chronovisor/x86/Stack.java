package org.chronovisor.x86;

/** PUSH, POP, PUSHA, POPA, PUSHF, POPF, ENTER and LEAVE. */
final class Stack {
  private static final int RSP = 4;
  private static final int RBP = 5;

  private Stack() {}

  static void register(OpcodeTable one, OpcodeTable two) {
    one.put(0x50, 0x57, Stack::pushRegister);
    one.put(0x58, 0x5f, Stack::popRegister);
    one.put(0x60, Stack::pusha);
    one.put(0x61, Stack::popa);
    one.put(0x68, Stack::pushImmediate);
    one.put(0x6a, Stack::pushImmediate);
    one.put(0x8f, Stack::popModrm);
    one.put(0x9c, Stack::pushf);
    one.put(0x9d, Stack::popf);
    one.put(0xc8, Stack::enter);
    one.put(0xc9, Stack::leave);
  }

  // ---- the stack -----------------------------------------------------------------------------

  /** Mask of the stack pointer: its size is the mode's or the stack segment's. */
  private static long pointerMask(Cpu cpu, boolean is64) {
    return is64 ? -1L : cpu.segments[DecodeContext.SS].isDefault32() ? 0xffff_ffffL : 0xffff;
  }

  /** Linear address of an offset in the stack segment. */
  private static long linear(Cpu cpu, long offset, boolean is64) {
    return is64
        ? offset
        : (offset & pointerMask(cpu, false)) + cpu.segmentBase[DecodeContext.SS] & 0xffff_ffffL;
  }

  /** Sign-extended value at rsp + {@code offset}. */
  static long peek(Cpu cpu, long offset, int size, boolean is64) {
    return Operand.Memory.load(cpu.mmu, linear(cpu, cpu.r[RSP] + offset, is64), size);
  }

  /** Stores at rsp + {@code offset}. */
  static void poke(Cpu cpu, long offset, int size, boolean is64, long value) {
    Operand.Memory.store(cpu.mmu, linear(cpu, cpu.r[RSP] + offset, is64), size, value);
  }

  /** Adds to the stack pointer. */
  static void adjust(Cpu cpu, long delta, boolean is64) {
    setPointer(cpu, cpu.r[RSP] + delta, is64);
  }

  private static void setPointer(Cpu cpu, long value, boolean is64) {
    long mask = pointerMask(cpu, is64);
    long kept = mask == 0xffff ? cpu.r[RSP] & ~0xffffL : 0;
    cpu.r[RSP] = kept | value & mask;
  }

  static void push(Cpu cpu, long value, int size, boolean is64) {
    poke(cpu, -size, size, is64, value);
    adjust(cpu, -size, is64);
  }

  // ---- decoding ------------------------------------------------------------------------------

  private static Insn pushRegister(DecodeContext c, int opcode) {
    return push(c, c.register(c.opcodeRegister(opcode), c.stackOperandSize()));
  }

  private static Insn pushImmediate(DecodeContext c, int opcode) {
    int size = c.stackOperandSize();
    return push(c, Operand.immediate(opcode == 0x6a ? c.s8() : c.immediate(size), size));
  }

  /** PUSH of an operand of the stack's operand size. */
  static Insn push(DecodeContext c, Operand from) {
    if (c.stackOperandSize() == 8) {
      c.translation = CompiledMoves.push(from);
    }
    if (from instanceof Operand.Quadword x) {
      return new PushReg64(x.number);
    }
    return new Push(from, c.stackOperandSize(), c.is64());
  }

  private static Insn popRegister(DecodeContext c, int opcode) {
    int size = c.stackOperandSize();
    int number = c.opcodeRegister(opcode);
    if (size == 8) {
      c.translation = CompiledMoves.pop(number);
    }
    return size == 8 ? new PopReg64(number) : new Pop(c.register(number, size), c.is64());
  }

  private static Insn popModrm(DecodeContext c, int opcode) {
    c.modrm();
    int size = c.stackOperandSize();
    if (c.extension() != 0) {
      return null;
    }
    return c.isMemory()
        ? new PopMemory(Operand.memory(c.addressAfterPop(size), size), c.is64())
        : new Pop(c.rm(size), c.is64());
  }

  private static Insn pusha(DecodeContext c, int opcode) {
    return c.is64() ? null : new PushAll(c.operandSize());
  }

  private static Insn popa(DecodeContext c, int opcode) {
    return c.is64() ? null : new PopAll(c.operandSize());
  }

  private static Insn pushf(DecodeContext c, int opcode) {
    return new PushFlags(c.stackOperandSize(), c.is64());
  }

  private static Insn popf(DecodeContext c, int opcode) {
    c.flagsEffect = FlagsEffect.EXPLICIT;
    return new PopFlags(c.stackOperandSize(), c.is64());
  }

  private static Insn enter(DecodeContext c, int opcode) {
    int bytes = c.u16();
    int level = c.u8() & 31;
    return new Enter(bytes, level, c.stackOperandSize(), c.is64());
  }

  private static Insn leave(DecodeContext c, int opcode) {
    if (c.stackOperandSize() == 8) {
      c.translation = CompiledMoves.leave();
    }
    return new Leave(c.stackOperandSize(), c.is64());
  }

  // ---- models --------------------------------------------------------------------------------

  private static final class PushReg64 extends Insn {
    private final int from;

    PushReg64(int from) {
      this.from = from;
    }

    @Override
    public void execute(Cpu cpu) {
      long rsp = cpu.r[RSP] - 8;
      cpu.mmu.store64(rsp, cpu.r[from]);
      cpu.r[RSP] = rsp;
    }
  }

  private static final class PopReg64 extends Insn {
    private final int to;

    PopReg64(int to) {
      this.to = to;
    }

    @Override
    public void execute(Cpu cpu) {
      long rsp = cpu.r[RSP];
      long value = cpu.mmu.load64(rsp);
      cpu.r[RSP] = rsp + 8;
      cpu.r[to] = value;
    }
  }

  /** PUSH of any operand. */
  static final class Push extends Insn {
    private final Operand from;
    private final int size;
    private final boolean is64;

    Push(Operand from, int size, boolean is64) {
      this.from = from;
      this.size = size;
      this.is64 = is64;
    }

    @Override
    public void execute(Cpu cpu) {
      push(cpu, from.load(cpu), size, is64);
    }
  }

  /** POP to a register. */
  private static final class Pop extends Insn {
    private final Operand to;
    private final boolean is64;

    Pop(Operand to, boolean is64) {
      this.to = to;
      this.is64 = is64;
    }

    @Override
    public void execute(Cpu cpu) {
      long value = peek(cpu, 0, to.size, is64);
      adjust(cpu, to.size, is64);
      to.store(cpu, value);
    }
  }

  private static final class PopMemory extends Insn {
    private final Operand to;
    private final boolean is64;

    PopMemory(Operand to, boolean is64) {
      this.to = to;
      this.is64 = is64;
    }

    @Override
    public void execute(Cpu cpu) {
      to.store(cpu, peek(cpu, 0, to.size, is64));
      adjust(cpu, to.size, is64);
    }
  }

  private static final class PushAll extends Insn {
    private final int size;

    PushAll(int size) {
      this.size = size;
    }

    @Override
    public void execute(Cpu cpu) {
      for (int i = 0; i < 8; i++) {
        poke(cpu, (i - 8L) * size, size, false, cpu.r[7 - i]);
      }
      adjust(cpu, -8L * size, false);
    }
  }

  private static final class PopAll extends Insn {
    private final int size;

    PopAll(int size) {
      this.size = size;
    }

    @Override
    public void execute(Cpu cpu) {
      long[] values = new long[8];
      for (int i = 0; i < 8; i++) {
        if (7 - i != RSP) {
          // QEMU skips it, too.
          values[i] = peek(cpu, (long) i * size, size, false);
        }
      }
      for (int i = 0; i < 8; i++) {
        if (7 - i != RSP) {
          Operand.register(7 - i, size, true).store(cpu, values[i]);
        }
      }
      adjust(cpu, 8L * size, false);
    }
  }

  private static final class PushFlags extends Insn {
    private final int size;
    private final boolean is64;

    PushFlags(int size, boolean is64) {
      this.size = size;
      this.is64 = is64;
    }

    @Override
    public void execute(Cpu cpu) {
      push(cpu, cpu.rflags() & ~(Flags.VM | Flags.RF), size, is64);
    }
  }

  private static final class PopFlags extends Insn {
    private final int size;
    private final boolean is64;

    PopFlags(int size, boolean is64) {
      this.size = size;
      this.is64 = is64;
    }

    @Override
    public void execute(Cpu cpu) {
      long value = peek(cpu, 0, size, is64);
      adjust(cpu, size, is64);
      long system = Flags.TF | Flags.AC | Flags.ID | Flags.NT;
      int privilege = cpu.privilege();
      if (privilege == 0) {
        system |= Flags.IF | Flags.IOPL;
      } else if (privilege <= (cpu.systemFlags & Flags.IOPL) >> 12) {
        system |= Flags.IF;
      }
      if (size == 2) {
        system &= 0xffff;
      }
      long written = system | Flags.ARITHMETIC | Flags.DF;
      cpu.setRflags(cpu.rflags() & ~written | value & written);
    }

    @Override
    public boolean endsBlock() {
      return true;
    }
  }

  private static final class Enter extends Insn {
    private final int bytes;
    private final int level;
    private final int size;
    private final boolean is64;

    Enter(int bytes, int level, int size, boolean is64) {
      this.bytes = bytes;
      this.level = level;
      this.size = size;
      this.is64 = is64;
    }

    @Override
    public void execute(Cpu cpu) {
      Mmu mmu = cpu.mmu;
      long frame = cpu.r[RSP] - size;
      long oldFrame = cpu.r[RBP];
      Operand.Memory.store(mmu, linear(cpu, frame, is64), size, oldFrame);
      for (int i = 1; i < level; i++) {
        long pointer =
            Operand.Memory.load(mmu, linear(cpu, oldFrame - (long) size * i, is64), size);
        Operand.Memory.store(mmu, linear(cpu, frame - (long) size * i, is64), size, pointer);
      }
      if (level != 0) {
        Operand.Memory.store(mmu, linear(cpu, frame - (long) size * level, is64), size, frame);
      }
      Operand.register(RBP, size, true).store(cpu, frame);
      setPointer(cpu, frame - bytes - (long) size * level, is64);
    }
  }

  private static final class Leave extends Insn {
    private final int size;
    private final boolean is64;

    Leave(int size, boolean is64) {
      this.size = size;
      this.is64 = is64;
    }

    @Override
    public void execute(Cpu cpu) {
      long frame = cpu.r[RBP];
      long value = Operand.Memory.load(cpu.mmu, linear(cpu, frame, is64), size);
      Operand.register(RBP, size, true).store(cpu, value);
      setPointer(cpu, frame + size, is64);
    }
  }
}
