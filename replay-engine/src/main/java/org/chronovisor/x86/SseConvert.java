package org.chronovisor.x86;

/** Conversions between integers, floats and doubles. */
final class SseConvert {
  private SseConvert() {}

  /** cvtsi2sd, cvtsi2ss. */
  static final class FromGeneral extends Insn {
    private final int destination;
    private final int source;
    private final Address address;
    private final boolean wide;
    private final boolean toDouble;

    FromGeneral(DecodeContext c, boolean toDouble) {
      destination = 2 * c.reg;
      source = c.rm;
      address = c.isMemory() ? c.address() : null;
      wide = c.rexW();
      this.toDouble = toDouble;
    }

    @Override
    public void execute(Cpu cpu) {
      long value;
      if (address == null) {
        value = wide ? cpu.r[source] : (int) cpu.r[source];
      } else {
        long linear = address.linear(cpu);
        value = wide ? cpu.mmu.load64(linear) : cpu.mmu.load32(linear);
      }
      if (toDouble) {
        cpu.xmm[destination] = SseFloat.integerToDouble(cpu, value);
      } else {
        int result = SseFloat.integerToFloat(cpu, value);
        cpu.xmm[destination] = SseLanes.withLow(cpu.xmm[destination], result);
      }
    }
  }

  /** cvtsd2si, cvttsd2si, cvtss2si, cvttss2si. */
  static final class ToGeneral extends Insn {
    private final int destination;
    private final SseOperand source;
    private final boolean wide;
    private final boolean fromDouble;
    private final boolean truncate;

    ToGeneral(DecodeContext c, boolean fromDouble, boolean truncate) {
      destination = c.reg;
      source = SseOperand.of(c);
      wide = c.rexW();
      this.fromDouble = fromDouble;
      this.truncate = truncate;
    }

    @Override
    public void execute(Cpu cpu) {
      long value =
          fromDouble
              ? SseFloat.doubleToInteger(cpu, source.load64(cpu), truncate, wide)
              : SseFloat.floatToInteger(cpu, source.load32(cpu), truncate, wide);
      cpu.r[destination] = wide ? value : value & 0xffff_ffffL;
    }
  }

  /** cvtsd2ss. */
  static final class DoubleToFloat extends Insn {
    private final int destination;
    private final SseOperand source;

    DoubleToFloat(DecodeContext c) {
      destination = 2 * c.reg;
      source = SseOperand.of(c);
    }

    @Override
    public void execute(Cpu cpu) {
      int result = SseFloat.toFloat(cpu, source.load64(cpu));
      cpu.xmm[destination] = SseLanes.withLow(cpu.xmm[destination], result);
    }
  }

  /** cvtss2sd. */
  static final class FloatToDouble extends Insn {
    private final int destination;
    private final SseOperand source;

    FloatToDouble(DecodeContext c) {
      destination = 2 * c.reg;
      source = SseOperand.of(c);
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.xmm[destination] = SseFloat.toDouble(cpu, source.load32(cpu));
    }
  }

  /** A packed conversion of 16 bytes, or of the 8 that it needs. */
  interface Packed {
    void apply(Cpu cpu, int d, long low, long high);
  }

  static final class OfPacked extends Insn {
    private final int destination;
    private final SseOperand source;
    private final boolean whole;
    private final Packed function;

    OfPacked(DecodeContext c, boolean whole, Packed function) {
      destination = 2 * c.reg;
      source = SseOperand.of(c);
      this.whole = whole;
      this.function = function;
    }

    @Override
    public void execute(Cpu cpu) {
      long linear = source.linear(cpu);
      long low = source.low(cpu, linear);
      function.apply(cpu, destination, low, whole ? source.high(cpu, linear) : 0);
    }
  }

  private static void set(Cpu cpu, int d, long low, long high) {
    cpu.xmm[d] = low;
    cpu.xmm[d + 1] = high;
  }

  static Insn floatsToDoubles(DecodeContext c) {
    return new OfPacked(
        c,
        false,
        (cpu, d, l, h) -> {
          long low = SseFloat.toDouble(cpu, (int) l);
          set(cpu, d, low, SseFloat.toDouble(cpu, SseLanes.high(l)));
        });
  }

  static Insn doublesToFloats(DecodeContext c) {
    return new OfPacked(
        c,
        true,
        (cpu, d, l, h) -> {
          int low = SseFloat.toFloat(cpu, l);
          set(cpu, d, SseLanes.join(low, SseFloat.toFloat(cpu, h)), 0);
        });
  }

  static Insn dwordsToFloats(DecodeContext c) {
    return new OfPacked(
        c, true, (cpu, d, l, h) -> set(cpu, d, dwordsToFloats(cpu, l), dwordsToFloats(cpu, h)));
  }

  private static long dwordsToFloats(Cpu cpu, long v) {
    int low = SseFloat.integerToFloat(cpu, (int) v);
    return SseLanes.join(low, SseFloat.integerToFloat(cpu, SseLanes.high(v)));
  }

  static Insn dwordsToDoubles(DecodeContext c) {
    return new OfPacked(
        c,
        false,
        (cpu, d, l, h) ->
            set(
                cpu,
                d,
                SseFloat.integerToDouble(cpu, (int) l),
                SseFloat.integerToDouble(cpu, SseLanes.high(l))));
  }

  static Insn floatsToDwords(DecodeContext c, boolean truncate) {
    return new OfPacked(
        c,
        true,
        (cpu, d, l, h) ->
            set(cpu, d, floatsToDwords(cpu, l, truncate), floatsToDwords(cpu, h, truncate)));
  }

  private static long floatsToDwords(Cpu cpu, long v, boolean truncate) {
    int low = (int) SseFloat.floatToInteger(cpu, (int) v, truncate, false);
    int high = (int) SseFloat.floatToInteger(cpu, SseLanes.high(v), truncate, false);
    return SseLanes.join(low, high);
  }

  static Insn doublesToDwords(DecodeContext c, boolean truncate) {
    return new OfPacked(
        c,
        true,
        (cpu, d, l, h) -> {
          int low = (int) SseFloat.doubleToInteger(cpu, l, truncate, false);
          int high = (int) SseFloat.doubleToInteger(cpu, h, truncate, false);
          set(cpu, d, SseLanes.join(low, high), 0);
        });
  }
}
