package org.chronovisor.x86;

/**
 * An AVX instruction as the SSE instruction that it extends, in the lowest lane: VEX.vvvv is copied
 * to where that expects its first operand, and the upper half is cleared.
 */
final class VexScalar extends Insn {
  private final Insn model;
  private final int first;
  private final int target;
  private final int destination;

  private VexScalar(Insn model, int first, int target, int destination) {
    this.model = model;
    this.first = 2 * first;
    this.target = 2 * target;
    this.destination = 2 * destination;
  }

  /** Of VEX.vvvv and one more operand. */
  static Insn binary(DecodeContext c, VexLanes.Lane lane) {
    int destination = c.reg;
    int first = c.vex.register();
    // A destination that is read later, or must outlive a fault, is not written early.
    boolean aside = first != destination && (c.isMemory() || c.rm == destination);
    return decode(c, lane, first, aside ? Cpu.SCRATCH : destination, destination);
  }

  /** Of one operand. */
  static Insn unary(DecodeContext c, VexLanes.Lane lane) {
    return c.vex.hasNoRegister() ? decode(c, lane, c.reg, c.reg, c.reg) : null;
  }

  /**
   * Of any operands, which the SSE instruction names itself.
   *
   * @param destination whose upper half is cleared
   */
  static Insn clearing(Insn model, int destination) {
    return model == null ? null : new VexScalar(model, destination, destination, destination);
  }

  private static Insn decode(
      DecodeContext c, VexLanes.Lane lane, int first, int target, int destination) {
    if (c.vex.wide()) {
      // QEMU 10.0 does not ignore VEX.L in all of these.
      return null;
    }
    c.reg = target;
    Insn model = lane.decode(c);
    return model == null ? null : new VexScalar(model, first, target, destination);
  }

  @Override
  public void execute(Cpu cpu) {
    long[] x = cpu.xmm;
    if (first != target) {
      x[target] = x[first];
      x[target + 1] = x[first + 1];
    }
    model.execute(cpu);
    if (target != destination) {
      x[destination] = x[target];
      x[destination + 1] = x[target + 1];
    }
    x[destination + 2 * Cpu.UPPER] = 0;
    x[destination + 2 * Cpu.UPPER + 1] = 0;
  }
}
