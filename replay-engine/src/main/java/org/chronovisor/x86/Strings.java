package org.chronovisor.x86;

import static org.chronovisor.x86.Operand.extend;

/** MOVS, CMPS, STOS, LODS, SCAS and OUTS, with and without repeat prefixes. */
final class Strings {
  static final int RAX = 0;
  static final int RCX = 1;
  static final int RSI = 6;
  static final int RDI = 7;

  private Strings() {}

  static void register(OpcodeTable one) {
    one.put(0x6e, 0x6f, Strings::outs);
    one.put(0xa4, 0xa5, Strings::movs);
    one.put(0xa6, 0xa7, Strings::cmps);
    one.put(0xaa, 0xab, Strings::stos);
    one.put(0xac, 0xad, Strings::lods);
    one.put(0xae, 0xaf, Strings::scas);
  }

  private static Insn outs(DecodeContext c, int opcode) {
    int size = Math.min(Arithmetic.size(c, opcode), 4);
    return instruction(c, new Outs(c, size), false);
  }

  private static Insn movs(DecodeContext c, int opcode) {
    return instruction(c, new Movs(c, Arithmetic.size(c, opcode)), false);
  }

  private static Insn cmps(DecodeContext c, int opcode) {
    c.flagsEffect = FlagsEffect.SUB + Arithmetic.size(c, opcode);
    return instruction(c, new Cmps(c, Arithmetic.size(c, opcode)), true);
  }

  private static Insn stos(DecodeContext c, int opcode) {
    return instruction(c, new Stos(c, Arithmetic.size(c, opcode)), false);
  }

  private static Insn lods(DecodeContext c, int opcode) {
    return instruction(c, new Lods(c, Arithmetic.size(c, opcode)), false);
  }

  private static Insn scas(DecodeContext c, int opcode) {
    c.flagsEffect = FlagsEffect.SUB + Arithmetic.size(c, opcode);
    return instruction(c, new Scas(c, Arithmetic.size(c, opcode)), true);
  }

  private static Insn instruction(DecodeContext c, Step step, boolean compares) {
    if (c.repeat == 0) {
      return new Single(step);
    }
    c.flagsEffect = FlagsEffect.EXPLICIT;
    return new RepInsn(step, !compares ? RepInsn.ALWAYS : c.repeat == 0xf3 ? 1 : 0);
  }

  private static final class Single extends Insn {
    private final Step step;

    Single(Step step) {
      this.step = step;
    }

    @Override
    public void execute(Cpu cpu) {
      step.once(cpu);
    }
  }

  /** One iteration of a string instruction. */
  abstract static class Step {
    final int size;
    final long addressMask;
    private final Address source;
    private final Address destination;

    Step(DecodeContext c, int size) {
      this.size = size;
      source = c.registerAddress(RSI, c.override >= 0 ? c.override : DecodeContext.DS);
      destination = c.registerAddress(RDI, DecodeContext.ES);
      addressMask = source.offsetMask;
    }

    /** Does one iteration, without the counter. */
    abstract void once(Cpu cpu);

    /**
     * Does at most {@code limit} iterations at once, if that gives the same.
     *
     * @return the number done, 0 when the next one needs {@link #once}
     */
    long many(Cpu cpu, long limit) {
      return 0;
    }

    final long source(Cpu cpu) {
      return source.linear(cpu);
    }

    final long destination(Cpu cpu) {
      return destination.linear(cpu);
    }

    final long load(Cpu cpu, long linear) {
      return Operand.Memory.load(cpu.mmu, linear, size);
    }

    /** Adds iterations to an index register. */
    final void advance(Cpu cpu, int register, long iterations) {
      set(cpu, register, cpu.r[register] + iterations * size * cpu.direction);
    }

    /** Writes an index or counter register in the address size. */
    final void set(Cpu cpu, int register, long value) {
      long kept = addressMask == 0xffff ? cpu.r[register] & ~0xffffL : 0;
      cpu.r[register] = kept | value & addressMask;
    }

    /** Iterations before the index register leaves its page or wraps, moving forwards. */
    final long inPage(Cpu cpu, int register, long linear) {
      long room = (4096 - (linear & 4095)) / size;
      long offset = cpu.r[register] & addressMask;
      return addressMask - offset < 4096 && addressMask != -1 ? 0 : room;
    }
  }

  private static final class Movs extends Step {
    Movs(DecodeContext c, int size) {
      super(c, size);
    }

    @Override
    void once(Cpu cpu) {
      long value = load(cpu, source(cpu));
      Operand.Memory.store(cpu.mmu, destination(cpu), size, value);
      advance(cpu, RSI, 1);
      advance(cpu, RDI, 1);
    }

    @Override
    long many(Cpu cpu, long limit) {
      if (cpu.direction < 0) {
        return 0;
      }
      long from = source(cpu);
      long to = destination(cpu);
      long room = Math.min(inPage(cpu, RSI, from), inPage(cpu, RDI, to));
      int iterations = (int) Math.min(limit, room);
      int done = cpu.mmu.copy(from, to, iterations * size, size) / size;
      advance(cpu, RSI, done);
      advance(cpu, RDI, done);
      return done;
    }
  }

  private static final class Stos extends Step {
    Stos(DecodeContext c, int size) {
      super(c, size);
    }

    @Override
    void once(Cpu cpu) {
      Operand.Memory.store(cpu.mmu, destination(cpu), size, cpu.r[RAX]);
      advance(cpu, RDI, 1);
    }

    @Override
    long many(Cpu cpu, long limit) {
      if (cpu.direction < 0) {
        return 0;
      }
      long to = destination(cpu);
      int iterations = (int) Math.min(limit, inPage(cpu, RDI, to));
      int done = cpu.mmu.fill(to, iterations * size, size, cpu.r[RAX]) / size;
      advance(cpu, RDI, done);
      return done;
    }
  }

  private static final class Lods extends Step {
    private final Operand accumulator;

    Lods(DecodeContext c, int size) {
      super(c, size);
      accumulator = c.register(RAX, size);
    }

    @Override
    void once(Cpu cpu) {
      accumulator.store(cpu, load(cpu, source(cpu)));
      advance(cpu, RSI, 1);
    }
  }

  /** The value goes to a port: the recording knows it. */
  private static final class Outs extends Step {
    Outs(DecodeContext c, int size) {
      super(c, size);
    }

    @Override
    void once(Cpu cpu) {
      load(cpu, source(cpu));
      advance(cpu, RSI, 1);
    }
  }

  private static final class Cmps extends Step {
    Cmps(DecodeContext c, int size) {
      super(c, size);
    }

    @Override
    void once(Cpu cpu) {
      long b = load(cpu, destination(cpu));
      long a = load(cpu, source(cpu));
      Arithmetic.sub(cpu, a, b, size);
      advance(cpu, RSI, 1);
      advance(cpu, RDI, 1);
    }
  }

  private static final class Scas extends Step {
    Scas(DecodeContext c, int size) {
      super(c, size);
    }

    @Override
    void once(Cpu cpu) {
      long b = load(cpu, destination(cpu));
      Arithmetic.sub(cpu, extend(cpu.r[RAX], size), b, size);
      advance(cpu, RDI, 1);
    }
  }
}
