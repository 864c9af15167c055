package org.chronovisor.x86;

/**
 * An AVX instruction as one SSE instruction per 128-bit lane of {@link Cpu#xmm}: the first operand
 * is copied over the destination, where the SSE instruction expects it.
 *
 * <p>The last operand, when it is in memory, is read whole before anything is changed.
 */
final class VexLanes extends Insn {
  /** Decodes the SSE instruction of one lane; the context stands behind ModRM. */
  interface Lane {
    Insn decode(DecodeContext c);
  }

  /** Where the last operand's lanes are found. */
  enum Source {
    /** Each lane in its own. */
    PACKED,
    /** The lowest lane serves all: a shift count. */
    COUNT,
    /** The lanes of the result come from 64, 32 or 16 bits each. */
    QWORDS,
    DWORDS,
    WORDS
  }

  private static final int SCRATCH = 2 * Cpu.SCRATCH;

  private final Source source;

  /** Of the last operand, or null. */
  private final Address address;

  /** First word of the register that the last operand is copied from, or -1. */
  private final int copied;

  /** First words of the lanes copied over the destination's, or -1. */
  private final int first;

  private final int destination;
  private final Insn low;

  /** Null in the forms of 128 bits, which clear the upper half. */
  private final Insn high;

  private VexLanes(
      Source source, Address address, int copied, int first, int destination, Insn low, Insn high) {
    this.source = source;
    this.address = address;
    this.copied = copied;
    this.first = first;
    this.destination = destination;
    this.low = low;
    this.high = high;
  }

  /** Of two operands: the SSE instruction's destination is VEX.vvvv. */
  static Insn binary(DecodeContext c, Source source, Lane lane) {
    return decode(c, source, c.vex.register(), c.reg, lane);
  }

  /** Of one operand. */
  static Insn unary(DecodeContext c, Source source, Lane lane) {
    return c.vex.hasNoRegister() ? decode(c, source, -1, c.reg, lane) : null;
  }

  /** Of three: the destination is an operand, and the lane's model reads VEX.vvvv itself. */
  static Insn ternary(DecodeContext c, Lane lane) {
    return decode(c, Source.PACKED, -1, c.reg, lane);
  }

  /** The SSE instruction changes the operand that ModRM's rm names; here it is copied to vvvv. */
  static Insn inPlace(DecodeContext c, Lane lane) {
    if (c.isMemory()) {
      return null;
    }
    int destination = c.vex.register();
    int from = c.rm == destination ? -1 : c.rm;
    int mark = c.length();
    c.rm = destination;
    Insn low = lane.decode(c);
    Insn high = null;
    if (c.vex.wide()) {
      c.goBack(mark);
      c.rm = destination + Cpu.UPPER;
      high = lane.decode(c);
    }
    return low == null
        ? null
        : new VexLanes(Source.PACKED, null, -1, 2 * from, 2 * destination, low, high);
  }

  private static Insn decode(
      DecodeContext c, Source source, int first, int destination, Lane lane) {
    boolean memory = c.isMemory();
    boolean split = source != Source.PACKED && source != Source.COUNT;
    int rm = c.rm;
    int from = first == destination ? -1 : first;
    // A count is read again for the upper lane, when the lower one is done.
    boolean readLate = from >= 0 || source == Source.COUNT;
    boolean aside = memory || split || (readLate && rm == destination);
    int mod = c.mod;
    int mark = c.length();
    c.mod = 3;
    c.reg = destination;
    c.rm = aside ? Cpu.SCRATCH : rm;
    Insn low = lane.decode(c);
    Insn high = null;
    if (c.vex.wide()) {
      c.goBack(mark);
      c.lane = 1;
      c.reg = destination + Cpu.UPPER;
      if (source != Source.COUNT) {
        c.rm = aside ? Cpu.SCRATCH + 1 : rm + Cpu.UPPER;
      }
      high = lane.decode(c);
    }
    if (low == null) {
      return null;
    }
    c.mod = mod;
    return new VexLanes(
        source,
        memory ? c.address() : null,
        aside && !memory ? 2 * rm : -1,
        2 * from,
        2 * destination,
        low,
        high);
  }

  @Override
  public void execute(Cpu cpu) {
    long[] x = cpu.xmm;
    if (address != null) {
      load(cpu, address.linear(cpu));
    } else if (copied >= 0) {
      copy(x);
    }
    if (first >= 0) {
      x[destination] = x[first];
      x[destination + 1] = x[first + 1];
    }
    low.execute(cpu);
    int upper = destination + 2 * Cpu.UPPER;
    if (high == null) {
      x[upper] = 0;
      x[upper + 1] = 0;
      return;
    }
    if (first >= 0) {
      x[upper] = x[first + 2 * Cpu.UPPER];
      x[upper + 1] = x[first + 2 * Cpu.UPPER + 1];
    }
    high.execute(cpu);
  }

  private void load(Cpu cpu, long linear) {
    long[] x = cpu.xmm;
    boolean wide = high != null;
    switch (source) {
      case PACKED -> {
        x[SCRATCH] = cpu.mmu.load64(linear);
        x[SCRATCH + 1] = cpu.mmu.load64(linear + 8);
        if (wide) {
          x[SCRATCH + 2] = cpu.mmu.load64(linear + 16);
          x[SCRATCH + 3] = cpu.mmu.load64(linear + 24);
        }
      }
      case COUNT -> {
        x[SCRATCH] = cpu.mmu.load64(linear);
        x[SCRATCH + 1] = cpu.mmu.load64(linear + 8);
      }
      case QWORDS -> {
        x[SCRATCH] = cpu.mmu.load64(linear);
        if (wide) {
          x[SCRATCH + 2] = cpu.mmu.load64(linear + 8);
        }
      }
      case DWORDS -> split(x, wide ? cpu.mmu.load64(linear) : cpu.mmu.load32(linear), 32);
      default -> split(x, wide ? cpu.mmu.load32(linear) : cpu.mmu.load16(linear), 16);
    }
  }

  private void copy(long[] x) {
    switch (source) {
      case QWORDS -> {
        x[SCRATCH] = x[copied];
        x[SCRATCH + 2] = x[copied + 1];
      }
      case DWORDS -> split(x, x[copied], 32);
      case WORDS -> split(x, x[copied], 16);
      default -> {
        x[SCRATCH] = x[copied];
        x[SCRATCH + 1] = x[copied + 1];
        x[SCRATCH + 2] = x[copied + 2 * Cpu.UPPER];
        x[SCRATCH + 3] = x[copied + 2 * Cpu.UPPER + 1];
      }
    }
  }

  private static void split(long[] x, long value, int bits) {
    x[SCRATCH] = value;
    x[SCRATCH + 2] = value >>> bits;
  }
}
