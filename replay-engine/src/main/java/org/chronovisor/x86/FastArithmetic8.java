package org.chronovisor.x86;

/** Fast models of 8-bit arithmetic, see {@link FastArithmetic}. */
final class FastArithmetic8 {
  private FastArithmetic8() {}

  static Insn create(int operation, Operand a, Operand b) {
    if (a instanceof Operand.Byte x) {
      if (b instanceof Operand.Byte y) {
        return regReg(operation, x, y);
      }
      if (b instanceof Operand.Memory y) {
        return regMem(operation, x, y.address);
      }
      if (b instanceof Operand.Immediate y) {
        return regImm(operation, x, (byte) y.value);
      }
    } else if (a instanceof Operand.Memory x) {
      if (b instanceof Operand.Byte y) {
        return memReg(operation, x.address, y);
      }
      if (b instanceof Operand.Immediate y) {
        return memImm(operation, x.address, (byte) y.value);
      }
    }
    return null;
  }

  private static Insn regReg(int operation, Operand.Byte a, Operand.Byte b) {
    return switch (operation) {
      case Arithmetic.CMP -> new CmpRegReg(a, b);
      case Arithmetic.TEST -> new TestRegReg(a, b);
      case Arithmetic.OR -> new OrRegReg(a, b);
      case Arithmetic.AND -> new AndRegReg(a, b);
      case Arithmetic.XOR -> new XorRegReg(a, b);
      default -> null;
    };
  }

  private static Insn regImm(int operation, Operand.Byte a, byte b) {
    return switch (operation) {
      case Arithmetic.CMP -> new CmpRegImm(a, b);
      case Arithmetic.TEST -> new TestRegImm(a, b);
      case Arithmetic.AND -> new AndRegImm(a, b);
      default -> null;
    };
  }

  private static Insn regMem(int operation, Operand.Byte a, Address b) {
    return switch (operation) {
      case Arithmetic.CMP -> new CmpRegMem(a, b);
      default -> null;
    };
  }

  private static Insn memReg(int operation, Address a, Operand.Byte b) {
    return switch (operation) {
      case Arithmetic.CMP -> new CmpMemReg(a, b);
      case Arithmetic.TEST -> new TestMemReg(a, b);
      default -> null;
    };
  }

  private static Insn memImm(int operation, Address a, byte b) {
    return switch (operation) {
      case Arithmetic.CMP -> new CmpMemImm(a, b);
      case Arithmetic.TEST -> new TestMemImm(a, b);
      default -> null;
    };
  }

  private static final class CmpRegReg extends Insn {
    private final int a;
    private final int aShift;
    private final int b;
    private final int bShift;

    CmpRegReg(Operand.Byte a, Operand.Byte b) {
      this.a = a.number;
      aShift = a.shift();
      this.b = b.number;
      bShift = b.shift();
    }

    @Override
    public void execute(Cpu cpu) {
      byte a = (byte) (cpu.r[this.a] >> aShift);
      byte b = (byte) (cpu.r[this.b] >> bShift);
      cpu.flagsSub(a, b, (byte) (a - b));
    }
  }

  private static final class TestRegReg extends Insn {
    private final int a;
    private final int aShift;
    private final int b;
    private final int bShift;

    TestRegReg(Operand.Byte a, Operand.Byte b) {
      this.a = a.number;
      aShift = a.shift();
      this.b = b.number;
      bShift = b.shift();
    }

    @Override
    public void execute(Cpu cpu) {
      byte a = (byte) (cpu.r[this.a] >> aShift);
      byte b = (byte) (cpu.r[this.b] >> bShift);
      cpu.flagsLogic((byte) (a & b));
    }
  }

  private static final class OrRegReg extends Insn {
    private final int a;
    private final int aShift;
    private final int b;
    private final int bShift;

    OrRegReg(Operand.Byte a, Operand.Byte b) {
      this.a = a.number;
      aShift = a.shift();
      this.b = b.number;
      bShift = b.shift();
    }

    @Override
    public void execute(Cpu cpu) {
      byte a = (byte) (cpu.r[this.a] >> aShift);
      byte b = (byte) (cpu.r[this.b] >> bShift);
      byte result = (byte) (a | b);
      cpu.r[this.a] = cpu.r[this.a] & ~(0xffL << aShift) | (result & 0xffL) << aShift;
      cpu.flagsLogic(result);
    }
  }

  private static final class AndRegReg extends Insn {
    private final int a;
    private final int aShift;
    private final int b;
    private final int bShift;

    AndRegReg(Operand.Byte a, Operand.Byte b) {
      this.a = a.number;
      aShift = a.shift();
      this.b = b.number;
      bShift = b.shift();
    }

    @Override
    public void execute(Cpu cpu) {
      byte a = (byte) (cpu.r[this.a] >> aShift);
      byte b = (byte) (cpu.r[this.b] >> bShift);
      byte result = (byte) (a & b);
      cpu.r[this.a] = cpu.r[this.a] & ~(0xffL << aShift) | (result & 0xffL) << aShift;
      cpu.flagsLogic(result);
    }
  }

  private static final class XorRegReg extends Insn {
    private final int a;
    private final int aShift;
    private final int b;
    private final int bShift;

    XorRegReg(Operand.Byte a, Operand.Byte b) {
      this.a = a.number;
      aShift = a.shift();
      this.b = b.number;
      bShift = b.shift();
    }

    @Override
    public void execute(Cpu cpu) {
      byte a = (byte) (cpu.r[this.a] >> aShift);
      byte b = (byte) (cpu.r[this.b] >> bShift);
      byte result = (byte) (a ^ b);
      cpu.r[this.a] = cpu.r[this.a] & ~(0xffL << aShift) | (result & 0xffL) << aShift;
      cpu.flagsLogic(result);
    }
  }

  private static final class CmpRegImm extends Insn {
    private final int a;
    private final int aShift;
    private final byte b;

    CmpRegImm(Operand.Byte a, byte b) {
      this.a = a.number;
      aShift = a.shift();
      this.b = b;
    }

    @Override
    public void execute(Cpu cpu) {
      byte a = (byte) (cpu.r[this.a] >> aShift);
      cpu.flagsSub(a, b, (byte) (a - b));
    }
  }

  private static final class TestRegImm extends Insn {
    private final int a;
    private final int aShift;
    private final byte b;

    TestRegImm(Operand.Byte a, byte b) {
      this.a = a.number;
      aShift = a.shift();
      this.b = b;
    }

    @Override
    public void execute(Cpu cpu) {
      byte a = (byte) (cpu.r[this.a] >> aShift);
      cpu.flagsLogic((byte) (a & b));
    }
  }

  private static final class AndRegImm extends Insn {
    private final int a;
    private final int aShift;
    private final byte b;

    AndRegImm(Operand.Byte a, byte b) {
      this.a = a.number;
      aShift = a.shift();
      this.b = b;
    }

    @Override
    public void execute(Cpu cpu) {
      byte a = (byte) (cpu.r[this.a] >> aShift);
      byte result = (byte) (a & b);
      cpu.r[this.a] = cpu.r[this.a] & ~(0xffL << aShift) | (result & 0xffL) << aShift;
      cpu.flagsLogic(result);
    }
  }

  private static final class CmpRegMem extends MemoryInsn {
    private final int a;
    private final int aShift;

    CmpRegMem(Operand.Byte a, Address b) {
      super(b);
      this.a = a.number;
      aShift = a.shift();
    }

    @Override
    public void execute(Cpu cpu) {
      byte a = (byte) (cpu.r[this.a] >> aShift);
      byte b = (byte) cpu.mmu.load8(linear(cpu));
      cpu.flagsSub(a, b, (byte) (a - b));
    }
  }

  private static final class CmpMemReg extends MemoryInsn {
    private final int b;
    private final int bShift;

    CmpMemReg(Address a, Operand.Byte b) {
      super(a);
      this.b = b.number;
      bShift = b.shift();
    }

    @Override
    public void execute(Cpu cpu) {
      byte a = (byte) cpu.mmu.load8(linear(cpu));
      byte b = (byte) (cpu.r[this.b] >> bShift);
      cpu.flagsSub(a, b, (byte) (a - b));
    }
  }

  private static final class TestMemReg extends MemoryInsn {
    private final int b;
    private final int bShift;

    TestMemReg(Address a, Operand.Byte b) {
      super(a);
      this.b = b.number;
      bShift = b.shift();
    }

    @Override
    public void execute(Cpu cpu) {
      byte a = (byte) cpu.mmu.load8(linear(cpu));
      byte b = (byte) (cpu.r[this.b] >> bShift);
      cpu.flagsLogic((byte) (a & b));
    }
  }

  private static final class CmpMemImm extends MemoryInsn {
    private final byte b;

    CmpMemImm(Address a, byte b) {
      super(a);
      this.b = b;
    }

    @Override
    public void execute(Cpu cpu) {
      byte a = (byte) cpu.mmu.load8(linear(cpu));
      cpu.flagsSub(a, b, (byte) (a - b));
    }
  }

  private static final class TestMemImm extends MemoryInsn {
    private final byte b;

    TestMemImm(Address a, byte b) {
      super(a);
      this.b = b;
    }

    @Override
    public void execute(Cpu cpu) {
      byte a = (byte) cpu.mmu.load8(linear(cpu));
      cpu.flagsLogic((byte) (a & b));
    }
  }
}
