package org.chronovisor.x86;

/** XCHG, XADD, CMPXCHG, CMPXCHG8B and CMPXCHG16B. Only one CPU runs at a time: LOCK is ignored. */
final class Exchanges {
  private static final int RAX = 0;
  private static final int RCX = 1;
  private static final int RDX = 2;
  private static final int RBX = 3;
  private static final long LOW = 0xffff_ffffL;

  private Exchanges() {}

  static void register(OpcodeTable one, OpcodeTable two) {
    one.put(0x86, 0x87, Exchanges::xchg);
    one.put(0x90, 0x97, Exchanges::xchgAccumulator);
    two.put(0xb0, 0xb1, Exchanges::cmpxchg);
    two.put(0xc0, 0xc1, Exchanges::xadd);
    two.put(0xc7, Exchanges::group9);
  }

  private static Insn xchg(DecodeContext c, int opcode) {
    int size = Arithmetic.size(c, opcode);
    c.modrm();
    c.translation = CompiledMoves.exchange(c.rm(size), c.reg(size));
    return new Exchange(c.rm(size), c.reg(size));
  }

  private static Insn xchgAccumulator(DecodeContext c, int opcode) {
    int register = c.opcodeRegister(opcode);
    if (register == RAX) {
      // QEMU ends its block at PAUSE.
      if (c.repeat == 0xf3) {
        return new Simple(cpu -> {}, true);
      }
      c.translation = CompiledMoves.NOTHING;
      return Simple.nop();
    }
    int size = c.operandSize();
    c.translation = CompiledMoves.exchange(c.register(RAX, size), c.register(register, size));
    return new Exchange(c.register(RAX, size), c.register(register, size));
  }

  private static Insn xadd(DecodeContext c, int opcode) {
    int size = Arithmetic.size(c, opcode);
    c.modrm();
    c.flagsEffect = FlagsEffect.OTHER + size;
    return new ExchangeAdd(c.rm(size), c.reg(size));
  }

  private static Insn cmpxchg(DecodeContext c, int opcode) {
    int size = Arithmetic.size(c, opcode);
    c.modrm();
    c.flagsEffect = FlagsEffect.SUB + size;
    return new CompareExchange(c.rm(size), c.reg(size), c.register(RAX, size));
  }

  /** 0F C7: only the exchanges are modelled; RDRAND, RDSEED and RDPID are captured. */
  private static Insn group9(DecodeContext c, int opcode) {
    c.modrm();
    if (!c.isMemory() || c.extension() != 1 || c.operandPrefix || c.repeat != 0) {
      return null;
    }
    c.flagsEffect = FlagsEffect.EXPLICIT;
    return c.rexW() ? new CompareExchange16(c.address()) : new CompareExchange8(c.address());
  }

  private static final class Exchange extends Insn {
    private final Operand a;
    private final Operand b;

    /** Only {@code a} can be memory. */
    Exchange(Operand a, Operand b) {
      this.a = a;
      this.b = b;
    }

    @Override
    public void execute(Cpu cpu) {
      long old = a.load(cpu);
      long value = b.load(cpu);
      a.store(cpu, value);
      b.store(cpu, old);
    }
  }

  private static final class ExchangeAdd extends Insn {
    private final Operand to;
    private final Operand register;
    private final boolean same;

    ExchangeAdd(Operand to, Operand register) {
      this.to = to;
      this.register = register;
      same =
          to instanceof Operand.Register x
              && register instanceof Operand.Register y
              && x.number == y.number
              && x.shift() == y.shift();
    }

    @Override
    public void execute(Cpu cpu) {
      long old = to.load(cpu);
      long addend = register.load(cpu);
      long sum = Operand.extend(old + addend, to.size);
      to.store(cpu, sum);
      if (!same) {
        register.store(cpu, old);
      }
      cpu.flagsAdd(old, addend, sum);
    }
  }

  private static final class CompareExchange extends Insn {
    private final Operand to;
    private final Operand from;
    private final Operand accumulator;

    CompareExchange(Operand to, Operand from, Operand accumulator) {
      this.to = to;
      this.from = from;
      this.accumulator = accumulator;
    }

    @Override
    public void execute(Cpu cpu) {
      long old = to.load(cpu);
      long expected = accumulator.load(cpu);
      if (old == expected) {
        to.store(cpu, from.load(cpu));
      } else {
        accumulator.store(cpu, old);
      }
      cpu.flagsSub(expected, old, Operand.extend(expected - old, to.size));
    }
  }

  private static void setZero(Cpu cpu, boolean zero) {
    cpu.flagsExplicit(cpu.arithmeticFlags() & ~Flags.ZF | (zero ? Flags.ZF : 0));
  }

  private static final class CompareExchange8 extends Insn {
    private final Address address;

    CompareExchange8(Address address) {
      this.address = address;
    }

    @Override
    public void execute(Cpu cpu) {
      long[] r = cpu.r;
      long linear = address.linear(cpu);
      long old = cpu.mmu.load64(linear);
      boolean equal = old == (r[RAX] & LOW | r[RDX] << 32);
      if (equal) {
        cpu.mmu.store64(linear, r[RBX] & LOW | r[RCX] << 32);
      } else {
        r[RAX] = old & LOW;
        r[RDX] = old >>> 32;
      }
      setZero(cpu, equal);
    }
  }

  private static final class CompareExchange16 extends Insn {
    private final Address address;

    CompareExchange16(Address address) {
      this.address = address;
    }

    @Override
    public void execute(Cpu cpu) {
      long[] r = cpu.r;
      long linear = address.linear(cpu);
      long low = cpu.mmu.load64(linear);
      long high = cpu.mmu.load64(linear + 8);
      boolean equal = low == r[RAX] && high == r[RDX];
      if (equal) {
        cpu.mmu.store64(linear, r[RBX]);
        cpu.mmu.store64(linear + 8, r[RCX]);
      } else {
        r[RAX] = low;
        r[RDX] = high;
      }
      setZero(cpu, equal);
    }
  }
}
