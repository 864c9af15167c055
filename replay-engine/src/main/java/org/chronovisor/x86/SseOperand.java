package org.chronovisor.x86;

/** The source of an SSE instruction: an xmm register or memory. */
final class SseOperand {
  /** Index of the register's low half in {@link Cpu#xmm}. */
  private final int register;

  /** Null for a register. */
  private final Address address;

  private SseOperand(int register, Address address) {
    this.register = register;
    this.address = address;
  }

  /** The ModRM operand; all bytes of the instruction must have been read. */
  static SseOperand of(DecodeContext c) {
    return c.isMemory() ? new SseOperand(0, c.address()) : new SseOperand(2 * c.rm, null);
  }

  /** The register in ModRM's reg field. */
  static SseOperand register(int number) {
    return new SseOperand(2 * number, null);
  }

  /** Linear address of the whole operand, or 0 for a register; see {@link #low}. */
  long linear(Cpu cpu) {
    return address == null ? 0 : address.linear(cpu);
  }

  /** Low 64 bits. */
  long low(Cpu cpu, long linear) {
    return address == null ? cpu.xmm[register] : cpu.mmu.load64(linear);
  }

  /** High 64 bits. */
  long high(Cpu cpu, long linear) {
    return address == null ? cpu.xmm[register + 1] : cpu.mmu.load64(linear + 8);
  }

  /** A 64-bit operand. */
  long load64(Cpu cpu) {
    return address == null ? cpu.xmm[register] : cpu.mmu.load64(address.linear(cpu));
  }

  /** A 32-bit operand. */
  int load32(Cpu cpu) {
    return address == null ? (int) cpu.xmm[register] : cpu.mmu.load32(address.linear(cpu));
  }

  /** An 8-bit operand, zero-extended. */
  int load8(Cpu cpu) {
    return address == null ? (int) cpu.xmm[register] & 0xff : cpu.mmu.load8(address.linear(cpu));
  }

  /** A 16-bit operand, zero-extended. */
  int load16(Cpu cpu) {
    return address == null ? (int) cpu.xmm[register] & 0xffff : cpu.mmu.load16(address.linear(cpu));
  }
}
