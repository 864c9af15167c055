package org.chronovisor.x86;

/**
 * VPGATHERDD and its like: elements from addresses that a vector holds, where the mask in VEX.vvvv
 * is negative. The mask is cleared as elements arrive.
 */
final class VexGather extends Insn implements Partial {
  private final Address address;
  private final int destination;
  private final int mask;
  private final int index;
  private final int scale;

  /** In bytes, of elements and indexes. */
  private final int size;

  private final int indexSize;
  private final int count;

  private VexGather(DecodeContext c, int size, int indexSize) {
    address = c.addressWithoutIndex();
    destination = c.reg;
    mask = c.vex.register();
    index = vectorIndex(c);
    scale = c.sib() >> 6;
    this.size = size;
    this.indexSize = indexSize;
    count = (c.vex.wide() ? 32 : 16) / Math.max(size, indexSize);
  }

  private static int vectorIndex(DecodeContext c) {
    return c.sib() >> 3 & 7 | (c.rex & 2) << 2;
  }

  /** One of them, or null where there is none. */
  static Insn of(DecodeContext c, int indexSize) {
    if (!c.is64() || !c.isMemory() || c.sib() < 0) {
      return null;
    }
    int index = vectorIndex(c);
    int mask = c.vex.register();
    if (c.reg == index || c.reg == mask || index == mask) {
      return null;
    }
    return new VexGather(c, c.vex.w() ? 8 : 4, indexSize);
  }

  @Override
  public void execute(Cpu cpu) {
    long base = address.linear(cpu);
    for (int i = 0; i < count; i++) {
      if (isChosen(cpu, i)) {
        cpu.mmu.translate(at(cpu, base, i));
        cpu.mmu.translate(at(cpu, base, i) + size - 1);
      }
    }
    for (int i = 0; i < count; i++) {
      gather(cpu, base, i);
    }
    for (int i = count * size / 8; i < 4; i++) {
      cpu.xmm[VexWords.index(destination, i)] = 0;
      cpu.xmm[VexWords.index(mask, i)] = 0;
    }
  }

  @Override
  public void executeUntil(Cpu cpu, long fault) {
    long base = address.linear(cpu);
    int end = 0;
    while (end < count && !(isChosen(cpu, end) && isAt(fault - at(cpu, base, end)))) {
      end++;
    }
    for (int i = 0; end < count && i < end; i++) {
      gather(cpu, base, i);
    }
  }

  private boolean isAt(long offset) {
    return offset >= 0 && offset < size;
  }

  private boolean isChosen(Cpu cpu, int i) {
    return size == 8 ? cpu.xmm[VexWords.index(mask, i)] < 0 : dword(cpu, mask, i) < 0;
  }

  private long at(Cpu cpu, long base, int i) {
    long offset = indexSize == 8 ? cpu.xmm[VexWords.index(index, i)] : dword(cpu, index, i);
    return base + (offset << scale);
  }

  private void gather(Cpu cpu, long base, int i) {
    if (size == 8) {
      if (isChosen(cpu, i)) {
        cpu.xmm[VexWords.index(destination, i)] = cpu.mmu.load64(at(cpu, base, i));
      }
      cpu.xmm[VexWords.index(mask, i)] = 0;
    } else {
      if (isChosen(cpu, i)) {
        setDword(cpu, destination, i, cpu.mmu.load32(at(cpu, base, i)));
      }
      setDword(cpu, mask, i, 0);
    }
  }

  /** Element i of 32 bits of a ymm register. */
  static int dword(Cpu cpu, int register, int i) {
    return (int) (cpu.xmm[VexWords.index(register, i >> 1)] >>> 32 * (i & 1));
  }

  private static void setDword(Cpu cpu, int register, int i, int value) {
    int word = VexWords.index(register, i >> 1);
    int shift = 32 * (i & 1);
    cpu.xmm[word] = cpu.xmm[word] & ~(0xffff_ffffL << shift) | (value & 0xffff_ffffL) << shift;
  }
}
