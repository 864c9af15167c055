package org.chronovisor.x86;

/** Fast models of 32-bit arithmetic, see {@link FastArithmetic}. */
final class FastArithmetic32 {
  private FastArithmetic32() {}

  static Insn create(int operation, Operand a, Operand b) {
    if (a instanceof Operand.Doubleword x) {
      if (b instanceof Operand.Doubleword y) {
        return regReg(operation, x, y);
      }
      if (b instanceof Operand.Memory y) {
        return regMem(operation, x, y.address);
      }
      if (b instanceof Operand.Immediate y) {
        return regImm(operation, x, (int) y.value);
      }
    } else if (a instanceof Operand.Memory x) {
      if (b instanceof Operand.Doubleword y) {
        return memReg(operation, x.address, y);
      }
      if (b instanceof Operand.Immediate y) {
        return memImm(operation, x.address, (int) y.value);
      }
    }
    return null;
  }

  private static Insn regReg(int operation, Operand.Doubleword a, Operand.Doubleword b) {
    return switch (operation) {
      case Arithmetic.ADD -> new AddRegReg(a, b);
      case Arithmetic.OR -> new OrRegReg(a, b);
      case Arithmetic.AND -> new AndRegReg(a, b);
      case Arithmetic.SUB -> new SubRegReg(a, b);
      case Arithmetic.XOR -> new XorRegReg(a, b);
      case Arithmetic.CMP -> new CmpRegReg(a, b);
      case Arithmetic.TEST -> new TestRegReg(a, b);
      default -> null;
    };
  }

  private static Insn regImm(int operation, Operand.Doubleword a, int b) {
    return switch (operation) {
      case Arithmetic.ADD -> new AddRegImm(a, b);
      case Arithmetic.OR -> new OrRegImm(a, b);
      case Arithmetic.AND -> new AndRegImm(a, b);
      case Arithmetic.SUB -> new SubRegImm(a, b);
      case Arithmetic.XOR -> new XorRegImm(a, b);
      case Arithmetic.CMP -> new CmpRegImm(a, b);
      case Arithmetic.TEST -> new TestRegImm(a, b);
      default -> null;
    };
  }

  private static Insn regMem(int operation, Operand.Doubleword a, Address b) {
    return switch (operation) {
      case Arithmetic.ADD -> new AddRegMem(a, b);
      case Arithmetic.OR -> new OrRegMem(a, b);
      case Arithmetic.AND -> new AndRegMem(a, b);
      case Arithmetic.SUB -> new SubRegMem(a, b);
      case Arithmetic.XOR -> new XorRegMem(a, b);
      case Arithmetic.CMP -> new CmpRegMem(a, b);
      default -> null;
    };
  }

  private static Insn memReg(int operation, Address a, Operand.Doubleword b) {
    return switch (operation) {
      case Arithmetic.ADD -> new AddMemReg(a, b);
      case Arithmetic.CMP -> new CmpMemReg(a, b);
      case Arithmetic.TEST -> new TestMemReg(a, b);
      default -> null;
    };
  }

  private static Insn memImm(int operation, Address a, int b) {
    return switch (operation) {
      case Arithmetic.ADD -> new AddMemImm(a, b);
      case Arithmetic.AND -> new AndMemImm(a, b);
      case Arithmetic.OR -> new OrMemImm(a, b);
      case Arithmetic.SUB -> new SubMemImm(a, b);
      case Arithmetic.CMP -> new CmpMemImm(a, b);
      case Arithmetic.TEST -> new TestMemImm(a, b);
      default -> null;
    };
  }

  private static final class AddRegReg extends Insn {
    private final int a;
    private final int b;

    AddRegReg(Operand.Doubleword a, Operand.Doubleword b) {
      this.a = a.number;
      this.b = b.number;
    }

    @Override
    public void execute(Cpu cpu) {
      int a = (int) cpu.r[this.a];
      int b = (int) cpu.r[this.b];
      int result = a + b;
      cpu.r[this.a] = result & 0xffff_ffffL;
      cpu.flagsAdd(a, b, result);
    }
  }

  private static final class OrRegReg extends Insn {
    private final int a;
    private final int b;

    OrRegReg(Operand.Doubleword a, Operand.Doubleword b) {
      this.a = a.number;
      this.b = b.number;
    }

    @Override
    public void execute(Cpu cpu) {
      int a = (int) cpu.r[this.a];
      int b = (int) cpu.r[this.b];
      int result = a | b;
      cpu.r[this.a] = result & 0xffff_ffffL;
      cpu.flagsLogic(result);
    }
  }

  private static final class AndRegReg extends Insn {
    private final int a;
    private final int b;

    AndRegReg(Operand.Doubleword a, Operand.Doubleword b) {
      this.a = a.number;
      this.b = b.number;
    }

    @Override
    public void execute(Cpu cpu) {
      int a = (int) cpu.r[this.a];
      int b = (int) cpu.r[this.b];
      int result = a & b;
      cpu.r[this.a] = result & 0xffff_ffffL;
      cpu.flagsLogic(result);
    }
  }

  private static final class SubRegReg extends Insn {
    private final int a;
    private final int b;

    SubRegReg(Operand.Doubleword a, Operand.Doubleword b) {
      this.a = a.number;
      this.b = b.number;
    }

    @Override
    public void execute(Cpu cpu) {
      int a = (int) cpu.r[this.a];
      int b = (int) cpu.r[this.b];
      int result = a - b;
      cpu.r[this.a] = result & 0xffff_ffffL;
      cpu.flagsSub(a, b, result);
    }
  }

  private static final class XorRegReg extends Insn {
    private final int a;
    private final int b;

    XorRegReg(Operand.Doubleword a, Operand.Doubleword b) {
      this.a = a.number;
      this.b = b.number;
    }

    @Override
    public void execute(Cpu cpu) {
      int a = (int) cpu.r[this.a];
      int b = (int) cpu.r[this.b];
      int result = a ^ b;
      cpu.r[this.a] = result & 0xffff_ffffL;
      cpu.flagsLogic(result);
    }
  }

  private static final class CmpRegReg extends Insn {
    private final int a;
    private final int b;

    CmpRegReg(Operand.Doubleword a, Operand.Doubleword b) {
      this.a = a.number;
      this.b = b.number;
    }

    @Override
    Insn fusedWith(int condition, long target) {
      return new FusedJump.CompareRegisters32(a, b, condition, target);
    }

    @Override
    public void execute(Cpu cpu) {
      int a = (int) cpu.r[this.a];
      int b = (int) cpu.r[this.b];
      cpu.flagsSub(a, b, a - b);
    }
  }

  private static final class TestRegReg extends Insn {
    private final int a;
    private final int b;

    TestRegReg(Operand.Doubleword a, Operand.Doubleword b) {
      this.a = a.number;
      this.b = b.number;
    }

    @Override
    Insn fusedWith(int condition, long target) {
      return new FusedJump.TestRegisters32(a, b, condition, target);
    }

    @Override
    public void execute(Cpu cpu) {
      int a = (int) cpu.r[this.a];
      int b = (int) cpu.r[this.b];
      cpu.flagsLogic(a & b);
    }
  }

  private static final class AddRegImm extends Insn {
    private final int a;
    private final int b;

    AddRegImm(Operand.Doubleword a, int b) {
      this.a = a.number;
      this.b = b;
    }

    @Override
    public void execute(Cpu cpu) {
      int a = (int) cpu.r[this.a];
      int result = a + b;
      cpu.r[this.a] = result & 0xffff_ffffL;
      cpu.flagsAdd(a, b, result);
    }
  }

  private static final class OrRegImm extends Insn {
    private final int a;
    private final int b;

    OrRegImm(Operand.Doubleword a, int b) {
      this.a = a.number;
      this.b = b;
    }

    @Override
    public void execute(Cpu cpu) {
      int a = (int) cpu.r[this.a];
      int result = a | b;
      cpu.r[this.a] = result & 0xffff_ffffL;
      cpu.flagsLogic(result);
    }
  }

  private static final class AndRegImm extends Insn {
    private final int a;
    private final int b;

    AndRegImm(Operand.Doubleword a, int b) {
      this.a = a.number;
      this.b = b;
    }

    @Override
    public void execute(Cpu cpu) {
      int a = (int) cpu.r[this.a];
      int result = a & b;
      cpu.r[this.a] = result & 0xffff_ffffL;
      cpu.flagsLogic(result);
    }
  }

  private static final class SubRegImm extends Insn {
    private final int a;
    private final int b;

    SubRegImm(Operand.Doubleword a, int b) {
      this.a = a.number;
      this.b = b;
    }

    @Override
    public void execute(Cpu cpu) {
      int a = (int) cpu.r[this.a];
      int result = a - b;
      cpu.r[this.a] = result & 0xffff_ffffL;
      cpu.flagsSub(a, b, result);
    }
  }

  private static final class XorRegImm extends Insn {
    private final int a;
    private final int b;

    XorRegImm(Operand.Doubleword a, int b) {
      this.a = a.number;
      this.b = b;
    }

    @Override
    public void execute(Cpu cpu) {
      int a = (int) cpu.r[this.a];
      int result = a ^ b;
      cpu.r[this.a] = result & 0xffff_ffffL;
      cpu.flagsLogic(result);
    }
  }

  private static final class CmpRegImm extends Insn {
    private final int a;
    private final int b;

    CmpRegImm(Operand.Doubleword a, int b) {
      this.a = a.number;
      this.b = b;
    }

    @Override
    Insn fusedWith(int condition, long target) {
      return new FusedJump.CompareImmediate32(a, b, condition, target);
    }

    @Override
    public void execute(Cpu cpu) {
      int a = (int) cpu.r[this.a];
      cpu.flagsSub(a, b, a - b);
    }
  }

  private static final class TestRegImm extends Insn {
    private final int a;
    private final int b;

    TestRegImm(Operand.Doubleword a, int b) {
      this.a = a.number;
      this.b = b;
    }

    @Override
    public void execute(Cpu cpu) {
      int a = (int) cpu.r[this.a];
      cpu.flagsLogic(a & b);
    }
  }

  private static final class AddRegMem extends MemoryInsn {
    private final int a;

    AddRegMem(Operand.Doubleword a, Address b) {
      super(b);
      this.a = a.number;
    }

    @Override
    public void execute(Cpu cpu) {
      int a = (int) cpu.r[this.a];
      int b = cpu.mmu.load32(linear(cpu));
      int result = a + b;
      cpu.r[this.a] = result & 0xffff_ffffL;
      cpu.flagsAdd(a, b, result);
    }
  }

  private static final class OrRegMem extends MemoryInsn {
    private final int a;

    OrRegMem(Operand.Doubleword a, Address b) {
      super(b);
      this.a = a.number;
    }

    @Override
    public void execute(Cpu cpu) {
      int a = (int) cpu.r[this.a];
      int b = cpu.mmu.load32(linear(cpu));
      int result = a | b;
      cpu.r[this.a] = result & 0xffff_ffffL;
      cpu.flagsLogic(result);
    }
  }

  private static final class AndRegMem extends MemoryInsn {
    private final int a;

    AndRegMem(Operand.Doubleword a, Address b) {
      super(b);
      this.a = a.number;
    }

    @Override
    public void execute(Cpu cpu) {
      int a = (int) cpu.r[this.a];
      int b = cpu.mmu.load32(linear(cpu));
      int result = a & b;
      cpu.r[this.a] = result & 0xffff_ffffL;
      cpu.flagsLogic(result);
    }
  }

  private static final class SubRegMem extends MemoryInsn {
    private final int a;

    SubRegMem(Operand.Doubleword a, Address b) {
      super(b);
      this.a = a.number;
    }

    @Override
    public void execute(Cpu cpu) {
      int a = (int) cpu.r[this.a];
      int b = cpu.mmu.load32(linear(cpu));
      int result = a - b;
      cpu.r[this.a] = result & 0xffff_ffffL;
      cpu.flagsSub(a, b, result);
    }
  }

  private static final class XorRegMem extends MemoryInsn {
    private final int a;

    XorRegMem(Operand.Doubleword a, Address b) {
      super(b);
      this.a = a.number;
    }

    @Override
    public void execute(Cpu cpu) {
      int a = (int) cpu.r[this.a];
      int b = cpu.mmu.load32(linear(cpu));
      int result = a ^ b;
      cpu.r[this.a] = result & 0xffff_ffffL;
      cpu.flagsLogic(result);
    }
  }

  private static final class CmpRegMem extends MemoryInsn {
    private final int a;

    CmpRegMem(Operand.Doubleword a, Address b) {
      super(b);
      this.a = a.number;
    }

    @Override
    public void execute(Cpu cpu) {
      int a = (int) cpu.r[this.a];
      int b = cpu.mmu.load32(linear(cpu));
      cpu.flagsSub(a, b, a - b);
    }
  }

  private static final class AddMemReg extends MemoryInsn {
    private final int b;

    AddMemReg(Address a, Operand.Doubleword b) {
      super(a);
      this.b = b.number;
    }

    @Override
    public void execute(Cpu cpu) {
      long address = linear(cpu);
      int a = cpu.mmu.load32(address);
      int b = (int) cpu.r[this.b];
      int result = a + b;
      cpu.mmu.store32(address, result);
      cpu.flagsAdd(a, b, result);
    }
  }

  private static final class CmpMemReg extends MemoryInsn {
    private final int b;

    CmpMemReg(Address a, Operand.Doubleword b) {
      super(a);
      this.b = b.number;
    }

    @Override
    public void execute(Cpu cpu) {
      int a = cpu.mmu.load32(linear(cpu));
      int b = (int) cpu.r[this.b];
      cpu.flagsSub(a, b, a - b);
    }
  }

  private static final class TestMemReg extends MemoryInsn {
    private final int b;

    TestMemReg(Address a, Operand.Doubleword b) {
      super(a);
      this.b = b.number;
    }

    @Override
    public void execute(Cpu cpu) {
      int a = cpu.mmu.load32(linear(cpu));
      int b = (int) cpu.r[this.b];
      cpu.flagsLogic(a & b);
    }
  }

  private static final class AddMemImm extends MemoryInsn {
    private final int b;

    AddMemImm(Address a, int b) {
      super(a);
      this.b = b;
    }

    @Override
    public void execute(Cpu cpu) {
      long address = linear(cpu);
      int a = cpu.mmu.load32(address);
      int result = a + b;
      cpu.mmu.store32(address, result);
      cpu.flagsAdd(a, b, result);
    }
  }

  private static final class AndMemImm extends MemoryInsn {
    private final int b;

    AndMemImm(Address a, int b) {
      super(a);
      this.b = b;
    }

    @Override
    public void execute(Cpu cpu) {
      long address = linear(cpu);
      int a = cpu.mmu.load32(address);
      int result = a & b;
      cpu.mmu.store32(address, result);
      cpu.flagsLogic(result);
    }
  }

  private static final class OrMemImm extends MemoryInsn {
    private final int b;

    OrMemImm(Address a, int b) {
      super(a);
      this.b = b;
    }

    @Override
    public void execute(Cpu cpu) {
      long address = linear(cpu);
      int a = cpu.mmu.load32(address);
      int result = a | b;
      cpu.mmu.store32(address, result);
      cpu.flagsLogic(result);
    }
  }

  private static final class SubMemImm extends MemoryInsn {
    private final int b;

    SubMemImm(Address a, int b) {
      super(a);
      this.b = b;
    }

    @Override
    public void execute(Cpu cpu) {
      long address = linear(cpu);
      int a = cpu.mmu.load32(address);
      int result = a - b;
      cpu.mmu.store32(address, result);
      cpu.flagsSub(a, b, result);
    }
  }

  private static final class CmpMemImm extends MemoryInsn {
    private final int b;

    CmpMemImm(Address a, int b) {
      super(a);
      this.b = b;
    }

    @Override
    public void execute(Cpu cpu) {
      int a = cpu.mmu.load32(linear(cpu));
      cpu.flagsSub(a, b, a - b);
    }
  }

  private static final class TestMemImm extends MemoryInsn {
    private final int b;

    TestMemImm(Address a, int b) {
      super(a);
      this.b = b;
    }

    @Override
    public void execute(Cpu cpu) {
      int a = cpu.mmu.load32(linear(cpu));
      cpu.flagsLogic(a & b);
    }
  }
}
