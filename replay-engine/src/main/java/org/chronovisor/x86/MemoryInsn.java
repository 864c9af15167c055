package org.chronovisor.x86;

/** An instruction with a memory operand; holds the address's parts itself, for speed. */
abstract class MemoryInsn extends Insn {
  private final int base;
  private final int index;
  private final int scale;
  private final int segment;
  private final long displacement;
  private final Address address;

  MemoryInsn(Address address) {
    base = address.base;
    index = address.index;
    scale = address.scale;
    segment = address.segment;
    displacement = address.displacement;
    this.address = address;
  }

  /** Linear address of the operand. */
  final long linear(Cpu cpu) {
    long[] r = cpu.r;
    long sum = r[base] + (r[index] << scale) + displacement;
    return segment < 0 ? sum : address.segmented(cpu, sum);
  }
}
