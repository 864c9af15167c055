package org.chronovisor.x86;

/**
 * A cursor over the bytes of one instruction, with the prefixes and the ModRM operand read so far
 * (Intel SDM vol. 2, 2.1 and 2.2).
 *
 * <p>Order of use: {@link #prefixes}, opcode bytes by {@link #u8}, {@link #modrm}, immediates, and
 * only then {@link #address}: a rip-relative address counts from the end of the instruction.
 */
final class DecodeContext {
  static final int ES = 0;
  static final int CS = 1;
  static final int SS = 2;
  static final int DS = 3;
  static final int FS = 4;
  static final int GS = 5;

  /** Index of {@link Cpu#r} that is always zero. */
  static final int NONE = 16;

  private static final int LONGEST = 15;

  final long pc;
  final Mode mode;

  /** 0x66 was seen; selects 16-bit operands, or the meaning of an SSE opcode. */
  boolean operandPrefix;

  boolean addressPrefix;
  boolean lock;

  /** 0xf2, 0xf3 (the last of them counts) or 0. */
  int repeat;

  /** Overriding segment register, or -1. */
  int override = -1;

  /** REX prefix, or 0. A REX prefix of 0x40 matters, too: it selects spl, bpl, sil, dil. */
  int rex;

  /** VEX prefix, or null. */
  Vex vex;

  /** While an AVX instruction is decoded lane by lane: 0 or 1, else 0. */
  int lane;

  /** Mod field of ModRM; 3 for a register operand. */
  int mod;

  /** Reg field with REX.R. */
  int reg;

  /** Register number of a register operand, with REX.B. */
  int rm;

  /** What the instruction does to the flags, see {@link FlagsEffect}; set while decoding. */
  int flagsEffect;

  /** How it is compiled, or null when its model is called; set while decoding. */
  Translation translation;

  private final byte[] code;
  private final int start;
  private final int limit;
  private int position;

  // Memory operand.
  private int base = NONE;
  private int index = NONE;
  private int scale;
  private int sib = -1;
  private long displacement;
  private boolean ripRelative;
  private int defaultSegment = DS;

  DecodeContext(byte[] code, int offset, int available, long pc, Mode mode) {
    this.code = code;
    this.start = offset;
    this.position = offset;
    this.limit = offset + Math.min(Math.min(available, LONGEST), code.length - offset);
    this.pc = pc;
    this.mode = mode;
  }

  /** There are no more bytes, or the instruction is longer than 15. */
  static final class NoMoreBytes extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final NoMoreBytes INSTANCE = new NoMoreBytes();

    private NoMoreBytes() {
      super(null, null, false, false);
    }
  }

  // ---- bytes ---------------------------------------------------------------------------------

  int u8() {
    if (position >= limit) {
      throw NoMoreBytes.INSTANCE;
    }
    return code[position++] & 0xff;
  }

  /** The next byte, which stays unread. */
  int peek() {
    int b = u8();
    position--;
    return b;
  }

  int s8() {
    return (byte) u8();
  }

  int u16() {
    return u8() | u8() << 8;
  }

  int s32() {
    return u16() | u16() << 16;
  }

  long s64() {
    return (s32() & 0xffff_ffffL) | (long) s32() << 32;
  }

  /** Immediate of an operand size: 1 to 4 bytes, sign-extended; 4 bytes for 8-byte operands. */
  long immediate(int size) {
    return switch (size) {
      case 1 -> s8();
      case 2 -> (short) u16();
      default -> s32();
    };
  }

  /** The byte read last. */
  int lastByte() {
    return code[position - 1] & 0xff;
  }

  /** To read bytes again: {@code length} as {@link #length} was before. */
  void goBack(int length) {
    position = start + length;
  }

  /** Number of bytes read. */
  int length() {
    return position - start;
  }

  /** Address after the bytes read. */
  long next() {
    return pc + length();
  }

  // ---- prefixes and sizes --------------------------------------------------------------------

  /** Reads all prefixes; returns the first opcode byte. */
  int prefixes() {
    for (; ; ) {
      int b = u8();
      switch (b) {
        case 0x26 -> override = ES;
        case 0x2e -> override = CS;
        case 0x36 -> override = SS;
        case 0x3e -> override = DS;
        case 0x64 -> override = FS;
        case 0x65 -> override = GS;
        case 0x66 -> operandPrefix = true;
        case 0x67 -> addressPrefix = true;
        case 0xf0 -> lock = true;
        case 0xf2, 0xf3 -> repeat = b;
        default -> {
          // QEMU 10.0 keeps a REX prefix that other prefixes follow.
          if (!is64() || (b & 0xf0) != 0x40) {
            return b;
          }
          rex = b;
        }
      }
    }
  }

  boolean is64() {
    return mode == Mode.CODE64;
  }

  boolean rexW() {
    return (rex & 8) != 0;
  }

  /** Operand size in bytes (2, 4, 8) of an instruction without a default of its own. */
  int operandSize() {
    if (rexW()) {
      return 8;
    }
    return (mode == Mode.CODE16) == operandPrefix ? 4 : 2;
  }

  /** Operand size in bytes of stack instructions: 8 in 64-bit mode unless 0x66 makes it 2. */
  int stackOperandSize() {
    if (is64()) {
      return operandPrefix && !rexW() ? 2 : 8;
    }
    return operandSize();
  }

  /** Address size in bytes (2, 4, 8). */
  int addressSize() {
    if (is64()) {
      return addressPrefix ? 4 : 8;
    }
    return (mode == Mode.CODE16) == addressPrefix ? 4 : 2;
  }

  /** Register number in the low bits of an opcode, with REX.B. */
  int opcodeRegister(int opcode) {
    return opcode & 7 | (rex & 1) << 3;
  }

  // ---- ModRM ---------------------------------------------------------------------------------

  /** Reads ModRM, SIB and displacement. */
  DecodeContext modrm() {
    int b = u8();
    mod = b >> 6;
    reg = (b >> 3) & 7 | (rex & 4) << 1;
    int low = b & 7;
    rm = low | (rex & 1) << 3;
    if (mod == 3) {
      return this;
    }
    if (addressSize() == 2) {
      operand16(low);
      return this;
    }
    if (low == 4) {
      sib = u8();
      scale = sib >> 6;
      index = (sib >> 3) & 7 | (rex & 2) << 2;
      if (index == 4) {
        index = NONE;
        scale = 0;
      }
      low = sib & 7;
    } else if (low == 5 && mod == 0) {
      displacement = s32();
      ripRelative = is64();
      return this;
    }
    if (low == 5 && mod == 0) {
      displacement = s32();
      return this;
    }
    base = low | (rex & 1) << 3;
    if (base == 4 || base == 5) {
      defaultSegment = SS;
    }
    if (mod == 1) {
      displacement = s8();
    } else if (mod == 2) {
      displacement = s32();
    }
    return this;
  }

  /** 16-bit forms, SDM vol. 2, table 2-1. */
  private void operand16(int low) {
    if (low == 6 && mod == 0) {
      displacement = u16();
      return;
    }
    base = low < 4 ? (low & 2) == 0 ? 3 : 5 : low == 4 ? 6 : low == 5 ? 7 : low == 6 ? 5 : 3;
    if (low < 4) {
      index = (low & 1) == 0 ? 6 : 7;
    }
    if (base == 5) {
      defaultSegment = SS;
    }
    displacement = mod == 1 ? s8() : mod == 2 ? (short) u16() : 0;
  }

  /** True when ModRM named memory. */
  boolean isMemory() {
    return mod != 3;
  }

  /** The opcode extension in ModRM's reg field. */
  int extension() {
    return reg & 7;
  }

  /** The operand named by ModRM's mod and rm. All bytes of the instruction must have been read. */
  Operand rm(int size) {
    return isMemory() ? Operand.memory(address(), size) : register(rm, size);
  }

  /** The register operand named by ModRM's reg. */
  Operand reg(int size) {
    return register(reg, size);
  }

  /** A register operand; without REX, byte registers 4-7 are ah, ch, dh, bh. */
  Operand register(int number, int size) {
    return Operand.register(number, size, rex != 0);
  }

  /** The memory operand. All bytes of the instruction must have been read. */
  Address address() {
    long offset = ripRelative ? displacement + next() : displacement;
    return Address.of(
        base, index, scale, offset, override >= 0 ? override : defaultSegment, addressSize(), mode);
  }

  /** The SIB byte, or -1 when there was none. */
  int sib() {
    return sib;
  }

  /** The memory operand without its index, for those that index by a vector (VSIB). */
  Address addressWithoutIndex() {
    int segment = override >= 0 ? override : defaultSegment;
    return Address.of(base, NONE, 0, displacement, segment, addressSize(), mode);
  }

  /** The memory operand of POP: an address based on rsp counts from after the pop. */
  Address addressAfterPop(int size) {
    if (base == 4) {
      displacement += size;
    }
    return address();
  }

  /** The memory operand at an absolute offset (MOV moffs). */
  Address absoluteAddress(long offset) {
    int segment = override >= 0 ? override : DS;
    return Address.of(NONE, NONE, 0, offset, segment, addressSize(), mode);
  }

  /** A memory operand addressed by one register (string instructions, XLAT). */
  Address registerAddress(int register, int segment) {
    return Address.of(register, NONE, 0, 0, segment, addressSize(), mode);
  }
}
