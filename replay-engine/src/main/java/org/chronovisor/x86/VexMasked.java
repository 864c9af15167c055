package org.chronovisor.x86;

/** VMASKMOVPS, VPMASKMOVQ and their like: the sign bits of VEX.vvvv choose elements of memory. */
final class VexMasked {
  private VexMasked() {}

  /** Loads; QEMU 10.0 reads the whole operand. */
  static Insn load(DecodeContext c, int size) {
    if (!c.isMemory()) {
      return null;
    }
    int d = c.reg;
    int mask = c.vex.register();
    VexWords source = VexWords.of(c);
    return new Simple(
        cpu -> {
          long[] x = cpu.xmm;
          source.read(cpu);
          for (int i = 0; i < 4; i++) {
            x[VexWords.index(d, i)] =
                i < source.count()
                    ? source.get(cpu, i) & spread(x[VexWords.index(mask, i)], size)
                    : 0;
          }
        });
  }

  private static long spread(long mask, int size) {
    return size == 8 ? mask >> 63 : SseLanes.join((int) mask >> 31, SseLanes.high(mask) >> 31);
  }

  static Insn store(DecodeContext c, int size) {
    return c.isMemory() ? new Store(c, size) : null;
  }

  private static final class Store extends MemoryInsn implements Partial {
    private final int source;
    private final int mask;
    private final int size;
    private final int count;

    Store(DecodeContext c, int size) {
      super(c.address());
      source = c.reg;
      mask = c.vex.register();
      this.size = size;
      count = (c.vex.wide() ? 32 : 16) / size;
    }

    @Override
    public void execute(Cpu cpu) {
      long linear = linear(cpu);
      for (int i = 0; i < count; i++) {
        if (isChosen(cpu, i)) {
          cpu.mmu.translate(linear + (long) i * size);
          cpu.mmu.translate(linear + (long) i * size + size - 1);
        }
      }
      for (int i = 0; i < count; i++) {
        store(cpu, linear, i);
      }
    }

    @Override
    public void executeUntil(Cpu cpu, long fault) {
      long linear = linear(cpu);
      long element = (fault - linear) / size;
      if (fault - linear >= 0 && element < count && isChosen(cpu, (int) element)) {
        for (int i = 0; i < element; i++) {
          store(cpu, linear, i);
        }
      }
    }

    private void store(Cpu cpu, long linear, int i) {
      if (!isChosen(cpu, i)) {
        return;
      }
      if (size == 8) {
        cpu.mmu.store64(linear + 8L * i, cpu.xmm[VexWords.index(source, i)]);
      } else {
        cpu.mmu.store32(linear + 4L * i, VexGather.dword(cpu, source, i));
      }
    }

    private boolean isChosen(Cpu cpu, int i) {
      return size == 8 ? cpu.xmm[VexWords.index(mask, i)] < 0 : VexGather.dword(cpu, mask, i) < 0;
    }
  }
}
