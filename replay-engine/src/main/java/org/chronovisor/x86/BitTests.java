package org.chronovisor.x86;

import static org.chronovisor.x86.Operand.extend;

/** BT, BTS, BTR and BTC. */
final class BitTests {
  private BitTests() {}

  static void register(OpcodeTable two) {
    two.put(0xa3, BitTests::byRegister);
    two.put(0xab, BitTests::byRegister);
    two.put(0xb3, BitTests::byRegister);
    two.put(0xbb, BitTests::byRegister);
    two.put(0xba, BitTests::byImmediate);
  }

  private static Insn byRegister(DecodeContext c, int opcode) {
    c.modrm();
    c.flagsEffect = FlagsEffect.BIT_TEST;
    int size = c.operandSize();
    return new BitTest((opcode >> 3) & 3, c.rm(size), c.reg(size));
  }

  private static Insn byImmediate(DecodeContext c, int opcode) {
    c.modrm();
    int size = c.operandSize();
    Operand offset = Operand.immediate(c.u8() & (8 * size - 1), size);
    if (c.extension() < 4) {
      return null;
    }
    c.flagsEffect = FlagsEffect.BIT_TEST;
    return new BitTest(c.extension() & 3, c.rm(size), offset);
  }

  /** All four; kind 0 BT, 1 BTS, 2 BTR, 3 BTC. */
  static final class BitTest extends Insn {
    private final int kind;
    private final Operand operand;
    private final Operand offset;
    private int flagsSize;

    BitTest(int kind, Operand operand, Operand offset) {
      this.kind = kind;
      this.operand = operand;
      this.offset = offset;
    }

    /**
     * @param size operand size of the last flag operation, 0 when QEMU does not know it
     */
    void setFlagsSize(int size) {
      flagsSize = size;
    }

    @Override
    public void execute(Cpu cpu) {
      long position = offset.load(cpu);
      int size = operand.size;
      int bit = (int) position & (8 * size - 1);
      long value;
      if (operand instanceof Operand.Memory memory) {
        // A register offset reaches beyond the operand, in steps of its size (SDM vol. 1, 3.7.7).
        long linear = memory.address.linear(cpu, (position >> 3) & -size);
        value = Operand.Memory.load(cpu.mmu, linear, size) & Operand.mask(size);
        if (kind != 0) {
          Operand.Memory.store(cpu.mmu, linear, size, change(value, 1L << bit));
        }
      } else {
        value = operand.loadRaw(cpu);
        if (kind != 0) {
          operand.store(cpu, change(value, 1L << bit));
        }
      }
      setFlags(cpu, value >>> bit);
    }

    private long change(long value, long mask) {
      return switch (kind) {
        case 1 -> value | mask;
        case 2 -> value & ~mask;
        default -> value ^ mask;
      };
    }

    /**
     * CF from the low bit; undefined flags as QEMU 10.0 has them, see {@link FlagsEffect}.
     *
     * @param shifted the operand shifted right by the bit offset
     */
    private void setFlags(Cpu cpu, long shifted) {
      int carry = (int) shifted & Flags.CF;
      if (flagsSize == 0) {
        cpu.flagsExplicit(cpu.arithmeticFlags() & ~Flags.CF | carry);
      } else {
        long last = extend(cpu.flagsResult, flagsSize);
        boolean overflow = extend(shifted ^ last, flagsSize) < 0;
        cpu.flagsResult(last, carry | (overflow ? Flags.OF : 0));
      }
    }
  }
}
