package org.chronovisor.x86;

import static org.chronovisor.x86.Operand.extend;
import static org.chronovisor.x86.Operand.mask;

/** BSF, BSR, TZCNT, LZCNT, POPCNT, MOVBE, CRC32, ADCX and ADOX. */
final class Bits {
  private static final int CRC32C_REFLECTED = 0x82f63b78;

  private Bits() {}

  static void register(OpcodeTable two, OpcodeTable map38) {
    two.put(0xb8, Bits::popcnt);
    two.put(0xbc, 0xbd, Bits::scan);
    map38.put(0xf0, 0xf1, Bits::movbeOrCrc32);
    map38.put(0xf6, Bits::adx);
  }

  private static Insn popcnt(DecodeContext c, int opcode) {
    if (c.repeat != 0xf3) {
      return null;
    }
    c.modrm();
    c.flagsEffect = FlagsEffect.POPCNT;
    return new CountOnes(c.reg(c.operandSize()), c.rm(c.operandSize()));
  }

  private static Insn scan(DecodeContext c, int opcode) {
    c.modrm();
    int size = c.operandSize();
    boolean reverse = opcode == 0xbd;
    // Whether F3 makes it TZCNT or LZCNT is known at execution; both kinds write all flags.
    c.flagsEffect = FlagsEffect.OTHER + size;
    if (c.repeat == 0xf3) {
      return new CountZeros(reverse, c.reg(size), c.rm(size));
    }
    c.flagsEffect = FlagsEffect.LOGIC + size;
    return new BitScan(reverse, c.reg(size), c.rm(size));
  }

  private static Insn movbeOrCrc32(DecodeContext c, int opcode) {
    c.modrm();
    // QEMU 10.0 lets 0x66 win over REX.W here.
    int fullSize = c.operandPrefix ? 2 : c.operandSize();
    if (c.repeat == 0xf2) {
      int size = opcode == 0xf0 ? 1 : fullSize;
      return new Crc32(c.reg(c.rexW() ? 8 : 4), c.rm(size));
    }
    if (c.repeat != 0 || !c.isMemory()) {
      return null;
    }
    if (opcode == 0xf0 && c.operandPrefix && c.rexW()) {
      return new PrefixedSwap(
          new MoveSwapped(c.reg(2), c.rm(2)), new MoveSwapped(c.reg(8), c.rm(8)));
    }
    Operand memory = c.rm(fullSize);
    Operand register = c.reg(fullSize);
    return opcode == 0xf0 ? new MoveSwapped(register, memory) : new MoveSwapped(memory, register);
  }

  /** A load by MOVBE with both 0x66 and REX.W: which of them counts depends on QEMU's version. */
  private static final class PrefixedSwap extends Insn {
    private final Insn narrow;
    private final Insn wide;

    PrefixedSwap(Insn narrow, Insn wide) {
      this.narrow = narrow;
      this.wide = wide;
    }

    @Override
    public void execute(Cpu cpu) {
      (cpu.operandPrefixWins ? narrow : wide).execute(cpu);
    }
  }

  private static Insn adx(DecodeContext c, int opcode) {
    boolean carry = c.operandPrefix && c.repeat == 0;
    if (!carry && c.repeat != 0xf3) {
      return null;
    }
    c.modrm();
    c.flagsEffect = FlagsEffect.EXPLICIT;
    int size = c.rexW() ? 8 : 4;
    return new AddWithOneFlag(carry ? Flags.CF : Flags.OF, c.reg(size), c.rm(size));
  }

  /** BSF and BSR: a source of zero leaves the destination's value (QEMU 10.0 as real CPUs). */
  static void bitScan(Cpu cpu, boolean reverse, Operand to, long source) {
    long value = source & mask(to.size);
    if (value == 0) {
      to.store(cpu, to.loadRaw(cpu));
    } else {
      int leading = 63 - Long.numberOfLeadingZeros(value);
      to.store(cpu, reverse ? leading : Long.numberOfTrailingZeros(value));
    }
    cpu.flagsLogic(source);
  }

  private static final class BitScan extends Insn {
    private final boolean reverse;
    private final Operand to;
    private final Operand from;

    BitScan(boolean reverse, Operand to, Operand from) {
      this.reverse = reverse;
      this.to = to;
      this.from = from;
    }

    @Override
    public void execute(Cpu cpu) {
      bitScan(cpu, reverse, to, from.load(cpu));
    }
  }

  /** TZCNT and LZCNT; BSF and BSR on a CPU without them. */
  private static final class CountZeros extends Insn {
    private final boolean leading;
    private final Operand to;
    private final Operand from;

    CountZeros(boolean leading, Operand to, Operand from) {
      this.leading = leading;
      this.to = to;
      this.from = from;
    }

    @Override
    public void execute(Cpu cpu) {
      long source = from.load(cpu);
      if (!(leading ? cpu.hasLzcnt : cpu.hasTzcnt)) {
        bitScan(cpu, leading, to, source);
        return;
      }
      int bits = 8 * to.size;
      long value = source & mask(to.size);
      long count =
          leading
              ? Long.numberOfLeadingZeros(value) - (64 - bits)
              : value == 0 ? bits : Long.numberOfTrailingZeros(value);
      to.store(cpu, count);
      // PF, AF, SF and OF are cleared; flagsResult is what a bit test after it starts from.
      cpu.flagsExplicit((value == 0 ? Flags.CF : 0) | (count == 0 ? Flags.ZF : 0));
      cpu.flagsResult = count;
    }
  }

  private static final class CountOnes extends Insn {
    private final Operand to;
    private final Operand from;

    CountOnes(Operand to, Operand from) {
      this.to = to;
      this.from = from;
    }

    @Override
    public void execute(Cpu cpu) {
      long value = from.load(cpu) & mask(to.size);
      to.store(cpu, Long.bitCount(value));
      cpu.flagsExplicit(value == 0 ? Flags.ZF : 0);
      cpu.flagsResult = value;
    }
  }

  private static final class MoveSwapped extends Insn {
    private final Operand to;
    private final Operand from;

    MoveSwapped(Operand to, Operand from) {
      this.to = to;
      this.from = from;
    }

    @Override
    public void execute(Cpu cpu) {
      to.store(cpu, Long.reverseBytes(from.load(cpu)) >>> (64 - 8 * to.size));
    }
  }

  private static final class Crc32 extends Insn {
    private final Operand to;
    private final Operand from;

    Crc32(Operand to, Operand from) {
      this.to = to;
      this.from = from;
    }

    @Override
    public void execute(Cpu cpu) {
      long data = from.load(cpu);
      int crc = (int) to.load(cpu);
      for (int i = 0; i < from.size; i++) {
        crc ^= (int) (data >>> (8 * i)) & 0xff;
        for (int bit = 0; bit < 8; bit++) {
          crc = (crc & 1) != 0 ? crc >>> 1 ^ CRC32C_REFLECTED : crc >>> 1;
        }
      }
      to.store(cpu, crc & 0xffff_ffffL);
    }
  }

  private static final class AddWithOneFlag extends Insn {
    private final int flag;
    private final Operand to;
    private final Operand from;

    AddWithOneFlag(int flag, Operand to, Operand from) {
      this.flag = flag;
      this.to = to;
      this.from = from;
    }

    @Override
    public void execute(Cpu cpu) {
      long a = to.load(cpu);
      long b = from.load(cpu);
      int flags = cpu.arithmeticFlags();
      long result = extend(a + b + ((flags & flag) != 0 ? 1 : 0), to.size);
      boolean carry = ((a & b) | ((a | b) & ~result)) < 0;
      to.store(cpu, result);
      cpu.flagsExplicit(flags & ~flag | (carry ? flag : 0));
    }
  }
}
