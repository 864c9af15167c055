package org.chronovisor.x86;

/** Bitwise instructions of 128 bits, whatever the elements are called. */
final class SseLogic {
  private SseLogic() {}

  static Insn xor(DecodeContext c) {
    if (!c.isMemory() && c.reg == c.rm) {
      return new Zero(c.reg);
    }
    return new Xor(c.reg, SseOperand.of(c));
  }

  /** xor of a register with itself. */
  private static final class Zero extends Insn {
    private final int register;

    Zero(int register) {
      this.register = 2 * register;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.xmm[register] = 0;
      cpu.xmm[register + 1] = 0;
    }
  }

  private static final class Xor extends Insn {
    private final int destination;
    private final SseOperand source;

    Xor(int destination, SseOperand source) {
      this.destination = 2 * destination;
      this.source = source;
    }

    @Override
    public void execute(Cpu cpu) {
      long linear = source.linear(cpu);
      long low = source.low(cpu, linear);
      cpu.xmm[destination + 1] ^= source.high(cpu, linear);
      cpu.xmm[destination] ^= low;
    }
  }

  static final class And extends Insn {
    private final int destination;
    private final SseOperand source;

    And(int destination, SseOperand source) {
      this.destination = 2 * destination;
      this.source = source;
    }

    @Override
    public void execute(Cpu cpu) {
      long linear = source.linear(cpu);
      long low = source.low(cpu, linear);
      cpu.xmm[destination + 1] &= source.high(cpu, linear);
      cpu.xmm[destination] &= low;
    }
  }

  static final class AndNot extends Insn {
    private final int destination;
    private final SseOperand source;

    AndNot(int destination, SseOperand source) {
      this.destination = 2 * destination;
      this.source = source;
    }

    @Override
    public void execute(Cpu cpu) {
      long linear = source.linear(cpu);
      long low = source.low(cpu, linear);
      long high = source.high(cpu, linear);
      cpu.xmm[destination] = ~cpu.xmm[destination] & low;
      cpu.xmm[destination + 1] = ~cpu.xmm[destination + 1] & high;
    }
  }

  static final class Or extends Insn {
    private final int destination;
    private final SseOperand source;

    Or(int destination, SseOperand source) {
      this.destination = 2 * destination;
      this.source = source;
    }

    @Override
    public void execute(Cpu cpu) {
      long linear = source.linear(cpu);
      long low = source.low(cpu, linear);
      cpu.xmm[destination + 1] |= source.high(cpu, linear);
      cpu.xmm[destination] |= low;
    }
  }
}
