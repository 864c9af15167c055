package org.chronovisor.x86;

/** Scalar floating-point arithmetic: the rest of the destination is kept. */
final class SseScalar {
  private SseScalar() {}

  /** Function of two doubles as bits. */
  interface DoubleFunction {
    long apply(Cpu cpu, long a, long b);
  }

  /** Function of two floats as bits. */
  interface FloatFunction {
    int apply(Cpu cpu, int a, int b);
  }

  /** Function of 0F opcodes 51 to 5F, or null. */
  static DoubleFunction doubleFunction(int opcode) {
    return switch (opcode) {
      case 0x51 -> (cpu, a, b) -> SseFloat.squareRoot(cpu, b);
      case 0x58 -> SseFloat::add;
      case 0x59 -> SseFloat::multiply;
      case 0x5c -> SseFloat::subtract;
      case 0x5d -> SseFloat::minimum;
      case 0x5e -> SseFloat::divide;
      case 0x5f -> SseFloat::maximum;
      default -> null;
    };
  }

  static FloatFunction floatFunction(int opcode) {
    return switch (opcode) {
      case 0x51 -> (cpu, a, b) -> SseFloat.squareRoot(cpu, b);
      case 0x52 -> (cpu, a, b) -> SseFloat.reciprocalRoot(cpu, b);
      case 0x53 -> (cpu, a, b) -> SseFloat.reciprocal(cpu, b);
      case 0x58 -> SseFloat::add;
      case 0x59 -> SseFloat::multiply;
      case 0x5c -> SseFloat::subtract;
      case 0x5d -> SseFloat::minimum;
      case 0x5e -> SseFloat::divide;
      case 0x5f -> SseFloat::maximum;
      default -> null;
    };
  }

  static Insn ofDouble(DecodeContext c, int opcode) {
    switch (opcode) {
      case 0x58:
        return new AddDouble(c);
      case 0x59:
        return new MultiplyDouble(c);
      case 0x5c:
        return new SubtractDouble(c);
      default:
        DoubleFunction function = doubleFunction(opcode);
        return function == null ? null : new OfDouble(c, function);
    }
  }

  static Insn ofFloat(DecodeContext c, int opcode) {
    FloatFunction function = floatFunction(opcode);
    return function == null ? null : new OfFloat(c, function);
  }

  private static final class AddDouble extends Insn {
    private final int destination;
    private final SseOperand source;

    AddDouble(DecodeContext c) {
      destination = 2 * c.reg;
      source = SseOperand.of(c);
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.xmm[destination] = SseFloat.add(cpu, cpu.xmm[destination], source.load64(cpu));
    }
  }

  private static final class SubtractDouble extends Insn {
    private final int destination;
    private final SseOperand source;

    SubtractDouble(DecodeContext c) {
      destination = 2 * c.reg;
      source = SseOperand.of(c);
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.xmm[destination] = SseFloat.subtract(cpu, cpu.xmm[destination], source.load64(cpu));
    }
  }

  private static final class MultiplyDouble extends Insn {
    private final int destination;
    private final SseOperand source;

    MultiplyDouble(DecodeContext c) {
      destination = 2 * c.reg;
      source = SseOperand.of(c);
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.xmm[destination] = SseFloat.multiply(cpu, cpu.xmm[destination], source.load64(cpu));
    }
  }

  /** Any function of doubles. */
  static final class OfDouble extends Insn {
    private final int destination;
    private final SseOperand source;
    private final DoubleFunction function;

    OfDouble(DecodeContext c, DoubleFunction function) {
      destination = 2 * c.reg;
      source = SseOperand.of(c);
      this.function = function;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.xmm[destination] = function.apply(cpu, cpu.xmm[destination], source.load64(cpu));
    }
  }

  /** Any function of floats. */
  static final class OfFloat extends Insn {
    private final int destination;
    private final SseOperand source;
    private final FloatFunction function;

    OfFloat(DecodeContext c, FloatFunction function) {
      destination = 2 * c.reg;
      source = SseOperand.of(c);
      this.function = function;
    }

    @Override
    public void execute(Cpu cpu) {
      long old = cpu.xmm[destination];
      int result = function.apply(cpu, (int) old, source.load32(cpu));
      cpu.xmm[destination] = SseLanes.withLow(old, result);
    }
  }
}
