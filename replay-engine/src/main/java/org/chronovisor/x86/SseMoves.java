package org.chronovisor.x86;

/** Moves between xmm registers, memory and general registers (SDM vol. 1, 10.4.1 and 11.4.1). */
final class SseMoves {
  private SseMoves() {}

  // ---- 16 bytes ------------------------------------------------------------------------------

  static Insn load128(DecodeContext c) {
    return c.isMemory() ? new Load128(c.address(), c.reg) : new Copy128(c.reg, c.rm);
  }

  static Insn store128(DecodeContext c) {
    return c.isMemory() ? new Store128(c.address(), c.reg) : new Copy128(c.rm, c.reg);
  }

  private static final class Copy128 extends Insn {
    private final int destination;
    private final int source;

    Copy128(int destination, int source) {
      this.destination = 2 * destination;
      this.source = 2 * source;
    }

    @Override
    public void execute(Cpu cpu) {
      long[] xmm = cpu.xmm;
      xmm[destination] = xmm[source];
      xmm[destination + 1] = xmm[source + 1];
    }
  }

  private static final class Load128 extends MemoryInsn {
    private final int destination;

    Load128(Address address, int destination) {
      super(address);
      this.destination = 2 * destination;
    }

    @Override
    public void execute(Cpu cpu) {
      long linear = linear(cpu);
      long low = cpu.mmu.load64(linear);
      cpu.xmm[destination + 1] = cpu.mmu.load64(linear + 8);
      cpu.xmm[destination] = low;
    }
  }

  private static final class Store128 extends MemoryInsn {
    private final int source;

    Store128(Address address, int source) {
      super(address);
      this.source = 2 * source;
    }

    @Override
    public void execute(Cpu cpu) {
      SseStores.store128(cpu, linear(cpu), cpu.xmm[source], cpu.xmm[source + 1]);
    }
  }

  // ---- 8 and 4 bytes of memory ---------------------------------------------------------------

  /** movq, movsd: the upper half becomes zero. */
  static final class Load64 extends MemoryInsn {
    private final int destination;

    Load64(Address address, int destination) {
      super(address);
      this.destination = 2 * destination;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.xmm[destination] = cpu.mmu.load64(linear(cpu));
      cpu.xmm[destination + 1] = 0;
    }
  }

  /** movss, movd: the rest becomes zero. */
  static final class Load32 extends MemoryInsn {
    private final int destination;

    Load32(Address address, int destination) {
      super(address);
      this.destination = 2 * destination;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.xmm[destination] = cpu.mmu.load32(linear(cpu)) & 0xffff_ffffL;
      cpu.xmm[destination + 1] = 0;
    }
  }

  /** Loads one half, keeps the other: movlps, movhps. */
  static final class LoadHalf extends MemoryInsn {
    private final int half;

    LoadHalf(Address address, int register, boolean high) {
      super(address);
      half = 2 * register + (high ? 1 : 0);
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.xmm[half] = cpu.mmu.load64(linear(cpu));
    }
  }

  /** Stores one half. */
  static final class StoreHalf extends MemoryInsn {
    private final int half;

    StoreHalf(Address address, int register, boolean high) {
      super(address);
      half = 2 * register + (high ? 1 : 0);
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.mmu.store64(linear(cpu), cpu.xmm[half]);
    }
  }

  static final class Store32 extends MemoryInsn {
    private final int source;

    Store32(Address address, int source) {
      super(address);
      this.source = 2 * source;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.mmu.store32(linear(cpu), (int) cpu.xmm[source]);
    }
  }

  // ---- between registers ---------------------------------------------------------------------

  /** movsd, movhlps, movlhps: copies one half over another. */
  static final class CopyHalf extends Insn {
    private final int destination;
    private final int source;

    CopyHalf(int destination, boolean destinationHigh, int source, boolean sourceHigh) {
      this.destination = 2 * destination + (destinationHigh ? 1 : 0);
      this.source = 2 * source + (sourceHigh ? 1 : 0);
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.xmm[destination] = cpu.xmm[source];
    }
  }

  /** movq: the upper half becomes zero. */
  static final class CopyLow extends Insn {
    private final int destination;
    private final int source;

    CopyLow(int destination, int source) {
      this.destination = 2 * destination;
      this.source = 2 * source;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.xmm[destination] = cpu.xmm[source];
      cpu.xmm[destination + 1] = 0;
    }
  }

  /** movss: the low 32 bits. */
  static final class CopySingle extends Insn {
    private final int destination;
    private final int source;

    CopySingle(int destination, int source) {
      this.destination = 2 * destination;
      this.source = 2 * source;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.xmm[destination] = SseLanes.withLow(cpu.xmm[destination], (int) cpu.xmm[source]);
    }
  }

  /** movd, movq from a general register. */
  static final class FromGeneral extends Insn {
    private final int destination;
    private final int source;
    private final long mask;

    FromGeneral(int destination, int source, boolean wide) {
      this.destination = 2 * destination;
      this.source = source;
      mask = wide ? -1L : 0xffff_ffffL;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.xmm[destination] = cpu.r[source] & mask;
      cpu.xmm[destination + 1] = 0;
    }
  }

  /** movd, movq to a general register. */
  static final class ToGeneral extends Insn {
    private final int destination;
    private final int source;
    private final long mask;

    ToGeneral(int destination, int source, boolean wide) {
      this.destination = destination;
      this.source = 2 * source;
      mask = wide ? -1L : 0xffff_ffffL;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.r[destination] = cpu.xmm[source] & mask;
    }
  }

  // ---- others --------------------------------------------------------------------------------

  /** movnti. */
  static final class StoreGeneral extends MemoryInsn {
    private final int source;
    private final boolean wide;

    StoreGeneral(Address address, int source, boolean wide) {
      super(address);
      this.source = source;
      this.wide = wide;
    }

    @Override
    public void execute(Cpu cpu) {
      if (wide) {
        cpu.mmu.store64(linear(cpu), cpu.r[source]);
      } else {
        cpu.mmu.store32(linear(cpu), (int) cpu.r[source]);
      }
    }
  }

  /** maskmovdqu: stores the bytes whose mask byte is negative, at rdi. */
  static final class MaskedStore extends MemoryInsn {
    private final int source;
    private final int mask;

    MaskedStore(Address address, int source, int mask) {
      super(address);
      this.source = 2 * source;
      this.mask = 2 * mask;
    }

    @Override
    public void execute(Cpu cpu) {
      long linear = linear(cpu);
      for (int i = 0; i < 16; i++) {
        if (selected(cpu, i)) {
          cpu.mmu.translate(linear + i);
        }
      }
      for (int i = 0; i < 16; i++) {
        if (selected(cpu, i)) {
          cpu.mmu.store8(linear + i, (int) (cpu.xmm[source + (i >> 3)] >>> (8 * (i & 7))));
        }
      }
    }

    private boolean selected(Cpu cpu, int i) {
      return (cpu.xmm[mask + (i >> 3)] >>> (8 * (i & 7)) & 0x80) != 0;
    }
  }

  /** Fences and cache control: this CPU has neither a second observer nor a cache. */
  static final class Nothing extends Insn {
    @Override
    public void execute(Cpu cpu) {}
  }

  static final class LoadControl extends MemoryInsn {
    LoadControl(Address address) {
      super(address);
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.mxcsr = cpu.mmu.load32(linear(cpu));
    }
  }

  static final class StoreControl extends MemoryInsn {
    StoreControl(Address address) {
      super(address);
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.mmu.store32(linear(cpu), cpu.mxcsr);
    }
  }
}
