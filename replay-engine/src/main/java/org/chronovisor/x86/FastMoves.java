package org.chronovisor.x86;

/** Fast models of the most frequent moves, one class each. */
final class FastMoves {
  private FastMoves() {}

  /** A move between operands of one size, or null when it has no fast model. */
  static Insn move(Operand to, Operand from) {
    if (to instanceof Operand.Quadword x) {
      if (from instanceof Operand.Quadword y) {
        return new MoveRegReg64(x, y);
      }
      if (from instanceof Operand.Memory y) {
        return new MoveRegMem64(x, y.address);
      }
      if (from instanceof Operand.Immediate y) {
        return new MoveRegImm(x, y.value);
      }
    } else if (to instanceof Operand.Doubleword x) {
      if (from instanceof Operand.Doubleword y) {
        return new MoveRegReg32(x, y);
      }
      if (from instanceof Operand.Memory y) {
        return new MoveRegMem32(x, y.address);
      }
      if (from instanceof Operand.Immediate y) {
        return new MoveRegImm(x, y.value & 0xffff_ffffL);
      }
    } else if (to instanceof Operand.Byte x && from instanceof Operand.Memory y) {
      return new MoveRegMem8(x, y.address);
    } else if (to instanceof Operand.Memory x) {
      if (from instanceof Operand.Quadword y) {
        return new MoveMemReg64(x.address, y);
      }
      if (from instanceof Operand.Doubleword y) {
        return new MoveMemReg32(x.address, y);
      }
      if (from instanceof Operand.Byte y) {
        return new MoveMemReg8(x.address, y);
      }
      if (from instanceof Operand.Immediate y) {
        return switch (x.size) {
          case 8 -> new MoveMemImm64(x.address, y.value);
          case 4 -> new MoveMemImm32(x.address, (int) y.value);
          case 1 -> new MoveMemImm8(x.address, (byte) y.value);
          default -> null;
        };
      }
    }
    return null;
  }

  /** MOVZX to a 32- or 64-bit register: the same, as a 32-bit result is zero-extended. */
  static Insn zeroExtend(Operand to, Operand from) {
    if (to.size < 4) {
      return null;
    }
    Operand.Register x = (Operand.Register) to;
    if (from instanceof Operand.Memory y) {
      return from.size == 1 ? new LoadUnsigned8(x, y.address) : new LoadUnsigned16(x, y.address);
    }
    return new ZeroExtendReg(x, (Operand.Register) from);
  }

  /** MOVSX, MOVSXD, CBW, CWDE and CDQE, or null when there is no fast model. */
  static Insn signExtend(Operand to, Operand from) {
    if (to.size == 8 && from.size == 4) {
      Operand.Register x = (Operand.Register) to;
      return from instanceof Operand.Memory y
          ? new LoadSigned32(x, y.address)
          : new SignExtend32(x, (Operand.Register) from);
    }
    if (to.size >= 4 && from.size == 1 && from instanceof Operand.Memory y) {
      return new LoadSigned8((Operand.Register) to, y.address, Operand.mask(to.size));
    }
    return null;
  }

  static Insn lea(Operand to, Address address) {
    boolean full = address.offsetMask == -1;
    if (full && to instanceof Operand.Quadword x) {
      return new Lea64(x, address);
    }
    if (to instanceof Operand.Doubleword x && address.offsetMask != 0xffff) {
      return new Lea32(x, address);
    }
    return new Lea(to, address);
  }

  private static final class MoveRegReg64 extends Insn {
    private final int to;
    private final int from;

    MoveRegReg64(Operand.Quadword to, Operand.Quadword from) {
      this.to = to.number;
      this.from = from.number;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.r[to] = cpu.r[from];
    }
  }

  private static final class MoveRegReg32 extends Insn {
    private final int to;
    private final int from;

    MoveRegReg32(Operand.Doubleword to, Operand.Doubleword from) {
      this.to = to.number;
      this.from = from.number;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.r[to] = cpu.r[from] & 0xffff_ffffL;
    }
  }

  private static final class MoveRegImm extends Insn {
    private final int to;
    private final long value;

    MoveRegImm(Operand.Register to, long value) {
      this.to = to.number;
      this.value = value;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.r[to] = value;
    }
  }

  private static final class MoveRegMem64 extends MemoryInsn {
    private final int to;

    MoveRegMem64(Operand.Quadword to, Address from) {
      super(from);
      this.to = to.number;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.r[to] = cpu.mmu.load64(linear(cpu));
    }
  }

  private static final class MoveRegMem32 extends MemoryInsn {
    private final int to;

    MoveRegMem32(Operand.Doubleword to, Address from) {
      super(from);
      this.to = to.number;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.r[to] = cpu.mmu.load32(linear(cpu)) & 0xffff_ffffL;
    }
  }

  private static final class MoveRegMem8 extends MemoryInsn {
    private final int to;
    private final int shift;

    MoveRegMem8(Operand.Byte to, Address from) {
      super(from);
      this.to = to.number;
      shift = to.shift();
    }

    @Override
    public void execute(Cpu cpu) {
      long value = cpu.mmu.load8(linear(cpu));
      cpu.r[to] = cpu.r[to] & ~(0xffL << shift) | value << shift;
    }
  }

  private static final class MoveMemReg64 extends MemoryInsn {
    private final int from;

    MoveMemReg64(Address to, Operand.Quadword from) {
      super(to);
      this.from = from.number;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.mmu.store64(linear(cpu), cpu.r[from]);
    }
  }

  private static final class MoveMemReg32 extends MemoryInsn {
    private final int from;

    MoveMemReg32(Address to, Operand.Doubleword from) {
      super(to);
      this.from = from.number;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.mmu.store32(linear(cpu), (int) cpu.r[from]);
    }
  }

  private static final class MoveMemReg8 extends MemoryInsn {
    private final int from;
    private final int shift;

    MoveMemReg8(Address to, Operand.Byte from) {
      super(to);
      this.from = from.number;
      shift = from.shift();
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.mmu.store8(linear(cpu), (int) (cpu.r[from] >> shift));
    }
  }

  private static final class MoveMemImm64 extends MemoryInsn {
    private final long value;

    MoveMemImm64(Address to, long value) {
      super(to);
      this.value = value;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.mmu.store64(linear(cpu), value);
    }
  }

  private static final class MoveMemImm32 extends MemoryInsn {
    private final int value;

    MoveMemImm32(Address to, int value) {
      super(to);
      this.value = value;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.mmu.store32(linear(cpu), value);
    }
  }

  private static final class MoveMemImm8 extends MemoryInsn {
    private final byte value;

    MoveMemImm8(Address to, byte value) {
      super(to);
      this.value = value;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.mmu.store8(linear(cpu), value);
    }
  }

  private static final class LoadUnsigned8 extends MemoryInsn {
    private final int to;

    LoadUnsigned8(Operand.Register to, Address from) {
      super(from);
      this.to = to.number;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.r[to] = cpu.mmu.load8(linear(cpu));
    }
  }

  private static final class LoadUnsigned16 extends MemoryInsn {
    private final int to;

    LoadUnsigned16(Operand.Register to, Address from) {
      super(from);
      this.to = to.number;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.r[to] = cpu.mmu.load16(linear(cpu));
    }
  }

  private static final class LoadSigned32 extends MemoryInsn {
    private final int to;

    LoadSigned32(Operand.Register to, Address from) {
      super(from);
      this.to = to.number;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.r[to] = cpu.mmu.load32(linear(cpu));
    }
  }

  private static final class LoadSigned8 extends MemoryInsn {
    private final int to;
    private final long mask;

    LoadSigned8(Operand.Register to, Address from, long mask) {
      super(from);
      this.to = to.number;
      this.mask = mask;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.r[to] = (byte) cpu.mmu.load8(linear(cpu)) & mask;
    }
  }

  private static final class ZeroExtendReg extends Insn {
    private final int to;
    private final int from;
    private final int shift;
    private final long mask;

    ZeroExtendReg(Operand.Register to, Operand.Register from) {
      this.to = to.number;
      this.from = from.number;
      shift = from.shift();
      mask = Operand.mask(from.size);
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.r[to] = cpu.r[from] >> shift & mask;
    }
  }

  private static final class SignExtend32 extends Insn {
    private final int to;
    private final int from;

    SignExtend32(Operand.Register to, Operand.Register from) {
      this.to = to.number;
      this.from = from.number;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.r[to] = (int) cpu.r[from];
    }
  }

  private static final class Lea64 extends Insn {
    private final int to;
    private final int base;
    private final int index;
    private final int scale;
    private final long displacement;

    Lea64(Operand.Quadword to, Address address) {
      this.to = to.number;
      base = address.base;
      index = address.index;
      scale = address.scale;
      displacement = address.displacement;
    }

    @Override
    public void execute(Cpu cpu) {
      long[] r = cpu.r;
      r[to] = r[base] + (r[index] << scale) + displacement;
    }
  }

  private static final class Lea32 extends Insn {
    private final int to;
    private final int base;
    private final int index;
    private final int scale;
    private final long displacement;

    Lea32(Operand.Doubleword to, Address address) {
      this.to = to.number;
      base = address.base;
      index = address.index;
      scale = address.scale;
      displacement = address.displacement;
    }

    @Override
    public void execute(Cpu cpu) {
      long[] r = cpu.r;
      r[to] = (r[base] + (r[index] << scale) + displacement) & 0xffff_ffffL;
    }
  }

  private static final class Lea extends Insn {
    private final Operand to;
    private final Address address;

    Lea(Operand to, Address address) {
      this.to = to;
      this.address = address;
    }

    @Override
    public void execute(Cpu cpu) {
      to.store(cpu, address.offset(cpu));
    }
  }
}
