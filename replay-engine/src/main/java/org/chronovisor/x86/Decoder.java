package org.chronovisor.x86;

import java.util.List;

/** Turns instruction bytes into models. */
public final class Decoder {
  private static final OpcodeTable ONE_BYTE = new OpcodeTable();
  private static final OpcodeTable TWO_BYTE = new OpcodeTable();
  private static final OpcodeTable MAP_38 = new OpcodeTable();

  static {
    Arithmetic.register(ONE_BYTE, TWO_BYTE);
    Moves.register(ONE_BYTE, TWO_BYTE);
    Branches.register(ONE_BYTE, TWO_BYTE);
    Stack.register(ONE_BYTE, TWO_BYTE);
    Shifts.register(ONE_BYTE, TWO_BYTE);
    MulDiv.register(ONE_BYTE, TWO_BYTE);
    BitTests.register(TWO_BYTE);
    Bits.register(TWO_BYTE, MAP_38);
    Strings.register(ONE_BYTE);
    FlagInsns.register(ONE_BYTE);
    Decimal.register(ONE_BYTE);
    Exchanges.register(ONE_BYTE, TWO_BYTE);
    SegmentInsns.register(ONE_BYTE, TWO_BYTE);
    SystemInsns.register(ONE_BYTE, TWO_BYTE, MAP_38);
  }

  private Decoder() {}

  /**
   * Decodes one instruction.
   *
   * @param code bytes from the instruction's first on; at most 15 are looked at
   * @param available number of valid bytes in {@code code} from {@code offset}
   * @param pc its linear address
   * @return the model with its address and length set, or null when there is no model for it (or
   *     not enough bytes)
   */
  public static Insn decode(byte[] code, int offset, int available, long pc, Mode mode) {
    DecodeContext c = new DecodeContext(code, offset, available, pc, mode);
    try {
      Insn insn = decode(c);
      if (insn != null) {
        insn.place(pc, c.length());
        insn.setFlagsEffect(c.flagsEffect);
      }
      return insn;
    } catch (DecodeContext.NoMoreBytes e) {
      return null;
    }
  }

  /**
   * How an instruction of 64-bit code is compiled.
   *
   * @param length of the instruction
   */
  static Translation translation(byte[] code, int offset, int length, long pc) {
    DecodeContext c = new DecodeContext(code, offset, length, pc, Mode.CODE64);
    Insn insn = decode(c);
    if (insn == null || c.length() != length) {
      throw new IllegalArgumentException("not an instruction of " + length + " bytes");
    }
    return c.translation == null ? Translation.CALL : c.translation;
  }

  /**
   * To be called for each decoded QEMU block, before its instructions are executed: a few results
   * depend on what precedes them in the block.
   */
  public static void link(List<? extends Insn> block) {
    FlagsEffect.link(block);
  }

  private static Insn decode(DecodeContext c) {
    int opcode = c.prefixes();
    if ((opcode & 0xfe) == 0xc4 && Vex.isNext(c)) {
      return VexDecoder.decode(c, opcode);
    }
    if (opcode != 0x0f) {
      OpcodeTable.Entry entry = ONE_BYTE.get(opcode);
      return entry != null ? entry.decode(c, opcode) : SseDecoder.decode(c, 0, opcode);
    }
    opcode = c.u8();
    switch (opcode) {
      case 0x38:
        opcode = c.u8();
        OpcodeTable.Entry entry38 = MAP_38.get(opcode);
        return entry38 != null ? entry38.decode(c, opcode) : SseDecoder.decode(c, 2, opcode);
      case 0x3a:
        return SseDecoder.decode(c, 3, c.u8());
      default:
        OpcodeTable.Entry entry = TWO_BYTE.get(opcode);
        return entry != null ? entry.decode(c, opcode) : SseDecoder.decode(c, 1, opcode);
    }
  }
}
