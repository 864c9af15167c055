package org.chronovisor.query;

import static org.chronovisor.query.Effect.How.ADDRESS;
import static org.chronovisor.query.Effect.How.ARITHMETIC;
import static org.chronovisor.query.Effect.How.CONDITION;
import static org.chronovisor.query.Effect.How.CONSTANT;
import static org.chronovisor.query.Effect.How.COPY;
import static org.chronovisor.query.Effect.How.EXTEND;
import static org.chronovisor.query.Effect.How.MACHINE;
import static org.chronovisor.query.Effect.How.PORT;
import static org.chronovisor.query.Effect.How.SELECT;
import static org.chronovisor.query.Effect.How.STRING;

import java.util.ArrayList;
import java.util.List;
import org.chronovisor.query.InstructionShape.Control;

/** Reads one instruction's bytes (Intel SDM vol. 2, chapter 2 and appendix A). */
@SuppressWarnings("StatementSwitchToExpressionSwitch") // most cases are two statements
final class ShapeParser {
  private static final int LONGEST = 15;
  private static final int RAX = 0;
  private static final int RCX = 1;
  private static final int RDX = 2;
  private static final int RBX = 3;
  private static final int RSP = 4;
  private static final int RBP = 5;
  private static final int RSI = 6;
  private static final int RDI = 7;

  private final byte[] code;
  private final boolean wide;
  private int at;
  private int rex;
  private boolean operand16;
  private boolean address32;
  private int repeat;
  private int segment = -1;
  private int reg;
  private int rm;
  private MemoryOperand memory;

  private final List<Effect> effects = new ArrayList<>();
  private List<Operand> compared = List.of();
  private Control control = Control.NEXT;
  private Operand target;
  private int slot;
  private boolean complete = true;

  ShapeParser(byte[] code, boolean wide) {
    this.code = code;
    this.wide = wide;
  }

  InstructionShape parse() {
    int opcode = next();
    for (; isPrefix(opcode); opcode = next()) {
      if (at >= LONGEST) {
        return null;
      }
      switch (opcode) {
        case 0x66 -> operand16 = true;
        case 0x67 -> address32 = true;
        case 0x64 -> segment = 4;
        case 0x65 -> segment = 5;
        case 0xf2, 0xf3 -> repeat = opcode;
        default -> {
          if (wide && (opcode & 0xf0) == 0x40) {
            rex = opcode;
          }
        }
      }
    }
    if (address32 && !wide) {
      return null; // 16-bit addresses
    }
    boolean known = opcode == 0x0f ? twoBytes(next()) : oneByte(opcode);
    if (!known || at > LONGEST || at > code.length) {
      return null;
    }
    return new InstructionShape(at, control, target, slot, effects, compared, complete);
  }

  private boolean isPrefix(int b) {
    return switch (b) {
      case 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3 -> true;
      default -> wide && (b & 0xf0) == 0x40;
    };
  }

  // ---- bytes and sizes -------------------------------------------------------------------------

  private int next() {
    return code[at++] & 0xff;
  }

  private long immediate(int size) {
    long value = 0;
    for (int i = 0; i < size; i++) {
      value |= (long) next() << (8 * i);
    }
    int shift = 64 - 8 * size;
    return value << shift >> shift;
  }

  private int operandSize() {
    return (rex & 8) != 0 ? 8 : operand16 ? 2 : 4;
  }

  private int sizeOf(int opcode) {
    return (opcode & 1) == 0 ? 1 : operandSize();
  }

  private int stackSize() {
    return operand16 ? 2 : wide ? 8 : 4;
  }

  private int immediateSize() {
    return operand16 && (rex & 8) == 0 ? 2 : 4;
  }

  private int pointerSize() {
    return wide && !address32 ? 8 : 4;
  }

  // ---- operands --------------------------------------------------------------------------------

  private Operand register(int number, int size) {
    if (size == 1 && rex == 0 && number >= 4 && number < 8) {
      return new Operand(Operand.Kind.REGISTER, number - 4, 1, 1, null, 0);
    }
    return Operand.register(number, size);
  }

  private Operand rm(int size) {
    return memory != null ? Operand.memory(memory, size) : register(rm, size);
  }

  private Operand reg(int size) {
    return register(reg, size);
  }

  private Operand vector(int size) {
    return Operand.vector(reg, 0, size);
  }

  private Operand vectorOrMemory(int size) {
    return memory != null ? Operand.memory(memory, size) : Operand.vector(rm, 0, size);
  }

  /** The stack's memory at a distance from the stack pointer before the instruction. */
  private Operand stack(long displacement, int size) {
    return Operand.memory(MemoryOperand.at(RSP, displacement, wide), size);
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
      displacement = immediate(4);
    }
    memory = new MemoryOperand(base, index, scale, displacement, segment, relative, pointerSize());
  }

  // ---- effects ---------------------------------------------------------------------------------

  private boolean effect(Operand to, Effect.How how, Operand... from) {
    effects.add(new Effect(to, how, List.of(from)));
    return true;
  }

  /** A known length, and effects that are not told. */
  private boolean opaque(int immediate) {
    at += immediate;
    complete = false;
    return true;
  }

  /** Writes no register, and no memory worth following. */
  private boolean nothing(int immediate) {
    at += immediate;
    return true;
  }

  private boolean control(Control to, int immediate) {
    control = to;
    at += immediate;
    return true;
  }

  /** Sends control elsewhere by way of the system, and writes some registers. */
  private boolean system(int immediate, int... registers) {
    for (int register : registers) {
      effect(Operand.register(register, wide ? 8 : 4), MACHINE);
    }
    return control(Control.SYSTEM, immediate);
  }

  private boolean compare(Operand left, Operand right) {
    compared = List.of(left, right);
    return true;
  }

  private boolean stackMoves(long by) {
    return effect(
        Operand.register(RSP, wide ? 8 : 4),
        ARITHMETIC,
        Operand.register(RSP, wide ? 8 : 4),
        Operand.constant(by, 8));
  }

  private boolean push(Operand what) {
    int size = stackSize();
    stackMoves(-size);
    return effect(stack(-size, size), what.kind() == Operand.Kind.CONSTANT ? CONSTANT : COPY, what);
  }

  private boolean pop(Operand to) {
    int size = stackSize();
    // pop %rsp leaves what was popped.
    if (to.kind() != Operand.Kind.REGISTER || to.number() != RSP) {
      stackMoves(size);
    }
    return effect(to, COPY, stack(0, size));
  }

  private boolean call(Operand to, int immediate) {
    at += immediate;
    control = Control.CALL;
    target = to;
    slot = wide ? 8 : 4;
    stackMoves(-slot);
    return effect(stack(-slot, slot), CONSTANT, Operand.constant(0, slot));
  }

  private boolean returns(int immediate) {
    int adjust = immediate == 0 ? 0 : (int) immediate(immediate) & 0xffff;
    control = Control.RETURN;
    slot = wide ? 8 : 4;
    target = stack(0, slot);
    return stackMoves(slot + adjust);
  }

  /** The eight operations of 00-3F and 80-83; compare is the last. */
  private boolean arithmetic(int operation, Operand to, Operand from) {
    if (operation == 7) {
      return compare(to, from);
    }
    boolean same = to.equals(from);
    if (same && (operation == 6 || operation == 5)) {
      return effect(to, CONSTANT, Operand.constant(0, to.size()));
    }
    if (operation == 4 && from.kind() == Operand.Kind.CONSTANT && from.value() == 0) {
      return effect(to, CONSTANT, from);
    }
    return effect(to, ARITHMETIC, to, from);
  }

  private boolean exchange(Operand a, Operand b) {
    effect(a, COPY, b);
    return effect(b, COPY, a);
  }

  // ---- one-byte opcodes ------------------------------------------------------------------------

  private boolean oneByte(int opcode) {
    if (opcode < 0x40) {
      return lowRows(opcode);
    }
    if (opcode < 0x50) {
      Operand to = register(opcode & 7, operandSize());
      return effect(to, ARITHMETIC, to, Operand.constant(opcode < 0x48 ? 1 : -1, 4));
    }
    if (opcode < 0x60) {
      Operand named = Operand.register((opcode & 7) | (rex & 1) << 3, stackSize());
      return opcode < 0x58 ? push(named) : pop(named);
    }
    switch (opcode >> 4) {
      case 6:
        return row6(opcode);
      case 7:
        return control(Control.BRANCH, 1);
      case 8:
        return row8(opcode);
      case 9:
        return row9(opcode);
      case 0xa:
        return rowA(opcode);
      case 0xb:
        int number = (opcode & 7) | (rex & 1) << 3;
        int size = opcode < 0xb8 ? 1 : operandSize();
        return effect(register(number, size), CONSTANT, Operand.constant(immediate(size), size));
      case 0xc:
        return rowC(opcode);
      case 0xd:
        return rowD(opcode);
      case 0xe:
        return rowE(opcode);
      default:
        return rowF(opcode);
    }
  }

  private boolean lowRows(int opcode) {
    int operation = opcode >> 3;
    int size = sizeOf(opcode);
    switch (opcode & 7) {
      case 0, 1:
        modrm();
        return arithmetic(operation, rm(size), reg(size));
      case 2, 3:
        modrm();
        return arithmetic(operation, reg(size), rm(size));
      case 4, 5:
        int immediate = size == 1 ? 1 : immediateSize();
        return arithmetic(
            operation, register(RAX, size), Operand.constant(immediate(immediate), size));
      default:
        return wide ? false : opaque(0); // segment pushes and pops, decimal adjustments
    }
  }

  private boolean row6(int opcode) {
    switch (opcode) {
      case 0x60, 0x61:
        return opaque(0);
      case 0x62:
        return false;
      case 0x63:
        modrm();
        return wide ? effect(reg(operandSize()), EXTEND, rm(4)) : opaque(0);
      case 0x68:
        return push(Operand.constant(immediate(immediateSize()), stackSize()));
      case 0x6a:
        return push(Operand.constant(immediate(1), stackSize()));
      case 0x69, 0x6b:
        modrm();
        int size = operandSize();
        int length = opcode == 0x6b ? 1 : immediateSize();
        return effect(reg(size), ARITHMETIC, rm(size), Operand.constant(immediate(length), size));
      case 0x6c, 0x6d:
        return string(opcode, null, string(RDI), PORT);
      case 0x6e, 0x6f:
        return string(opcode, null, null, null);
      default:
        return opaque(0);
    }
  }

  private boolean row8(int opcode) {
    modrm();
    int size = sizeOf(opcode);
    switch (opcode) {
      case 0x80, 0x82:
        return arithmetic(reg & 7, rm(1), Operand.constant(immediate(1), 1));
      case 0x81:
        Operand to = rm(size);
        return arithmetic(reg & 7, to, Operand.constant(immediate(immediateSize()), size));
      case 0x83:
        return arithmetic(reg & 7, rm(size), Operand.constant(immediate(1), size));
      case 0x84, 0x85:
        return compare(rm(size), reg(size));
      case 0x86, 0x87:
        return exchange(rm(size), reg(size));
      case 0x88, 0x89:
        return effect(rm(size), COPY, reg(size));
      case 0x8a, 0x8b:
        return effect(reg(size), COPY, rm(size));
      case 0x8c:
        return effect(rm(memory != null ? 2 : operandSize()), MACHINE);
      case 0x8d:
        return address(operandSize());
      case 0x8e:
        return nothing(0);
      default:
        if (memory != null && memory.base() == RSP) {
          return opaque(0); // its address counts from after the pop
        }
        return pop(rm(stackSize()));
    }
  }

  private boolean address(int size) {
    if (memory == null) {
      return false;
    }
    List<Operand> from = new ArrayList<>();
    if (memory.base() >= 0) {
      from.add(Operand.register(memory.base(), pointerSize()));
    }
    if (memory.index() >= 0) {
      // The scale, where other registers have nothing.
      from.add(
          new Operand(
              Operand.Kind.REGISTER, memory.index(), 0, pointerSize(), null, memory.scale()));
    }
    if (from.isEmpty()) {
      return effect(reg(size), CONSTANT, Operand.memory(memory, 0));
    }
    if (memory.displacement() != 0) {
      from.add(Operand.constant(memory.displacement(), 8));
    }
    effects.add(new Effect(reg(size), ADDRESS, from));
    return true;
  }

  private boolean row9(int opcode) {
    if (opcode < 0x98) {
      int number = (opcode & 7) | (rex & 1) << 3;
      int size = operandSize();
      return number == RAX
          ? nothing(0)
          : exchange(register(RAX, size), Operand.register(number, size));
    }
    int size = operandSize();
    switch (opcode) {
      case 0x98:
        return effect(register(RAX, size), EXTEND, Operand.register(RAX, size / 2));
      case 0x99:
        return effect(register(RDX, size), ARITHMETIC, register(RAX, size));
      case 0x9a:
        return system(immediateSize() + 2, RSP);
      case 0x9b, 0x9e:
        return nothing(0);
      case 0x9c:
        stackMoves(-stackSize());
        return effect(stack(-stackSize(), stackSize()), CONDITION);
      case 0x9d:
        return stackMoves(stackSize());
      default:
        return effect(new Operand(Operand.Kind.REGISTER, RAX, 1, 1, null, 0), CONDITION);
    }
  }

  private boolean rowA(int opcode) {
    int size = sizeOf(opcode);
    if (opcode < 0xa4) {
      long address = immediate(pointerSize());
      MemoryOperand absolute = new MemoryOperand(-1, -1, 1, address, segment, false, pointerSize());
      Operand there = Operand.memory(absolute, size);
      Operand accumulator = register(RAX, size);
      return opcode < 0xa2 ? effect(accumulator, COPY, there) : effect(there, COPY, accumulator);
    }
    switch (opcode) {
      case 0xa4, 0xa5:
        return string(opcode, string(RSI), string(RDI), STRING);
      case 0xa6, 0xa7:
        return string(opcode, string(RSI), null, null);
      case 0xa8:
        return compare(register(RAX, 1), Operand.constant(immediate(1), 1));
      case 0xa9:
        return compare(register(RAX, size), Operand.constant(immediate(immediateSize()), size));
      case 0xaa, 0xab:
        return string(opcode, null, string(RDI), STRING);
      case 0xac, 0xad:
        return string(opcode, string(RSI), null, STRING);
      default:
        return string(opcode, null, null, null);
    }
  }

  private MemoryOperand string(int register) {
    return new MemoryOperand(
        register, -1, 1, 0, register == RSI ? segment : -1, false, pointerSize());
  }

  /** A string instruction: what it moves, and the counters it advances. */
  private boolean string(int opcode, MemoryOperand from, MemoryOperand to, Effect.How how) {
    int size = sizeOf(opcode);
    if (how == PORT) {
      effect(Operand.memory(to, size), PORT);
    } else if (how != null) {
      Operand source = from != null ? Operand.memory(from, size) : Operand.register(RAX, size);
      Operand place = to != null ? Operand.memory(to, size) : register(RAX, size);
      effect(place, repeat == 0 || to == null ? COPY : STRING, source);
    }
    int pointer = pointerSize();
    boolean source = from != null || opcode == 0x6e || opcode == 0x6f;
    boolean sink = to != null || opcode == 0xa6 || opcode == 0xa7 || opcode >= 0xae;
    if (source) {
      advance(RSI, pointer);
    }
    if (sink) {
      advance(RDI, pointer);
    }
    if (repeat != 0) {
      advance(RCX, pointer);
    }
    return true;
  }

  private void advance(int register, int size) {
    Operand moved = Operand.register(register, size);
    effect(moved, ARITHMETIC, moved);
  }

  private boolean rowC(int opcode) {
    int size = sizeOf(opcode);
    switch (opcode) {
      case 0xc0, 0xc1:
        modrm();
        return effect(rm(size), ARITHMETIC, rm(size), Operand.constant(immediate(1), 1));
      case 0xc2:
        return returns(2);
      case 0xc3:
        return returns(0);
      case 0xc4, 0xc5:
        return vex(opcode);
      case 0xc6, 0xc7:
        modrm();
        int length = size == 1 ? 1 : immediateSize();
        Operand to = rm(size);
        return effect(to, CONSTANT, Operand.constant(immediate(length), size));
      case 0xc8:
        return opaque(3);
      case 0xc9:
        int pointer = wide ? 8 : 4;
        effect(
            Operand.register(RSP, pointer),
            ARITHMETIC,
            Operand.register(RBP, pointer),
            Operand.constant(pointer, 8));
        return effect(
            Operand.register(RBP, pointer),
            COPY,
            Operand.memory(MemoryOperand.at(RBP, 0, wide), pointer));
      case 0xca:
        return system(2, RSP);
      case 0xcb:
        return system(0, RSP);
      case 0xcd:
        return system(1, RSP);
      default:
        return system(0, RSP);
    }
  }

  private boolean rowD(int opcode) {
    if (opcode >= 0xd8) {
      modrm();
      return floatingPoint(opcode);
    }
    switch (opcode) {
      case 0xd0, 0xd1:
        modrm();
        return effect(rm(sizeOf(opcode)), ARITHMETIC, rm(sizeOf(opcode)));
      case 0xd2, 0xd3:
        modrm();
        return effect(rm(sizeOf(opcode)), ARITHMETIC, rm(sizeOf(opcode)), Operand.register(RCX, 1));
      case 0xd4, 0xd5:
        return wide ? false : opaque(1);
      case 0xd7:
        return opaque(0);
      default:
        return false;
    }
  }

  /** x87: writes no general register but fnstsw %ax; stores are not followed further. */
  private boolean floatingPoint(int opcode) {
    if (memory == null) {
      return opcode == 0xdf && rm == 0 && (reg & 7) == 4 ? opaque(0) : nothing(0);
    }
    int extension = reg & 7;
    boolean stores =
        switch (opcode) {
          case 0xd9, 0xdf -> extension == 2 || extension == 3 || extension == 7;
          case 0xdb -> extension == 1 || extension == 2 || extension == 3 || extension == 7;
          case 0xdd -> extension == 1 || extension == 2 || extension == 3;
          default -> false;
        };
    int size = opcode == 0xdd ? 8 : opcode == 0xdf ? extension == 7 ? 8 : 2 : 4;
    return stores ? effect(Operand.memory(memory, size), ARITHMETIC) : nothing(0);
  }

  private boolean rowE(int opcode) {
    switch (opcode) {
      case 0xe0, 0xe1, 0xe2:
        Operand counter = Operand.register(RCX, pointerSize());
        effect(counter, ARITHMETIC, counter, Operand.constant(-1, 8));
        return control(Control.BRANCH, 1);
      case 0xe3:
        return control(Control.BRANCH, 1);
      case 0xe4:
        at++;
        return effect(register(RAX, 1), PORT);
      case 0xe5:
        at++;
        return effect(register(RAX, operandSize()), PORT);
      case 0xe6, 0xe7:
        return nothing(1);
      case 0xe8:
        return call(null, 4);
      case 0xe9:
        return control(Control.JUMP, 4);
      case 0xea:
        return control(Control.SYSTEM, immediateSize() + 2);
      case 0xeb:
        return control(Control.JUMP, 1);
      case 0xec, 0xed:
        return effect(register(RAX, opcode == 0xec ? 1 : operandSize()), PORT);
      default:
        return nothing(0);
    }
  }

  private boolean rowF(int opcode) {
    switch (opcode) {
      case 0xf6, 0xf7:
        modrm();
        return group3(sizeOf(opcode));
      case 0xfe, 0xff:
        modrm();
        return group5(sizeOf(opcode));
      case 0xf1:
        return system(0, RSP);
      default:
        return nothing(0);
    }
  }

  private boolean group3(int size) {
    Operand operand = rm(size);
    switch (reg & 7) {
      case 0, 1:
        return compare(operand, Operand.constant(immediate(size == 1 ? 1 : immediateSize()), size));
      case 2, 3:
        return effect(operand, ARITHMETIC, operand);
      default:
        break;
    }
    boolean divides = (reg & 7) >= 6;
    if (divides) {
      compared = List.of(operand);
    }
    Operand low = Operand.register(RAX, size == 1 ? 2 : size);
    Operand high = Operand.register(RDX, size);
    if (size == 1) {
      return effect(low, ARITHMETIC, Operand.register(RAX, divides ? 2 : 1), operand);
    }
    if (divides) {
      effect(low, ARITHMETIC, low, operand, high);
      return effect(high, ARITHMETIC, low, operand, high);
    }
    effect(low, ARITHMETIC, low, operand);
    return effect(high, ARITHMETIC, low, operand);
  }

  private boolean group5(int size) {
    int pointer = wide ? 8 : 4;
    switch (reg & 7) {
      case 0, 1:
        Operand operand = rm(size);
        return effect(
            operand, ARITHMETIC, operand, Operand.constant((reg & 7) == 0 ? 1 : -1, size));
      case 2:
        return call(rm(pointer), 0);
      case 3, 5:
        return system(0, RSP);
      case 4:
        target = rm(pointer);
        return control(Control.JUMP, 0);
      case 6:
        return push(rm(stackSize()));
      default:
        return false;
    }
  }

  // ---- 0F opcodes ------------------------------------------------------------------------------

  private boolean twoBytes(int opcode) {
    switch (opcode) {
      case 0x05:
        return system(0, RCX, 11);
      case 0x07, 0x34, 0x35:
        return system(0, RSP);
      case 0x06, 0x08, 0x09, 0x30, 0x77, 0xaa:
        return opcode == 0xaa ? opaque(0) : nothing(0);
      case 0x0b:
        return control(Control.SYSTEM, 0);
      case 0x31, 0x32, 0x33:
        effect(register(RAX, 4), MACHINE);
        return effect(register(RDX, 4), MACHINE);
      case 0x38:
        return map38(next());
      case 0x3a:
        next();
        modrm();
        return opaque(1);
      case 0xa0, 0xa8:
        stackMoves(-stackSize());
        return effect(stack(-stackSize(), stackSize()), MACHINE);
      case 0xa1, 0xa9:
        return stackMoves(stackSize());
      case 0xa2:
        for (int register : new int[] {RAX, RBX, RCX, RDX}) {
          effect(register(register, 4), MACHINE);
        }
        return true;
      default:
        break;
    }
    if (opcode >= 0x80 && opcode < 0x90) {
      return control(Control.BRANCH, 4);
    }
    if (opcode >= 0xc8 && opcode < 0xd0) {
      Operand swapped = Operand.register((opcode & 7) | (rex & 1) << 3, operandSize());
      return effect(swapped, ARITHMETIC, swapped);
    }
    if (opcode == 0x04 || opcode == 0x0a || opcode == 0x0c || (opcode >> 3) == 7) {
      return false;
    }
    modrm();
    return switch (opcode >> 4) {
      case 0 -> opcode == 0x0d ? nothing(0) : opaque(0);
      case 1 -> row0f1(opcode);
      case 2 -> row0f2(opcode);
      case 4 -> effect(reg(operandSize()), SELECT, rm(operandSize()), reg(operandSize()));
      case 5 -> row0f5(opcode);
      case 6, 7 -> rows0f67(opcode);
      case 9 -> effect(rm(1), CONDITION);
      case 0xa, 0xb -> rows0fab(opcode);
      case 0xc -> row0fc(opcode);
      default -> rows0fdef(opcode);
    };
  }

  private boolean map38(int opcode) {
    modrm();
    if (opcode == 0xf0 || opcode == 0xf1) { // movbe and crc32
      int size = operandSize();
      if (repeat == 0xf2) {
        return effect(reg(4), ARITHMETIC, reg(4), rm(opcode == 0xf0 ? 1 : size));
      }
      return opcode == 0xf0
          ? effect(reg(size), ARITHMETIC, rm(size))
          : effect(rm(size), ARITHMETIC, reg(size));
    }
    if (opcode == 0x17) {
      return compare(vector(16), vectorOrMemory(16));
    }
    if (opcode < 0xf0 && (opcode < 0x80 || opcode >= 0xc8)) {
      return effect(vector(16), ARITHMETIC, vector(16), vectorOrMemory(16));
    }
    return opaque(0);
  }

  private int scalarSize() {
    return repeat == 0xf3 ? 4 : repeat == 0xf2 ? 8 : 16;
  }

  /** A load into a vector register: what it does not load is zeroed when it comes from memory. */
  private boolean vectorLoad(int size) {
    return effect(
        vector(memory != null ? 16 : size),
        size == 16 || memory == null ? COPY : EXTEND,
        vectorOrMemory(size));
  }

  private boolean row0f1(int opcode) {
    switch (opcode) {
      case 0x10:
        return vectorLoad(scalarSize());
      case 0x11:
        return effect(vectorOrMemory(scalarSize()), COPY, vector(scalarSize()));
      case 0x12, 0x13, 0x16, 0x17:
        if (repeat != 0 || (memory == null && operand16)) {
          return effect(vector(16), ARITHMETIC, vectorOrMemory(16));
        }
        int half = opcode >= 0x16 ? 8 : 0;
        Operand place = Operand.vector(reg, half, 8);
        if (memory == null) { // movhlps, movlhps
          return effect(place, COPY, Operand.vector(rm, 8 - half, 8));
        }
        return (opcode & 1) == 0 ? effect(place, COPY, rm(8)) : effect(rm(8), COPY, place);
      case 0x14, 0x15:
        return effect(vector(16), ARITHMETIC, vector(16), vectorOrMemory(16));
      default:
        return nothing(0); // prefetch, endbr, nop
    }
  }

  private boolean row0f2(int opcode) {
    switch (opcode) {
      case 0x20, 0x21:
        return effect(Operand.register(rm, wide ? 8 : 4), MACHINE);
      case 0x22, 0x23:
        return nothing(0);
      case 0x28:
        return vectorLoad(16);
      case 0x29, 0x2b:
        return effect(vectorOrMemory(16), COPY, vector(16));
      case 0x2a:
        return repeat == 0
            ? effect(vector(16), ARITHMETIC)
            : effect(vector(scalarSize()), ARITHMETIC, rm((rex & 8) != 0 ? 8 : 4));
      case 0x2c, 0x2d:
        return repeat == 0
            ? nothing(0)
            : effect(reg((rex & 8) != 0 ? 8 : 4), ARITHMETIC, vectorOrMemory(scalarSize()));
      case 0x2e, 0x2f:
        return compare(vector(operand16 ? 8 : 4), vectorOrMemory(operand16 ? 8 : 4));
      default:
        return false;
    }
  }

  private boolean row0f5(int opcode) {
    if (opcode == 0x50) {
      return effect(reg(4), ARITHMETIC, Operand.vector(rm, 0, 16));
    }
    return vectorArithmetic(scalarSize(), opcode == 0x57);
  }

  private boolean vectorArithmetic(int size, boolean exclusive) {
    if (exclusive && memory == null && reg == rm) {
      return effect(vector(16), CONSTANT, Operand.constant(0, 16));
    }
    return effect(vector(size), ARITHMETIC, vector(size), vectorOrMemory(size));
  }

  private boolean rows0f67(int opcode) {
    boolean xmm = operand16 || repeat != 0;
    int wideSize = (rex & 8) != 0 ? 8 : 4;
    switch (opcode) {
      case 0x6e:
        return xmm ? effect(vector(16), EXTEND, rm(wideSize)) : nothing(0);
      case 0x6f:
        return xmm ? vectorLoad(16) : nothing(0);
      case 0x70:
        at++;
        return xmm ? effect(vector(16), ARITHMETIC, vectorOrMemory(16)) : nothing(0);
      case 0x71, 0x72, 0x73:
        at++;
        return xmm
            ? effect(Operand.vector(rm, 0, 16), ARITHMETIC, Operand.vector(rm, 0, 16))
            : nothing(0);
      case 0x7e:
        if (repeat == 0xf3) {
          return effect(vector(16), EXTEND, vectorOrMemory(8));
        }
        return xmm ? effect(rm(wideSize), COPY, vector(wideSize)) : effect(rm(wideSize), MACHINE);
      case 0x7f:
        return xmm
            ? effect(vectorOrMemory(16), COPY, vector(16))
            : memory == null ? nothing(0) : effect(rm(8), MACHINE);
      default:
        return xmm ? vectorArithmetic(16, false) : nothing(0);
    }
  }

  private boolean rows0fab(int opcode) {
    int size = operandSize();
    switch (opcode) {
      case 0xa3:
        return compare(rm(size), reg(size));
      case 0xa4, 0xac:
        at++;
        return effect(rm(size), ARITHMETIC, rm(size), reg(size));
      case 0xa5, 0xad:
        return effect(rm(size), ARITHMETIC, rm(size), reg(size), Operand.register(RCX, 1));
      case 0xab, 0xb3, 0xbb:
        return memory != null && opcode != 0 ? opaque(0) : effect(rm(size), ARITHMETIC, rm(size));
      case 0xae:
        return nothing(0);
      case 0xaf:
        return effect(reg(size), ARITHMETIC, reg(size), rm(size));
      case 0xb0, 0xb1:
        int compareSize = opcode == 0xb0 ? 1 : size;
        compared = List.of(register(RAX, compareSize), rm(compareSize));
        effect(rm(compareSize), SELECT, reg(compareSize), rm(compareSize));
        return effect(
            register(RAX, compareSize), SELECT, rm(compareSize), register(RAX, compareSize));
      case 0xb6, 0xbe:
        return effect(reg(size), EXTEND, rm(1));
      case 0xb7, 0xbf:
        return effect(reg(size), EXTEND, rm(2));
      case 0xb8, 0xbc, 0xbd:
        return effect(reg(size), ARITHMETIC, rm(size));
      case 0xba:
        at++;
        return (reg & 7) == 4 ? nothing(0) : effect(rm(size), ARITHMETIC, rm(size));
      default:
        return opaque(0);
    }
  }

  private boolean row0fc(int opcode) {
    int size = opcode == 0xc0 ? 1 : operandSize();
    switch (opcode) {
      case 0xc0, 0xc1:
        effect(reg(size), COPY, rm(size));
        return effect(rm(size), ARITHMETIC, rm(size), reg(size));
      case 0xc2:
        at++;
        return vectorArithmetic(scalarSize(), false);
      case 0xc3:
        return effect(rm(size), COPY, reg(size));
      case 0xc4:
        at++;
        return effect(vector(16), ARITHMETIC, vector(16), rm(2));
      case 0xc5:
        at++;
        return effect(reg(4), ARITHMETIC, Operand.vector(rm, 0, 16));
      case 0xc6:
        at++;
        return vectorArithmetic(16, false);
      default: // c7: rdrand, rdseed, rdpid and cmpxchg8b, cmpxchg16b
        return memory == null && (reg & 7) >= 6 ? effect(rm(size), MACHINE) : opaque(0);
    }
  }

  private boolean rows0fdef(int opcode) {
    boolean xmm = operand16 || repeat != 0;
    switch (opcode) {
      case 0xd6:
        return operand16 ? effect(vectorOrMemory(8), COPY, vector(8)) : opaque(0);
      case 0xd7:
        return effect(reg(4), ARITHMETIC, Operand.vector(rm, 0, 16));
      case 0xe7:
        return effect(rm(xmm ? 16 : 8), COPY, vector(xmm ? 16 : 8));
      case 0xf7:
        return opaque(0);
      default:
        return xmm ? vectorArithmetic(16, opcode == 0xef) : nothing(0);
    }
  }

  /** VEX instructions: their lengths, and the moves that have an SSE form. */
  private boolean vex(int opcode) {
    int first = next();
    int map = 1;
    int last = first;
    if (opcode == 0xc4) {
      map = first & 31;
      last = next();
      rex = 0x40 | (~first >> 5 & 7) | (last & 0x80) >> 4;
    } else {
      rex = 0x40 | (~first >> 5 & 4);
    }
    if (!wide || map < 1 || map > 3) {
      return false;
    }
    int operation = next();
    if (map == 1 && operation == 0x77) {
      return opaque(0);
    }
    modrm();
    boolean immediate =
        map == 3
            || (map == 1
                && ((operation >= 0x70 && operation <= 0x73)
                    || operation == 0xc2
                    || (operation >= 0xc4 && operation <= 0xc6)));
    return opaque(immediate ? 1 : 0);
  }
}
