package org.chronovisor.x86;

/** Moves of whole ymm registers, VZEROUPPER and VZEROALL. */
final class VexMoves {
  private static final int UPPER = 2 * Cpu.UPPER;
  private static final int REGISTERS = 32;

  private VexMoves() {}

  /** Into the register that ModRM's reg names. */
  static Insn load(DecodeContext c) {
    if (!c.vex.hasNoRegister()) {
      return null;
    }
    if (!c.vex.wide()) {
      return VexScalar.clearing(SseMoves.load128(c), c.reg);
    }
    return c.isMemory() ? new Load256(c.address(), c.reg) : new Copy256(c.reg, c.rm);
  }

  /** From that register. */
  static Insn store(DecodeContext c) {
    if (!c.vex.hasNoRegister()) {
      return null;
    }
    if (!c.vex.wide()) {
      Insn model = SseMoves.store128(c);
      return c.isMemory() ? model : VexScalar.clearing(model, c.rm);
    }
    return c.isMemory() ? new Store256(c.address(), c.reg) : new Copy256(c.rm, c.reg);
  }

  private static final class Copy256 extends Insn {
    private final int destination;
    private final int source;

    Copy256(int destination, int source) {
      this.destination = 2 * destination;
      this.source = 2 * source;
    }

    @Override
    public void execute(Cpu cpu) {
      long[] x = cpu.xmm;
      x[destination] = x[source];
      x[destination + 1] = x[source + 1];
      x[destination + UPPER] = x[source + UPPER];
      x[destination + UPPER + 1] = x[source + UPPER + 1];
    }
  }

  private static final class Load256 extends MemoryInsn {
    private final int destination;

    Load256(Address address, int destination) {
      super(address);
      this.destination = 2 * destination;
    }

    @Override
    public void execute(Cpu cpu) {
      long linear = linear(cpu);
      long a = cpu.mmu.load64(linear);
      long b = cpu.mmu.load64(linear + 8);
      long c = cpu.mmu.load64(linear + 16);
      long d = cpu.mmu.load64(linear + 24);
      long[] x = cpu.xmm;
      x[destination] = a;
      x[destination + 1] = b;
      x[destination + UPPER] = c;
      x[destination + UPPER + 1] = d;
    }
  }

  private static final class Store256 extends MemoryInsn {
    private final int source;

    Store256(Address address, int source) {
      super(address);
      this.source = 2 * source;
    }

    @Override
    public void execute(Cpu cpu) {
      long[] x = cpu.xmm;
      SseStores.store256(
          cpu, linear(cpu), x[source], x[source + 1], x[source + UPPER], x[source + UPPER + 1]);
    }
  }

  /** vpxor and the like of a register with itself. */
  static final class Zero extends Insn {
    private final int register;

    Zero(int register) {
      this.register = 2 * register;
    }

    @Override
    public void execute(Cpu cpu) {
      long[] x = cpu.xmm;
      x[register] = 0;
      x[register + 1] = 0;
      x[register + UPPER] = 0;
      x[register + UPPER + 1] = 0;
    }
  }

  /** In 32-bit mode, too, QEMU 10.0 clears all sixteen registers. */
  static Insn zero(boolean all) {
    int first = all ? 0 : UPPER;
    return new Simple(cpu -> java.util.Arrays.fill(cpu.xmm, first, UPPER + REGISTERS, 0));
  }
}
