package org.chronovisor.x86;

/** MOV, MOVZX, MOVSX, LEA, CMOVcc, MOVNTI, CBW, CWD, BSWAP, XLAT. */
final class Moves {
  private Moves() {}

  static void register(OpcodeTable one, OpcodeTable two) {
    one.put(0x63, Moves::movsxd);
    one.put(0x88, 0x89, Moves::movToModrm);
    one.put(0x8a, 0x8b, Moves::movFromModrm);
    one.put(0x8d, Moves::lea);
    one.put(0x98, Moves::cbw);
    one.put(0x99, Moves::cwd);
    one.put(0xa0, 0xa3, Moves::movOffset);
    one.put(0xb0, 0xbf, Moves::movImmediate);
    one.put(0xc6, 0xc7, Moves::movModrmImmediate);
    one.put(0xd7, Moves::xlat);
    two.put(0x40, 0x4f, Moves::cmov);
    two.put(0xb6, 0xb7, Moves::movzx);
    two.put(0xbe, 0xbf, Moves::movsx);
    two.put(0xc3, Moves::movnti);
    two.put(0xc8, 0xcf, Moves::bswap);
  }

  private static Insn movToModrm(DecodeContext c, int opcode) {
    int size = Arithmetic.size(c, opcode);
    c.modrm();
    return move(c, c.rm(size), c.reg(size));
  }

  private static Insn movFromModrm(DecodeContext c, int opcode) {
    int size = Arithmetic.size(c, opcode);
    c.modrm();
    return move(c, c.reg(size), c.rm(size));
  }

  private static Insn movModrmImmediate(DecodeContext c, int opcode) {
    int size = Arithmetic.size(c, opcode);
    c.modrm();
    if (c.extension() != 0) {
      return null;
    }
    Operand immediate = Operand.immediate(c.immediate(size), size);
    return move(c, c.rm(size), immediate);
  }

  private static Insn movImmediate(DecodeContext c, int opcode) {
    int size = opcode < 0xb8 ? 1 : c.operandSize();
    long value = size == 8 ? c.s64() : c.immediate(size);
    return move(c, c.register(c.opcodeRegister(opcode), size), Operand.immediate(value, size));
  }

  private static Insn movOffset(DecodeContext c, int opcode) {
    int size = Arithmetic.size(c, opcode);
    long offset =
        switch (c.addressSize()) {
          case 8 -> c.s64();
          case 4 -> c.s32() & 0xffff_ffffL;
          default -> c.u16();
        };
    Operand memory = Operand.memory(c.absoluteAddress(offset), size);
    Operand accumulator = c.register(0, size);
    return opcode < 0xa2 ? move(c, accumulator, memory) : move(c, memory, accumulator);
  }

  private static Insn movnti(DecodeContext c, int opcode) {
    c.modrm();
    if (!c.isMemory() || c.operandPrefix || c.repeat != 0) {
      return null;
    }
    int size = c.operandSize();
    return move(c, c.rm(size), c.reg(size));
  }

  private static Insn movsxd(DecodeContext c, int opcode) {
    if (!c.is64()) {
      return SegmentInsns.arpl(c);
    }
    c.modrm();
    return extendSigned(c, c.reg(c.operandSize()), c.rm(4));
  }

  private static Insn movsx(DecodeContext c, int opcode) {
    c.modrm();
    return extendSigned(c, c.reg(c.operandSize()), c.rm((opcode & 1) + 1));
  }

  private static Insn movzx(DecodeContext c, int opcode) {
    c.modrm();
    Operand to = c.reg(c.operandSize());
    Operand from = c.rm((opcode & 1) + 1);
    c.translation = CompiledMoves.moveZeroExtended(to, from);
    Insn fast = FastMoves.zeroExtend(to, from);
    return fast != null ? fast : new MoveZeroExtended(to, from);
  }

  private static Insn extendSigned(DecodeContext c, Operand to, Operand from) {
    c.translation = CompiledMoves.move(to, from);
    Insn fast = FastMoves.signExtend(to, from);
    return fast != null ? fast : new Move(to, from);
  }

  private static Insn lea(DecodeContext c, int opcode) {
    c.modrm();
    if (!c.isMemory()) {
      return null;
    }
    c.translation = CompiledMoves.lea(c.reg(c.operandSize()), c.address());
    return FastMoves.lea(c.reg(c.operandSize()), c.address());
  }

  private static Insn cbw(DecodeContext c, int opcode) {
    int size = c.operandSize();
    return extendSigned(c, c.register(0, size), Operand.register(0, size / 2, true));
  }

  private static Insn cwd(DecodeContext c, int opcode) {
    c.translation =
        CompiledMoves.signFill(c.register(2, c.operandSize()), c.register(0, c.operandSize()));
    return new SignFill(c.register(2, c.operandSize()), c.register(0, c.operandSize()));
  }

  private static Insn bswap(DecodeContext c, int opcode) {
    // A 16-bit operand is undefined; QEMU 10.0 swaps 32 bits.
    int size = c.rexW() ? 8 : 4;
    c.translation = CompiledMoves.byteSwap(c.register(c.opcodeRegister(opcode), size));
    return new ByteSwap(c.register(c.opcodeRegister(opcode), size));
  }

  private static Insn cmov(DecodeContext c, int opcode) {
    c.modrm();
    c.flagsEffect = FlagsEffect.CONDITION + (opcode & 15);
    int size = c.operandSize();
    c.translation = CompiledMoves.conditionalMove(opcode & 15, c.reg(size), c.rm(size));
    return new ConditionalMove(opcode & 15, c.reg(size), c.rm(size));
  }

  private static Insn xlat(DecodeContext c, int opcode) {
    int segment = c.override >= 0 ? c.override : DecodeContext.DS;
    return new TableLookup(c.registerAddress(3, segment));
  }

  private static Insn move(DecodeContext c, Operand to, Operand from) {
    c.translation = CompiledMoves.move(to, from);
    Insn fast = FastMoves.move(to, from);
    return fast != null ? fast : new Move(to, from);
  }

  /** Copies the sign-extended value. */
  static final class Move extends Insn {
    private final Operand to;
    private final Operand from;

    Move(Operand to, Operand from) {
      this.to = to;
      this.from = from;
    }

    @Override
    public void execute(Cpu cpu) {
      to.store(cpu, from.load(cpu));
    }
  }

  private static final class MoveZeroExtended extends Insn {
    private final Operand to;
    private final Operand from;

    MoveZeroExtended(Operand to, Operand from) {
      this.to = to;
      this.from = from;
    }

    @Override
    public void execute(Cpu cpu) {
      to.store(cpu, from.loadUnsigned(cpu));
    }
  }

  private static final class SignFill extends Insn {
    private final Operand to;
    private final Operand from;

    SignFill(Operand to, Operand from) {
      this.to = to;
      this.from = from;
    }

    @Override
    public void execute(Cpu cpu) {
      to.store(cpu, from.load(cpu) >> 63);
    }
  }

  private static final class ByteSwap extends Insn {
    private final Operand operand;

    ByteSwap(Operand operand) {
      this.operand = operand;
    }

    @Override
    public void execute(Cpu cpu) {
      operand.store(cpu, Long.reverseBytes(operand.load(cpu)) >>> (64 - 8 * operand.size));
    }
  }

  private static final class ConditionalMove extends Insn {
    private final int condition;
    private final Operand to;
    private final Operand from;

    ConditionalMove(int condition, Operand to, Operand from) {
      this.condition = condition;
      this.to = to;
      this.from = from;
    }

    @Override
    public void execute(Cpu cpu) {
      long value = from.load(cpu);
      // The destination is written, and a 32-bit one zero-extended, in any case.
      to.store(cpu, cpu.condition(condition) ? value : to.load(cpu));
    }
  }

  private static final class TableLookup extends Insn {
    private final Address base;

    TableLookup(Address base) {
      this.base = base;
    }

    @Override
    public void execute(Cpu cpu) {
      long sum = cpu.r[3] + (cpu.r[0] & 0xff);
      long linear = base.segment < 0 ? sum : base.segmented(cpu, sum);
      cpu.r[0] = cpu.r[0] & ~0xffL | cpu.mmu.load8(linear);
    }
  }
}
