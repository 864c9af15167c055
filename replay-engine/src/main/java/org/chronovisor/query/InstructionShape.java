package org.chronovisor.query;

import org.chronovisor.x86.CpuState;
import org.chronovisor.x86.Mode;

/**
 * Where an instruction takes its value from and where it puts it, as far as following a value needs
 * (Intel SDM vol. 2, 2.1 and appendix A). Not a model: it executes nothing.
 *
 * @param kind what it does with its operands; {@link Kind#OTHER} when nothing below is known
 * @param length in bytes
 * @param register general register that is loaded, stored, moved to or computed, or -1
 * @param source general register that is moved or added to, or -1
 * @param memory its memory operand, or null
 * @param size of the memory access in bytes, 0 when unknown
 */
record InstructionShape(Kind kind, int length, int register, int source, Memory memory, int size) {

  enum Kind {
    /** register = memory */
    LOAD,
    /** memory = register (or a constant, when register is -1) */
    STORE,
    /** register = source */
    MOVE,
    /** register = source + constant, or the address of the memory operand (lea) */
    ADD,
    /** Division by source, or by the memory operand. */
    DIVIDE,
    /** register = [rsp] */
    POP,
    PUSH,
    CALL,
    RETURN,
    /** An indirect jump. */
    JUMP,
    OTHER
  }

  /**
   * A memory operand.
   *
   * @param base general register or -1
   * @param index general register or -1
   * @param segment register in encoding order whose base is added: 4 fs, 5 gs, -1 none
   * @param relative to the next instruction
   */
  record Memory(
      int base,
      int index,
      int scale,
      long displacement,
      int segment,
      boolean relative,
      boolean wide) {
    /** Linear address, with registers as they are before the instruction. */
    long address(CpuState cpu, long pc, int length) {
      long sum = displacement;
      if (relative) {
        sum += pc + length;
      }
      if (base >= 0) {
        sum += cpu.words[base];
      }
      if (index >= 0) {
        sum += cpu.words[index] * scale;
      }
      if (segment >= 0) {
        sum += cpu.segments[segment].base();
      }
      return wide ? sum : sum & 0xffff_ffffL;
    }
  }

  /** Understands the instruction at the start of {@code code}; null when it cannot. */
  static InstructionShape of(byte[] code, Mode mode) {
    if (mode == Mode.CODE16) {
      return null;
    }
    try {
      return new Parser(code, mode == Mode.CODE64).parse();
    } catch (ArrayIndexOutOfBoundsException tooShort) {
      return null;
    }
  }

  boolean isCall() {
    return kind == Kind.CALL;
  }

  boolean isReturn() {
    return kind == Kind.RETURN;
  }

  /** Whether it is known to write a general register. */
  boolean writes(int general) {
    return register == general
        && (kind == Kind.LOAD || kind == Kind.MOVE || kind == Kind.ADD || kind == Kind.POP);
  }

  /** Reads one instruction's bytes. */
  @SuppressWarnings("StatementSwitchToExpressionSwitch") // most cases are two statements
  private static final class Parser {
    private static final int LONGEST = 15;

    private final byte[] code;
    private final boolean wide;
    private int at;
    private int rex;
    private boolean operand16;
    private int segment = -1;
    private int reg;
    private int rm;
    private Memory memory;

    Parser(byte[] code, boolean wide) {
      this.code = code;
      this.wide = wide;
    }

    private int next() {
      return code[at++] & 0xff;
    }

    InstructionShape parse() {
      int opcode = next();
      for (; isPrefix(opcode); opcode = next()) {
        if (at >= LONGEST) {
          return null;
        }
        rex = 0;
        switch (opcode) {
          case 0x66 -> operand16 = true;
          case 0x64 -> segment = 4;
          case 0x65 -> segment = 5;
          case 0x67 -> {
            return null; // 32-bit addresses: too rare to follow
          }
          default -> {
            if (wide && (opcode & 0xf0) == 0x40) {
              rex = opcode;
            }
          }
        }
      }
      InstructionShape shape = opcode == 0x0f ? twoBytes(next()) : oneByte(opcode);
      return shape == null || shape.length > LONGEST || shape.length > code.length ? null : shape;
    }

    private boolean isPrefix(int b) {
      return switch (b) {
        case 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3 -> true;
        default -> wide && (b & 0xf0) == 0x40;
      };
    }

    private int operandSize() {
      return (rex & 8) != 0 ? 8 : operand16 ? 2 : 4;
    }

    private int stackSize() {
      return wide ? 8 : 4;
    }

    private int immediateSize() {
      return operand16 && (rex & 8) == 0 ? 2 : 4;
    }

    private InstructionShape other(int immediate) {
      return shape(Kind.OTHER, -1, -1, 0, immediate);
    }

    private InstructionShape shape(Kind kind, int register, int source, int size, int immediate) {
      return new InstructionShape(kind, at + immediate, register, source, memory, size);
    }

    /** A byte register without REX that is ah, ch, dh or bh is part of another register. */
    private int byteRegister(int number) {
      return rex == 0 && number >= 4 && number < 8 ? -1 : number;
    }

    private void modrm() {
      int b = next();
      int mod = b >>> 6;
      reg = (b >>> 3 & 7) | (rex & 4) << 1;
      int low = b & 7;
      rm = low | (rex & 1) << 3;
      memory = null;
      if (mod == 3) {
        return;
      }
      int base = rm;
      int index = -1;
      int scale = 1;
      boolean relative = false;
      if (low == 4) {
        int sib = next();
        scale = 1 << (sib >>> 6);
        index = (sib >>> 3 & 7) | (rex & 2) << 2;
        if (index == 4) {
          index = -1;
        }
        base = (sib & 7) | (rex & 1) << 3;
        if ((sib & 7) == 5 && mod == 0) {
          base = -1;
        }
      } else if (low == 5 && mod == 0) {
        base = -1;
        relative = wide;
      }
      long displacement = 0;
      if (mod == 1) {
        displacement = code[at++];
      } else if (mod == 2 || base == -1) {
        displacement = littleEndian(4);
      }
      memory = new Memory(base, index, scale, displacement, segment, relative, wide);
    }

    private long littleEndian(int size) {
      long value = 0;
      for (int i = 0; i < size; i++) {
        value |= (long) next() << (8 * i);
      }
      return size == 4 ? (int) value : value;
    }

    private InstructionShape oneByte(int opcode) {
      if (opcode < 0x40) {
        return arithmetic(opcode);
      }
      if (opcode < 0x50) {
        return shape(Kind.OTHER, -1, -1, 0, 0); // inc, dec of 32-bit code
      }
      if (opcode < 0x60) {
        int number = (opcode & 7) | (rex & 1) << 3;
        return shape(opcode < 0x58 ? Kind.PUSH : Kind.POP, number, -1, stackSize(), 0);
      }
      if (opcode >= 0x70 && opcode < 0x80) {
        return other(1);
      }
      if (opcode >= 0x90 && opcode < 0xa0) {
        return opcode == 0x9a ? shape(Kind.CALL, -1, -1, 0, immediateSize() + 2) : other(0);
      }
      if (opcode >= 0xb0 && opcode < 0xc0) {
        return other(opcode < 0xb8 ? 1 : (rex & 8) != 0 ? 8 : immediateSize());
      }
      switch (opcode) {
        case 0x63: // movsxd
          modrm();
          return memory != null ? shape(Kind.LOAD, reg, -1, 4, 0) : shape(Kind.MOVE, reg, rm, 0, 0);
        case 0x68:
          return shape(Kind.PUSH, -1, -1, stackSize(), immediateSize());
        case 0x6a:
          return shape(Kind.PUSH, -1, -1, stackSize(), 1);
        case 0x69:
          modrm();
          return other(immediateSize());
        case 0x6b, 0xc0, 0xc1, 0x80, 0x82:
          modrm();
          return other(1);
        case 0x81, 0x83:
          modrm();
          // add and sub with a constant
          return memory == null && ((reg & 7) == 0 || (reg & 7) == 5)
              ? shape(Kind.ADD, rm, rm, 0, opcode == 0x83 ? 1 : immediateSize())
              : other(opcode == 0x83 ? 1 : immediateSize());
        case 0x84, 0x85, 0x86, 0x87, 0x8c, 0x8e, 0xd0, 0xd1, 0xd2, 0xd3:
          modrm();
          return other(0);
        case 0xd8, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xdf:
          modrm();
          return other(0);
        case 0x88:
          modrm();
          return memory != null ? shape(Kind.STORE, byteRegister(reg), -1, 1, 0) : other(0);
        case 0x89:
          modrm();
          return memory != null
              ? shape(Kind.STORE, reg, -1, operandSize(), 0)
              : shape(Kind.MOVE, rm, reg, 0, 0);
        case 0x8a:
          modrm();
          return memory != null ? shape(Kind.LOAD, byteRegister(reg), -1, 1, 0) : other(0);
        case 0x8b:
          modrm();
          return memory != null
              ? shape(Kind.LOAD, reg, -1, operandSize(), 0)
              : shape(Kind.MOVE, reg, rm, 0, 0);
        case 0x8d:
          modrm();
          return memory != null && (memory.index >= 0 || memory.base >= 0)
              ? shape(Kind.ADD, reg, memory.base >= 0 ? memory.base : memory.index, 0, 0)
              : other(0);
        case 0x8f:
          modrm();
          return memory == null ? shape(Kind.POP, rm, -1, stackSize(), 0) : other(0);
        case 0xa8, 0xcd, 0xd4, 0xd5, 0xe4, 0xe5, 0xe6, 0xe7, 0xeb:
          return other(1);
        case 0xe0, 0xe1, 0xe2, 0xe3:
          return other(1);
        case 0xa9:
          return other(immediateSize());
        case 0xa0, 0xa1, 0xa2, 0xa3:
          return other(wide ? 8 : 4);
        case 0xc2, 0xca:
          return shape(Kind.RETURN, -1, -1, stackSize(), 2);
        case 0xc3, 0xcb:
          return shape(Kind.RETURN, -1, -1, stackSize(), 0);
        case 0xc6:
          modrm();
          return memory != null ? shape(Kind.STORE, -1, -1, 1, 1) : other(1);
        case 0xc7:
          modrm();
          return memory != null
              ? shape(Kind.STORE, -1, -1, operandSize(), immediateSize())
              : other(immediateSize());
        case 0xc8:
          return other(3);
        case 0xc4, 0xc5, 0x62:
          return null; // VEX, EVEX
        case 0xe8:
          return shape(Kind.CALL, -1, -1, 0, 4);
        case 0xe9:
          return other(4);
        case 0xea:
          return other(immediateSize() + 2);
        case 0xf6:
          modrm();
          return (reg & 7) >= 6
              ? shape(Kind.DIVIDE, -1, memory == null ? byteRegister(rm) : -1, 1, 0)
              : other((reg & 7) < 2 ? 1 : 0);
        case 0xf7:
          modrm();
          return (reg & 7) >= 6
              ? shape(Kind.DIVIDE, -1, memory == null ? rm : -1, operandSize(), 0)
              : other((reg & 7) < 2 ? immediateSize() : 0);
        case 0xfe:
          modrm();
          return other(0);
        case 0xff:
          modrm();
          return group5();
        default:
          return other(0);
      }
    }

    private InstructionShape group5() {
      int source = memory == null ? rm : -1;
      return switch (reg & 7) {
        case 2 -> shape(Kind.CALL, -1, source, stackSize(), 0);
        case 3 -> shape(Kind.CALL, -1, -1, 0, 0);
        case 4 -> shape(Kind.JUMP, -1, source, stackSize(), 0);
        case 6 -> shape(Kind.PUSH, source, -1, stackSize(), 0);
        default -> other(0);
      };
    }

    /** The eight arithmetic operations in their six forms, and single-byte leftovers. */
    private InstructionShape arithmetic(int opcode) {
      switch (opcode & 7) {
        case 0, 1, 2, 3:
          modrm();
          return other(0);
        case 4:
          return other(1);
        case 5:
          // add and sub of the accumulator with a constant
          return opcode == 0x05 || opcode == 0x2d
              ? shape(Kind.ADD, 0, 0, 0, immediateSize())
              : other(immediateSize());
        default:
          return other(0);
      }
    }

    private InstructionShape twoBytes(int opcode) {
      if (opcode == 0x38) {
        next();
        modrm();
        return other(0);
      }
      if (opcode == 0x3a) {
        next();
        modrm();
        return other(1);
      }
      if (opcode >= 0x80 && opcode < 0x90) {
        return other(4);
      }
      if ((opcode >= 0x30 && opcode < 0x38) || (opcode >= 0xc8 && opcode < 0xd0)) {
        return other(0);
      }
      switch (opcode) {
        case 0x05, 0x06, 0x07, 0x08, 0x09, 0x0b, 0x77, 0xa0, 0xa1, 0xa2, 0xa8, 0xa9, 0xaa:
          return other(0);
        case 0x70, 0x71, 0x72, 0x73, 0xa4, 0xac, 0xba, 0xc2, 0xc4, 0xc5, 0xc6:
          modrm();
          return other(1);
        case 0xb6, 0xbe:
          modrm();
          return memory != null ? shape(Kind.LOAD, reg, -1, 1, 0) : other(0);
        case 0xb7, 0xbf:
          modrm();
          return memory != null ? shape(Kind.LOAD, reg, -1, 2, 0) : other(0);
        default:
          modrm();
          if (opcode >= 0x40 && opcode < 0x50) {
            // cmov: a load or a move when the register changed
            return memory != null
                ? shape(Kind.LOAD, reg, -1, operandSize(), 0)
                : shape(Kind.MOVE, reg, rm, 0, 0);
          }
          return other(0);
      }
    }
  }
}
