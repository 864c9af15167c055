package org.chronovisor.x86;

import org.chronovisor.x86.VexLanes.Lane;
import org.chronovisor.x86.VexLanes.Source;

/**
 * Finds the models of AVX, AVX2, FMA and F16C instructions. Most are SSE instructions on one or two
 * lanes, and are decoded as such.
 *
 * <p>Null, which means captured, is the answer also for forms that QEMU 10.0 executes in a way of
 * its own: scalar instructions with VEX.L set.
 */
final class VexDecoder {
  private static final int NONE = 0;
  private static final int DATA = 0x66;
  private static final int DOUBLE = 0xf2;
  private static final int SINGLE = 0xf3;

  private VexDecoder() {}

  /** Decodes behind C4 or C5, the opcode that has been read. */
  static Insn decode(DecodeContext c, int form) {
    if (c.operandPrefix || c.repeat != 0 || c.lock || c.rex != 0) {
      return null;
    }
    Vex vex = Vex.read(c, form);
    c.vex = vex;
    int map = vex.map();
    int opcode = c.u8();
    if (map == 2 && opcode >= 0xe0 || map == 3 && opcode >= 0xf0) {
      return Bmi.decode(c, opcode);
    }
    if (map == 1 && opcode == 0x77) {
      return vex.hasNoRegister() && vex.prefix() == NONE ? VexMoves.zero(vex.wide()) : null;
    }
    c.modrm();
    return switch (map) {
      case 1 -> map1(c, opcode, vex.prefix());
      case 2 -> vex.prefix() == DATA ? map2(c, opcode) : null;
      case 3 -> vex.prefix() == DATA ? map3(c, opcode) : null;
      default -> null;
    };
  }

  /** The SSE instruction of the same opcode. */
  private static Lane sse(DecodeContext c, int opcode) {
    return lane -> SseDecoder.operation(lane, c.vex.map(), opcode, c.vex.prefix());
  }

  private static Insn binary(DecodeContext c, int opcode) {
    return VexLanes.binary(c, Source.PACKED, sse(c, opcode));
  }

  private static Insn unary(DecodeContext c, int opcode) {
    return VexLanes.unary(c, Source.PACKED, sse(c, opcode));
  }

  /** Packed without a prefix or with 66, else scalar. */
  private static Insn binaryOrScalar(DecodeContext c, int opcode) {
    return c.vex.prefix() == NONE || c.vex.prefix() == DATA
        ? binary(c, opcode)
        : VexScalar.binary(c, sse(c, opcode));
  }

  /** The SSE instruction as it is: no vector register is written. */
  private static Insn same(DecodeContext c, int opcode) {
    return c.vex.hasNoRegister() && !c.vex.wide() ? sse(c, opcode).decode(c) : null;
  }

  // ---- 0F ------------------------------------------------------------------------------------

  private static Insn map1(DecodeContext c, int opcode, int prefix) {
    boolean memory = c.isMemory();
    boolean packed = prefix == NONE || prefix == DATA;
    switch (opcode) {
      case 0x10:
        return packed ? VexMoves.load(c) : scalarMove(c, opcode);
      case 0x11:
        if (packed) {
          return VexMoves.store(c);
        }
        return memory ? same(c, opcode) : scalarMove(swapped(c), 0x10);
      case 0x12, 0x16:
        if (prefix == SINGLE) {
          return unary(c, opcode);
        }
        if (prefix == DOUBLE) {
          return opcode == 0x16 ? null : duplicate(c);
        }
        return memory || prefix == NONE ? VexScalar.binary(c, sse(c, opcode)) : null;
      case 0x13, 0x17, 0x2c, 0x2d, 0xc5:
        return same(c, opcode);
      case 0x14, 0x15, 0x54, 0x55, 0x56, 0xc6:
        return packed ? binary(c, opcode) : null;
      case 0x57:
        return packed ? exclusiveOr(c, opcode) : null;
      case 0x28, 0x6f:
        return moves(c, opcode, true);
      case 0x29, 0x7f:
        return moves(c, opcode, false);
      case 0x2b, 0xe7:
        return memory && packed && (opcode == 0x2b || prefix == DATA) ? VexMoves.store(c) : null;
      case 0x2a:
        return packed ? null : VexScalar.binary(c, sse(c, opcode));
      case 0x2e, 0x2f:
        return c.vex.hasNoRegister() ? sse(c, opcode).decode(c) : null;
      case 0x50:
        return signs(c, opcode, prefix == NONE ? 4 : 2);
      case 0xd7:
        return signs(c, opcode, 16);
      case 0x51, 0x52, 0x53:
        return packed ? unary(c, opcode) : VexScalar.binary(c, sse(c, opcode));
      case 0x58, 0x59, 0x5c, 0x5d, 0x5e, 0x5f, 0xc2:
        return binaryOrScalar(c, opcode);
      case 0x5a:
        if (prefix == NONE) {
          return VexLanes.unary(c, Source.QWORDS, sse(c, opcode));
        }
        return packed ? VexConvert.narrow(c, sse(c, opcode)) : VexScalar.binary(c, sse(c, opcode));
      case 0x5b, 0x70:
        return unary(c, opcode);
      case 0xe6:
        return prefix == SINGLE
            ? VexLanes.unary(c, Source.QWORDS, sse(c, opcode))
            : VexConvert.narrow(c, sse(c, opcode));
      case 0x71, 0x72, 0x73:
        return prefix == DATA ? VexLanes.inPlace(c, sse(c, opcode)) : null;
      case 0x6e:
        return prefix == DATA ? VexScalar.unary(c, sse(c, opcode)) : null;
      case 0x7e:
        if (prefix == SINGLE) {
          return VexScalar.unary(c, sse(c, opcode));
        }
        return prefix == DATA ? same(c, opcode) : null;
      case 0xd6:
        if (prefix != DATA) {
          return null;
        }
        return memory
            ? same(c, opcode)
            : VexScalar.unary(swapped(c), lane -> new SseMoves.CopyLow(lane.reg, lane.rm));
      case 0xae:
        return memory && (c.extension() & 6) == 2 ? same(c, opcode) : null;
      case 0xc4:
        return prefix == DATA ? VexScalar.binary(c, sse(c, opcode)) : null;
      case 0xf0:
        return prefix == DOUBLE && memory ? VexMoves.load(c) : null;
      case 0xf7:
        return same(c, opcode);
      case 0x7c, 0x7d, 0xd0:
        return binary(c, opcode);
      case 0xd1, 0xd2, 0xd3, 0xe1, 0xe2, 0xf1, 0xf2, 0xf3:
        return VexLanes.binary(c, Source.COUNT, sse(c, opcode));
      case 0xef:
        return prefix == DATA ? exclusiveOr(c, opcode) : null;
      default:
        boolean integer =
            opcode >= 0x60 && opcode <= 0x6d || opcode >= 0x74 && opcode <= 0x76 || opcode >= 0xd4;
        return integer && prefix == DATA ? binary(c, opcode) : null;
    }
  }

  /** movss and movsd: from memory the rest becomes zero. */
  private static Insn scalarMove(DecodeContext c, int opcode) {
    return c.isMemory() ? VexScalar.unary(c, sse(c, opcode)) : VexScalar.binary(c, sse(c, opcode));
  }

  /** A register form that names its destination in rm, with the names exchanged. */
  private static DecodeContext swapped(DecodeContext c) {
    int reg = c.reg;
    c.reg = c.rm;
    c.rm = reg;
    return c;
  }

  private static Insn moves(DecodeContext c, int opcode, boolean load) {
    int prefix = c.vex.prefix();
    boolean exists =
        opcode < 0x60 ? prefix == NONE || prefix == DATA : prefix == DATA || prefix == SINGLE;
    if (!exists) {
      return null;
    }
    return load ? VexMoves.load(c) : VexMoves.store(c);
  }

  /** movddup reads 64 bits, or 256. */
  private static Insn duplicate(DecodeContext c) {
    return c.vex.wide() ? unary(c, 0x12) : VexScalar.unary(c, sse(c, 0x12));
  }

  private static Insn exclusiveOr(DecodeContext c, int opcode) {
    return !c.isMemory() && c.rm == c.vex.register() ? new VexMoves.Zero(c.reg) : binary(c, opcode);
  }

  /** movmskps, movmskpd, pmovmskb. */
  private static Insn signs(DecodeContext c, int opcode, int perLane) {
    if (!c.vex.wide()) {
      return same(c, opcode);
    }
    if (c.isMemory() || !c.vex.hasNoRegister()) {
      return null;
    }
    int d = c.reg;
    Insn low = sse(c, opcode).decode(c);
    c.rm += Cpu.UPPER;
    Insn high = sse(c, opcode).decode(c);
    return low == null
        ? null
        : new Simple(
            cpu -> {
              low.execute(cpu);
              long bits = cpu.r[d];
              high.execute(cpu);
              cpu.r[d] = bits | cpu.r[d] << perLane;
            });
  }

  // ---- 0F 38 ---------------------------------------------------------------------------------

  private static Insn map2(DecodeContext c, int opcode) {
    int element = c.vex.w() ? 8 : 4;
    switch (opcode) {
      case 0x0c:
        return VexLanes.binary(c, Source.PACKED, SseShuffle::permuteSingles);
      case 0x0d:
        return VexLanes.binary(c, Source.PACKED, SseShuffle::permuteDoubles);
      case 0x0e:
        return VexTest.of(c, VexTest.SINGLES);
      case 0x0f:
        return VexTest.of(c, VexTest.DOUBLES);
      case 0x10, 0x14, 0x15:
        return null;
      case 0x13:
        return VexLanes.unary(c, Source.QWORDS, VexConvert::halvesToSingles);
      case 0x16, 0x36:
        return VexPermute.dwords(c);
      case 0x17:
        return VexTest.of(c, VexTest.ALL);
      case 0x18, 0x58:
        return VexPermute.broadcast(c, 4);
      case 0x19:
        return c.vex.wide() ? VexPermute.broadcast(c, 8) : null;
      case 0x59:
        return VexPermute.broadcast(c, 8);
      case 0x1a, 0x5a:
        return VexPermute.broadcastLane(c);
      case 0x1c, 0x1d, 0x1e:
        return unary(c, opcode);
      case 0x20, 0x23, 0x25, 0x30, 0x33, 0x35:
        return VexLanes.unary(c, Source.QWORDS, sse(c, opcode));
      case 0x21, 0x24, 0x31, 0x34:
        return VexLanes.unary(c, Source.DWORDS, sse(c, opcode));
      case 0x22, 0x32:
        return VexLanes.unary(c, Source.WORDS, sse(c, opcode));
      case 0x2a:
        return c.isMemory() ? VexMoves.load(c) : null;
      case 0x2c:
        return VexMasked.load(c, 4);
      case 0x2d:
        return VexMasked.load(c, 8);
      case 0x2e:
        return VexMasked.store(c, 4);
      case 0x2f:
        return VexMasked.store(c, 8);
      case 0x41:
        return VexScalar.unary(c, sse(c, opcode));
      case 0x45, 0x46, 0x47:
        return VexLanes.binary(c, Source.PACKED, lane -> SseShift.byElement(lane, opcode, element));
      case 0x78:
        return VexPermute.broadcast(c, 1);
      case 0x79:
        return VexPermute.broadcast(c, 2);
      case 0x8c:
        return VexMasked.load(c, element);
      case 0x8e:
        return VexMasked.store(c, element);
      case 0x90, 0x92:
        return VexGather.of(c, 4);
      case 0x91, 0x93:
        return VexGather.of(c, 8);
      default:
        if (opcode >= 0x96 && opcode <= 0xbf && (opcode & 15) >= 6) {
          return VexFma.decode(c, opcode);
        }
        return binary(c, opcode);
    }
  }

  // ---- 0F 3A ---------------------------------------------------------------------------------

  private static Insn map3(DecodeContext c, int opcode) {
    switch (opcode) {
      case 0x00, 0x01:
        return c.vex.w() ? VexPermute.qwords(c) : null;
      case 0x02:
        return VexLanes.binary(
            c, Source.PACKED, lane -> SseExtended.blendDwords(lane, lane.u8() >> 4 * lane.lane));
      case 0x04:
        return VexLanes.unary(
            c, Source.PACKED, lane -> new SseShuffle.Full(lane, SseShuffle.dwords(lane.u8())));
      case 0x05:
        return VexLanes.unary(c, Source.PACKED, SseShuffle::permuteDoublesByImmediate);
      case 0x06, 0x46:
        return VexPermute.lanes(c);
      case 0x08, 0x09:
        return unary(c, opcode);
      case 0x0a, 0x0b, 0x20, 0x21, 0x22:
        return VexScalar.binary(c, sse(c, opcode));
      case 0x0c, 0x0d, 0x0e, 0x0f:
        return binary(c, opcode);
      case 0x14, 0x15, 0x16, 0x17, 0x61, 0x63:
        return same(c, opcode);
      case 0x60, 0x62:
        return VexScalar.clearing(same(c, opcode), 0);
      case 0x18, 0x38:
        return VexPermute.insert(c);
      case 0x19, 0x39:
        return VexPermute.extract(c);
      case 0x1d:
        return VexConvert.singlesToHalves(c);
      case 0x4a:
        return new VexBlend(c, SseExtended::signsOfSingles);
      case 0x4b:
        return new VexBlend(c, v -> v >> 63);
      case 0x4c:
        return new VexBlend(c, SseExtended::signsOfBytes);
      default:
        return null;
    }
  }
}
