package org.chronovisor.x86;

/** The four 64-bit words of a ymm register, and the last operand of an instruction as such. */
final class VexWords {
  /** Where {@link #read} leaves an operand in memory. */
  private static final int SCRATCH = 2 * Cpu.SCRATCH;

  private final Address address;
  private final int register;
  private final int count;

  private VexWords(Address address, int register, int count) {
    this.address = address;
    this.register = register;
    this.count = count;
  }

  /** The ModRM operand of 128 or 256 bits; all bytes of the instruction must have been read. */
  static VexWords of(DecodeContext c) {
    return new VexWords(c.isMemory() ? c.address() : null, c.rm, c.vex.wide() ? 4 : 2);
  }

  /** Index in {@link Cpu#xmm} of word i of a register. */
  static int index(int register, int i) {
    return 2 * register + (i & 1) + (i >> 1) * 2 * Cpu.UPPER;
  }

  /** 2 or 4. */
  int count() {
    return count;
  }

  /** Reads the operand if it is in memory: to be called once before {@link #get}. */
  void read(Cpu cpu) {
    if (address != null) {
      long linear = address.linear(cpu);
      for (int i = 0; i < count; i++) {
        cpu.xmm[SCRATCH + i] = cpu.mmu.load64(linear + 8L * i);
      }
    }
  }

  /** Word i. */
  long get(Cpu cpu, int i) {
    return cpu.xmm[address != null ? SCRATCH + i : index(register, i)];
  }

  /** Sets the words that the form has; those above become zero. */
  void set(Cpu cpu, int destination, long a, long b, long c, long d) {
    long[] x = cpu.xmm;
    x[index(destination, 0)] = a;
    x[index(destination, 1)] = b;
    x[index(destination, 2)] = count == 4 ? c : 0;
    x[index(destination, 3)] = count == 4 ? d : 0;
  }
}
