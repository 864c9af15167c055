package org.chronovisor.x86;

/** JMP, CALL, RET, Jcc, LOOP, JCXZ and SETcc. Far transfers are in {@link SegmentInsns}. */
final class Branches {
  private static final int RCX = 1;

  private Branches() {}

  static void register(OpcodeTable one, OpcodeTable two) {
    one.put(0x70, 0x7f, Branches::jcc);
    one.put(0xc2, 0xc3, Branches::ret);
    one.put(0xe0, 0xe3, Branches::loop);
    one.put(0xe8, Branches::call);
    one.put(0xe9, Branches::jmp);
    one.put(0xeb, Branches::jmp);
    one.put(0xff, Branches::group5);
    two.put(0x80, 0x8f, Branches::jccNear);
    two.put(0x90, 0x9f, Branches::setcc);
  }

  /** 16-bit instruction pointers in 32-bit code: not modelled. */
  private static boolean truncates(DecodeContext c) {
    return c.mode == Mode.CODE32 && c.operandSize() == 2;
  }

  /** Which bits of the instruction pointer a near transfer sets; the others become zero. */
  private static long pointer(DecodeContext c) {
    return c.is64() ? -1L : c.operandSize() == 2 ? 0xffff : 0xffff_ffffL;
  }

  /** Bytes of a near transfer's operand outside 64-bit code. */
  private static int width(DecodeContext c) {
    return c.is64() ? 8 : c.operandSize();
  }

  /** The offset of a near jump or call. */
  private static long near(DecodeContext c) {
    return c.is64() ? c.s32() : c.immediate(c.operandSize());
  }

  /** Linear address of a relative target; the whole instruction has been read. */
  private static long target(DecodeContext c, long offset) {
    long target = c.next() + offset;
    return c.is64() ? target : target & 0xffff_ffffL;
  }

  private static Insn jcc(DecodeContext c, int opcode) {
    long offset = c.s8();
    return truncates(c) ? null : conditional(c, opcode, offset);
  }

  private static Insn conditional(DecodeContext c, int opcode, long offset) {
    if (c.is64()) {
      c.translation = CompiledMoves.jumpIf(opcode & 15, target(c, offset));
    }
    return Conditional.create(opcode & 15, target(c, offset), pointer(c));
  }

  private static Insn jccNear(DecodeContext c, int opcode) {
    if (truncates(c)) {
      return null;
    }
    long offset = near(c);
    return conditional(c, opcode, offset);
  }

  private static Insn jmp(DecodeContext c, int opcode) {
    if (truncates(c)) {
      return null;
    }
    long offset = opcode == 0xeb ? c.s8() : near(c);
    if (c.is64()) {
      c.translation = CompiledMoves.jump(target(c, offset));
    }
    return new Jump(target(c, offset), pointer(c));
  }

  private static Insn call(DecodeContext c, int opcode) {
    if (truncates(c)) {
      return null;
    }
    long offset = near(c);
    int size = c.stackOperandSize();
    if (size == 8) {
      c.translation = CompiledMoves.call(target(c, offset));
    }
    return size == 8
        ? new Call64(target(c, offset))
        : new Call(null, target(c, offset), size, pointer(c));
  }

  private static Insn ret(DecodeContext c, int opcode) {
    int adjust = opcode == 0xc2 ? (short) c.u16() : 0;
    if (truncates(c)) {
      return null;
    }
    int size = c.stackOperandSize();
    if (size == 8) {
      c.translation = CompiledMoves.ret(adjust);
    }
    return size == 8 ? new Ret64(adjust) : new Ret(size, c.is64(), adjust);
  }

  private static Insn loop(DecodeContext c, int opcode) {
    long offset = c.s8();
    if (truncates(c)) {
      return null;
    }
    Operand counter = Operand.register(RCX, c.addressSize(), true);
    return new Loop(opcode & 3, counter, target(c, offset), pointer(c));
  }

  private static Insn setcc(DecodeContext c, int opcode) {
    c.modrm();
    c.flagsEffect = FlagsEffect.CONDITION + (opcode & 15);
    c.translation = CompiledMoves.setOnCondition(opcode & 15, c.rm(1));
    return new SetOnCondition(opcode & 15, c.rm(1));
  }

  private static Insn group5(DecodeContext c, int opcode) {
    c.modrm();
    int operandSize = c.operandSize();
    switch (c.extension()) {
      case 0:
      case 1:
        return Arithmetic.incDec(c, operandSize);
      case 2:
        if (truncates(c)) {
          return null;
        }
        int size = c.stackOperandSize();
        if (size == 8) {
          c.translation = CompiledMoves.callIndirect(c.rm(8));
        }
        return new Call(c.rm(width(c)), 0, size, pointer(c));
      case 4:
        if (c.is64()) {
          c.translation = CompiledMoves.jumpIndirect(c.rm(8));
        }
        return truncates(c) ? null : new JumpIndirect(c.rm(width(c)));
      case 3:
      case 5:
        return SegmentInsns.farIndirect(c);
      case 6:
        return Stack.push(c, c.rm(c.stackOperandSize()));
      default:
        return null;
    }
  }

  /** Offset in the code segment, which is what rip holds, of a linear address. */
  static long offset(Cpu cpu, long linear, long pointer) {
    return pointer == -1 ? linear : linear - cpu.segmentBase[DecodeContext.CS] & pointer;
  }

  /** An instruction that transfers control. */
  abstract static class Transfer extends Insn {
    @Override
    public final boolean endsBlock() {
      return true;
    }
  }

  static final class Jump extends Transfer {
    private final long target;
    private final long pointer;

    Jump(long target, long pointer) {
      this.target = target;
      this.pointer = pointer;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.rip = offset(cpu, target, pointer);
    }
  }

  private static final class JumpIndirect extends Transfer {
    private final Operand target;

    JumpIndirect(Operand target) {
      this.target = target;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.rip = target.loadUnsigned(cpu);
    }
  }

  private static final class Call64 extends Transfer {
    private final long target;

    Call64(long target) {
      this.target = target;
    }

    @Override
    public boolean isCall() {
      return true;
    }

    @Override
    public void execute(Cpu cpu) {
      long rsp = cpu.r[4] - 8;
      cpu.mmu.store64(rsp, next());
      cpu.r[4] = rsp;
      cpu.rip = target;
    }
  }

  private static final class Call extends Transfer {
    private final Operand indirect;
    private final long target;
    private final int size;
    private final long pointer;

    /**
     * @param indirect holds the target, or null for the linear address {@code target}
     */
    Call(Operand indirect, long target, int size, long pointer) {
      this.indirect = indirect;
      this.target = target;
      this.size = size;
      this.pointer = pointer;
    }

    @Override
    public boolean isCall() {
      return true;
    }

    @Override
    public void execute(Cpu cpu) {
      long to = indirect == null ? offset(cpu, target, pointer) : indirect.loadUnsigned(cpu);
      Stack.push(cpu, offset(cpu, next(), pointer), size, pointer == -1);
      cpu.rip = to;
    }
  }

  private static final class Ret64 extends Transfer {
    private final int adjust;

    Ret64(int adjust) {
      this.adjust = adjust;
    }

    @Override
    public boolean isReturn() {
      return true;
    }

    @Override
    public void execute(Cpu cpu) {
      long rsp = cpu.r[4];
      cpu.rip = cpu.mmu.load64(rsp);
      cpu.r[4] = rsp + 8 + adjust;
    }
  }

  private static final class Ret extends Transfer {
    private final int size;
    private final boolean is64;
    private final int adjust;

    Ret(int size, boolean is64, int adjust) {
      this.size = size;
      this.is64 = is64;
      this.adjust = adjust;
    }

    @Override
    public boolean isReturn() {
      return true;
    }

    @Override
    public void execute(Cpu cpu) {
      long to = Stack.peek(cpu, 0, size, is64) & Operand.mask(size);
      Stack.adjust(cpu, size + adjust, is64);
      cpu.rip = to;
    }
  }

  private static final class Loop extends Transfer {
    private final int kind;
    private final Operand counter;
    private final long target;
    private final long pointer;

    /**
     * @param kind 0 LOOPNE, 1 LOOPE, 2 LOOP, 3 JCXZ
     */
    Loop(int kind, Operand counter, long target, long pointer) {
      this.kind = kind;
      this.counter = counter;
      this.target = target;
      this.pointer = pointer;
    }

    @Override
    public void execute(Cpu cpu) {
      boolean taken;
      if (kind == 3) {
        taken = counter.load(cpu) == 0;
      } else {
        counter.store(cpu, counter.load(cpu) - 1);
        taken = counter.load(cpu) != 0 && (kind == 2 || cpu.condition(4) == (kind == 1));
      }
      if (taken) {
        cpu.rip = offset(cpu, target, pointer);
      }
    }
  }

  private static final class SetOnCondition extends Insn {
    private final int condition;
    private final Operand to;

    SetOnCondition(int condition, Operand to) {
      this.condition = condition;
      this.to = to;
    }

    @Override
    public void execute(Cpu cpu) {
      to.store(cpu, cpu.condition(condition) ? 1 : 0);
    }
  }
}
