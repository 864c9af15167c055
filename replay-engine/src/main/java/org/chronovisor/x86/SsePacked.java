package org.chronovisor.x86;

/** Packed floating-point arithmetic. */
final class SsePacked {
  private SsePacked() {}

  static Insn ofDouble(DecodeContext c, int opcode) {
    SseScalar.DoubleFunction function = SseScalar.doubleFunction(opcode);
    return function == null ? null : new OfDouble(c, function, function);
  }

  static Insn ofFloat(DecodeContext c, int opcode) {
    SseScalar.FloatFunction function = SseScalar.floatFunction(opcode);
    return function == null ? null : new OfFloat(c, function, function);
  }

  /** addsubpd. */
  static Insn addSubDouble(DecodeContext c) {
    return new OfDouble(c, SseFloat::subtract, SseFloat::add);
  }

  /** addsubps. */
  static Insn addSubFloat(DecodeContext c) {
    return new OfFloat(c, SseFloat::subtract, SseFloat::add);
  }

  /** One function for the even elements, one for the odd ones. */
  static final class OfDouble extends Insn {
    private final int destination;
    private final SseOperand source;
    private final SseScalar.DoubleFunction even;
    private final SseScalar.DoubleFunction odd;

    OfDouble(DecodeContext c, SseScalar.DoubleFunction even, SseScalar.DoubleFunction odd) {
      destination = 2 * c.reg;
      source = SseOperand.of(c);
      this.even = even;
      this.odd = odd;
    }

    @Override
    public void execute(Cpu cpu) {
      long linear = source.linear(cpu);
      long low = source.low(cpu, linear);
      long high = source.high(cpu, linear);
      long[] xmm = cpu.xmm;
      xmm[destination] = even.apply(cpu, xmm[destination], low);
      xmm[destination + 1] = odd.apply(cpu, xmm[destination + 1], high);
    }
  }

  /** The same for floats. */
  static final class OfFloat extends Insn {
    private final int destination;
    private final SseOperand source;
    private final SseScalar.FloatFunction even;
    private final SseScalar.FloatFunction odd;

    OfFloat(DecodeContext c, SseScalar.FloatFunction even, SseScalar.FloatFunction odd) {
      destination = 2 * c.reg;
      source = SseOperand.of(c);
      this.even = even;
      this.odd = odd;
    }

    @Override
    public void execute(Cpu cpu) {
      long linear = source.linear(cpu);
      long low = source.low(cpu, linear);
      long high = source.high(cpu, linear);
      long[] xmm = cpu.xmm;
      xmm[destination] = half(cpu, xmm[destination], low);
      xmm[destination + 1] = half(cpu, xmm[destination + 1], high);
    }

    private long half(Cpu cpu, long a, long b) {
      int low = even.apply(cpu, (int) a, (int) b);
      return SseLanes.join(low, odd.apply(cpu, SseLanes.high(a), SseLanes.high(b)));
    }
  }

  /** haddpd, hsubpd. */
  static final class HorizontalDouble extends Insn {
    private final int destination;
    private final SseOperand source;
    private final SseScalar.DoubleFunction function;

    HorizontalDouble(DecodeContext c, SseScalar.DoubleFunction function) {
      destination = 2 * c.reg;
      source = SseOperand.of(c);
      this.function = function;
    }

    @Override
    public void execute(Cpu cpu) {
      long linear = source.linear(cpu);
      long low = source.low(cpu, linear);
      long high = source.high(cpu, linear);
      long[] xmm = cpu.xmm;
      xmm[destination] = function.apply(cpu, xmm[destination], xmm[destination + 1]);
      xmm[destination + 1] = function.apply(cpu, low, high);
    }
  }

  /** haddps, hsubps. */
  static final class HorizontalFloat extends Insn {
    private final int destination;
    private final SseOperand source;
    private final SseScalar.FloatFunction function;

    HorizontalFloat(DecodeContext c, SseScalar.FloatFunction function) {
      destination = 2 * c.reg;
      source = SseOperand.of(c);
      this.function = function;
    }

    @Override
    public void execute(Cpu cpu) {
      long linear = source.linear(cpu);
      long low = source.low(cpu, linear);
      long high = source.high(cpu, linear);
      long[] xmm = cpu.xmm;
      long first = half(cpu, xmm[destination], xmm[destination + 1]);
      xmm[destination + 1] = half(cpu, low, high);
      xmm[destination] = first;
    }

    private long half(Cpu cpu, long a, long b) {
      int low = function.apply(cpu, (int) a, SseLanes.high(a));
      return SseLanes.join(low, function.apply(cpu, (int) b, SseLanes.high(b)));
    }
  }
}
