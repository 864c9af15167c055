package org.chronovisor.x86;

import static org.chronovisor.x86.RegionMethod.A;
import static org.chronovisor.x86.RegionMethod.B;
import static org.chronovisor.x86.RegionMethod.RESULT;

import org.objectweb.asm.Opcodes;

/**
 * Bytecode of the most frequent SSE instructions: those whose models dispatch once more. All others
 * have their models called.
 */
final class CompiledVector {
  private static final int DATA = 0x66;
  private static final int DOUBLE = 0xf2;
  private static final int SINGLE = 0xf3;

  private CompiledVector() {}

  /** Pushes a half of the result; the halves of the operands are given as local variables. */
  private interface Half {
    void write(RegionMethod code, int destination, int source);
  }

  /**
   * How a decoded instruction is compiled, or null when its model is called.
   *
   * @param prefix the mandatory prefix or 0
   */
  static Translation of(DecodeContext c, int opcode, int prefix) {
    boolean packed = prefix == 0 || prefix == DATA;
    return switch (opcode) {
      case 0x10, 0x28 -> packed ? load(c) : null;
      case 0x6f -> prefix == DATA || prefix == SINGLE ? load(c) : null;
      case 0x54 -> packed ? halves(c, binary(Opcodes.LAND)) : null;
      case 0x56 -> packed ? halves(c, binary(Opcodes.LOR)) : null;
      case 0x57 -> packed ? halves(c, binary(Opcodes.LXOR)) : null;
      case 0x58 -> arithmetic(c, prefix, "add");
      case 0x59 -> arithmetic(c, prefix, "multiply");
      case 0x5c -> arithmetic(c, prefix, "subtract");
      case 0x5e -> arithmetic(c, prefix, "divide");
      default -> prefix == DATA ? integer(c, opcode) : null;
    };
  }

  /** Opcodes 66 0F. */
  private static Translation integer(DecodeContext c, int opcode) {
    return switch (opcode) {
      case 0x62 -> whole(c, "unpackLowDwords");
      case 0x6a -> whole(c, "unpackHighDwords");
      case 0x70 -> shuffle(c, c.lastByte());
      case 0x71, 0x72, 0x73 -> shift(c, opcode << 4 | c.extension(), c.lastByte());
      case 0x74 -> halves(c, lanes("equalBytes"));
      case 0x75 -> halves(c, lanes("equalWords"));
      case 0x76 -> halves(c, helper(SseInteger.class, "equalDwords"));
      case 0xd4 -> halves(c, binary(Opcodes.LADD));
      case 0xdb -> halves(c, binary(Opcodes.LAND));
      case 0xeb -> halves(c, binary(Opcodes.LOR));
      case 0xef -> halves(c, binary(Opcodes.LXOR));
      case 0xf4 -> halves(c, helper(SseInteger.class, "multiplyDwords"));
      case 0xf8 -> halves(c, lanes("subtractBytes"));
      case 0xf9 -> halves(c, lanes("subtractWords"));
      case 0xfa -> halves(c, lanes("subtractDwords"));
      case 0xfb -> halves(c, binary(Opcodes.LSUB));
      case 0xfc -> halves(c, lanes("addBytes"));
      case 0xfd -> halves(c, lanes("addWords"));
      case 0xfe -> halves(c, lanes("addDwords"));
      default -> null;
    };
  }

  private static Half binary(int opcode) {
    return (code, destination, source) -> {
      code.get(destination);
      code.get(source);
      code.op(opcode);
    };
  }

  private static Half lanes(String name) {
    return helper(SseLanes.class, name);
  }

  private static Half helper(Class<?> type, String name) {
    return (code, destination, source) -> {
      code.get(destination);
      code.get(source);
      code.helper(type, name, "(JJ)J");
    };
  }

  /** Loads the source's halves into {@link RegionMethod#A} and {@link RegionMethod#B}. */
  private static void source(RegionMethod code, int register, Address address) {
    if (address == null) {
      code.vector(2 * register);
      code.set(A);
      code.vector(2 * register + 1);
    } else {
      code.linear(address);
      code.set(RegionMethod.ADDRESS);
      code.loadAtAddress(8);
      code.set(A);
      code.get(RegionMethod.ADDRESS);
      code.constant(8L);
      code.op(Opcodes.LADD);
      code.set(RegionMethod.ADDRESS);
      code.loadAtAddress(8);
    }
    code.set(B);
  }

  private static Translation of(Address address, Translation.Body body) {
    return new Translation(address == null ? 0 : Translation.FAULTS, body);
  }

  private static Address address(DecodeContext c) {
    return c.isMemory() ? c.address() : null;
  }

  /** Writes what becomes of the source's halves in {@link RegionMethod#A} and B. */
  private interface OfSource {
    void write(RegionMethod code, int to);
  }

  /** The destination is register reg, by the number of its lower half. */
  private static Translation ofSource(DecodeContext c, OfSource rest) {
    int to = 2 * c.reg;
    int from = c.rm;
    Address address = address(c);
    return of(
        address,
        code -> {
          source(code, from, address);
          rest.write(code, to);
        });
  }

  private static Translation load(DecodeContext c) {
    return ofSource(
        c,
        (code, to) -> {
          code.setVector(to, () -> code.get(A));
          code.setVector(to + 1, () -> code.get(B));
        });
  }

  private static Translation halves(DecodeContext c, Half half) {
    return ofSource(
        c,
        (code, to) -> {
          half(code, to, A, half);
          half(code, to + 1, B, half);
        });
  }

  private static void half(RegionMethod code, int to, int source, Half half) {
    code.vector(to);
    code.set(RESULT);
    code.setVector(to, () -> half.write(code, RESULT, source));
  }

  // ---- floating point ---------------------------------------------------------------------------

  private static Translation arithmetic(DecodeContext c, int prefix, String function) {
    return switch (prefix) {
      case DATA -> halves(c, (code, a, b) -> ofDoubles(code, function, a, b));
      case 0 -> halves(c, (code, a, b) -> ofFloats(code, function, a, b));
      case DOUBLE -> scalar(c, 8, (code, a, b) -> ofDoubles(code, function, a, b));
      default -> scalar(c, 4, (code, a, b) -> ofFloat(code, function, a, b));
    };
  }

  /** Only the low element is changed. */
  private static Translation scalar(DecodeContext c, int size, Half half) {
    int to = 2 * c.reg;
    int from = c.rm;
    Address address = address(c);
    return of(
        address,
        code -> {
          if (address == null) {
            code.vector(2 * from);
          } else {
            code.load(Operand.memory(address, size));
          }
          code.set(A);
          half(code, to, A, half);
        });
  }

  private static void ofDoubles(RegionMethod code, String function, int a, int b) {
    code.cpu();
    code.get(a);
    code.get(b);
    code.helper(SseFloat.class, function, "(Lorg/chronovisor/x86/Cpu;JJ)J");
  }

  private static void ofFloats(RegionMethod code, String function, int a, int b) {
    code.cpu();
    code.get(a);
    code.op(Opcodes.L2I);
    code.get(b);
    code.op(Opcodes.L2I);
    code.helper(SseFloat.class, function, "(Lorg/chronovisor/x86/Cpu;II)I");
    code.cpu();
    code.get(a);
    code.helper(SseLanes.class, "high", "(J)I");
    code.get(b);
    code.helper(SseLanes.class, "high", "(J)I");
    code.helper(SseFloat.class, function, "(Lorg/chronovisor/x86/Cpu;II)I");
    code.helper(SseLanes.class, "join", "(II)J");
  }

  private static void ofFloat(RegionMethod code, String function, int a, int b) {
    code.get(a);
    code.cpu();
    code.get(a);
    code.op(Opcodes.L2I);
    code.get(b);
    code.op(Opcodes.L2I);
    code.helper(SseFloat.class, function, "(Lorg/chronovisor/x86/Cpu;II)I");
    code.helper(SseLanes.class, "withLow", "(JI)J");
  }

  // ---- shuffles and shifts ----------------------------------------------------------------------

  /** A function of the destination in place and of the source. */
  private static Translation whole(DecodeContext c, String function) {
    return ofSource(
        c,
        (code, to) -> {
          code.vectors();
          code.constant(to);
          code.get(A);
          code.get(B);
          code.helper(SseShuffle.class, function, "([JIJJ)V");
        });
  }

  /** pshufd. */
  private static Translation shuffle(DecodeContext c, int order) {
    return ofSource(
        c,
        (code, to) -> {
          for (int half = 0; half < 2; half++) {
            int part = order >> 4 * half & 15;
            code.setVector(
                to + half,
                () -> {
                  code.get(A);
                  code.get(B);
                  code.constant(part);
                  code.helper(SseShuffle.class, "twoDwords", "(JJI)J");
                });
          }
        });
  }

  private static Translation shift(DecodeContext c, int form, int count) {
    String function =
        switch (form) {
          case 0x722 -> "rightDwords";
          case 0x726 -> "leftDwords";
          case 0x732 -> "rightQwords";
          case 0x736 -> "leftQwords";
          default -> null;
        };
    if (function == null || c.isMemory()) {
      return null;
    }
    int register = 2 * c.rm;
    return Translation.of(
        code -> {
          for (int half = register; half < register + 2; half++) {
            int number = half;
            code.setVector(
                number,
                () -> {
                  code.vector(number);
                  code.constant(Math.min(count, 64));
                  code.helper(SseShift.class, function, "(JI)J");
                });
          }
        });
  }
}
