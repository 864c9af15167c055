package org.chronovisor.x86;

/** Finds the models of SSE and x87 instructions. */
final class SseDecoder {
  private static final int NONE = 0;
  private static final int DATA = 0x66;
  private static final int DOUBLE = 0xf2;
  private static final int SINGLE = 0xf3;
  private static final int EMMS = 0x77;

  private SseDecoder() {}

  /**
   * Decodes an opcode; the context stands behind it (before ModRM).
   *
   * @param map 1 for 0F, 2 for 0F 38, 3 for 0F 3A, 0 for the one-byte x87 opcodes D8-DF and WAIT
   * @return null when there is no model
   */
  static Insn decode(DecodeContext c, int map, int opcode) {
    // F2 and F3 win over 66 (SDM vol. 2, 2.1.2).
    int prefix = c.repeat != 0 ? c.repeat : c.operandPrefix ? DATA : NONE;
    if (c.lock) {
      return null;
    }
    if (map == 0) {
      return X87Control.decode(c, opcode);
    }
    if (map == 1 && opcode == EMMS) {
      return prefix == NONE ? new X87Control.EmptyTags() : null;
    }
    c.modrm();
    Insn insn = operation(c, map, opcode, prefix);
    // Behind the immediate: only then a memory operand's address is known.
    Translation compiled = map == 1 ? CompiledVector.of(c, opcode, prefix) : null;
    c.translation = compiled != null ? compiled : translation(c, map, opcode, prefix);
    return insn;
  }

  /** What its model may write beside vector registers and MXCSR; null when in doubt. */
  private static Translation translation(DecodeContext c, int map, int opcode, int prefix) {
    if (map != 1) {
      return null;
    }
    return switch (opcode) {
      case 0xae, 0xf7 -> null;
      case 0x2e, 0x2f -> Translation.callingForFlags();
      case 0x2c, 0x2d, 0x50, 0xc5, 0xd7 -> Translation.calling(1 << c.reg, false);
      case 0x7e ->
          prefix == SINGLE || c.isMemory()
              ? Translation.calling(0, c.isMemory())
              : Translation.calling(1 << c.rm, false);
      default -> Translation.calling(0, c.isMemory());
    };
  }

  /**
   * The same behind ModRM, which may have been replaced: AVX instructions are SSE's on other lanes.
   *
   * @param map 1 to 3
   * @param prefix the mandatory prefix or 0
   */
  static Insn operation(DecodeContext c, int map, int opcode, int prefix) {
    return switch (map) {
      case 1 -> map1(c, opcode, prefix);
      case 2 -> prefix == DATA ? SseExtended.map2(c, opcode) : null;
      default -> prefix == DATA ? SseExtended.map3(c, opcode) : null;
    };
  }

  private static Insn map1(DecodeContext c, int opcode, int prefix) {
    switch (opcode >> 4) {
      case 0x1:
        return opcode <= 0x17 ? moves(c, opcode, prefix) : null;
      case 0x2:
        return opcode >= 0x28 ? movesAndConversions(c, opcode, prefix) : null;
      case 0x5:
        return arithmetic(c, opcode, prefix);
      case 0x6:
        return integerMoves(c, opcode, prefix);
      case 0x7:
        return opcode >= 0x77 && opcode <= 0x79 ? null : shufflesAndMoves(c, opcode, prefix);
      case 0xa:
        return opcode == 0xae && prefix == NONE ? control(c) : null;
      case 0xc:
        return opcode >= 0xc2 && opcode <= 0xc6 ? immediates(c, opcode, prefix) : null;
      case 0xd, 0xe, 0xf:
        return integers(c, opcode, prefix);
      default:
        return null;
    }
  }

  /** 0F 10-17. */
  private static Insn moves(DecodeContext c, int opcode, int prefix) {
    boolean memory = c.isMemory();
    boolean packed = prefix == NONE || prefix == DATA;
    switch (opcode) {
      case 0x10:
        if (packed) {
          return SseMoves.load128(c);
        }
        if (prefix == SINGLE) {
          return memory
              ? new SseMoves.Load32(c.address(), c.reg)
              : new SseMoves.CopySingle(c.reg, c.rm);
        }
        return memory
            ? new SseMoves.Load64(c.address(), c.reg)
            : new SseMoves.CopyHalf(c.reg, false, c.rm, false);
      case 0x11:
        if (packed) {
          return SseMoves.store128(c);
        }
        if (prefix == SINGLE) {
          return memory
              ? new SseMoves.Store32(c.address(), c.reg)
              : new SseMoves.CopySingle(c.rm, c.reg);
        }
        return memory
            ? new SseMoves.StoreHalf(c.address(), c.reg, false)
            : new SseMoves.CopyHalf(c.rm, false, c.reg, false);
      case 0x12:
        if (prefix == DOUBLE) {
          return new SseShuffle.Narrow(
              c,
              8,
              (x, d, l, h) -> {
                x[d] = l;
                x[d + 1] = l;
              });
        }
        if (prefix == SINGLE) {
          return new SseShuffle.Full(
              c,
              (x, d, l, h) -> {
                x[d] = SseLanes.join((int) l, (int) l);
                x[d + 1] = SseLanes.join((int) h, (int) h);
              });
        }
        if (memory) {
          return new SseMoves.LoadHalf(c.address(), c.reg, false);
        }
        return prefix == NONE ? new SseMoves.CopyHalf(c.reg, false, c.rm, true) : null;
      case 0x13:
        return packed && memory ? new SseMoves.StoreHalf(c.address(), c.reg, false) : null;
      case 0x14:
        if (prefix == NONE) {
          return new SseShuffle.Full(c, SseShuffle::unpackLowDwords);
        }
        return prefix == DATA ? new SseShuffle.UnpackLowQwords(c) : null;
      case 0x15:
        if (prefix == NONE) {
          return new SseShuffle.Full(c, SseShuffle::unpackHighDwords);
        }
        return prefix == DATA ? new SseShuffle.Full(c, SseShuffle.function(0x6d)) : null;
      case 0x16:
        if (prefix == SINGLE) {
          return new SseShuffle.Full(
              c,
              (x, d, l, h) -> {
                x[d] = SseLanes.join(SseLanes.high(l), SseLanes.high(l));
                x[d + 1] = SseLanes.join(SseLanes.high(h), SseLanes.high(h));
              });
        }
        if (!packed) {
          return null;
        }
        if (memory) {
          return new SseMoves.LoadHalf(c.address(), c.reg, true);
        }
        return prefix == NONE ? new SseMoves.CopyHalf(c.reg, true, c.rm, false) : null;
      default:
        return packed && memory ? new SseMoves.StoreHalf(c.address(), c.reg, true) : null;
    }
  }

  /** 0F 28-2F. */
  private static Insn movesAndConversions(DecodeContext c, int opcode, int prefix) {
    boolean packed = prefix == NONE || prefix == DATA;
    switch (opcode) {
      case 0x28:
        return packed ? SseMoves.load128(c) : null;
      case 0x29:
        return packed ? SseMoves.store128(c) : null;
      case 0x2a:
        return packed ? null : new SseConvert.FromGeneral(c, prefix == DOUBLE);
      case 0x2b:
        return packed && c.isMemory() ? SseMoves.store128(c) : null;
      case 0x2c, 0x2d:
        return packed ? null : new SseConvert.ToGeneral(c, prefix == DOUBLE, opcode == 0x2c);
      default:
        c.flagsEffect = FlagsEffect.EXPLICIT;
        return packed ? new SseCompare.ToFlags(c, prefix == DATA, opcode == 0x2f) : null;
    }
  }

  /** 0F 50-5F. */
  private static Insn arithmetic(DecodeContext c, int opcode, int prefix) {
    switch (opcode) {
      case 0x50:
        if (c.isMemory()) {
          return null;
        }
        if (prefix == NONE) {
          return new SseShuffle.SignMask(c, SseShuffle::singleMask);
        }
        return prefix == DATA ? new SseShuffle.SignMask(c, SseShuffle::doubleMask) : null;
      case 0x54, 0x55, 0x56, 0x57:
        return prefix == NONE || prefix == DATA ? logic(c, opcode) : null;
      case 0x5a:
        return switch (prefix) {
          case NONE -> SseConvert.floatsToDoubles(c);
          case DATA -> SseConvert.doublesToFloats(c);
          case SINGLE -> new SseConvert.FloatToDouble(c);
          default -> new SseConvert.DoubleToFloat(c);
        };
      case 0x5b:
        return switch (prefix) {
          case NONE -> SseConvert.dwordsToFloats(c);
          case DATA -> SseConvert.floatsToDwords(c, false);
          case SINGLE -> SseConvert.floatsToDwords(c, true);
          default -> null;
        };
      default:
        return switch (prefix) {
          case NONE -> SsePacked.ofFloat(c, opcode);
          case DATA -> SsePacked.ofDouble(c, opcode);
          case SINGLE -> SseScalar.ofFloat(c, opcode);
          default -> SseScalar.ofDouble(c, opcode);
        };
    }
  }

  private static Insn logic(DecodeContext c, int opcode) {
    return switch (opcode) {
      case 0x54 -> new SseLogic.And(c.reg, SseOperand.of(c));
      case 0x55 -> new SseLogic.AndNot(c.reg, SseOperand.of(c));
      case 0x56 -> new SseLogic.Or(c.reg, SseOperand.of(c));
      default -> SseLogic.xor(c);
    };
  }

  /** 0F 60-6F. */
  private static Insn integerMoves(DecodeContext c, int opcode, int prefix) {
    if (opcode == 0x6f && prefix == SINGLE) {
      return SseMoves.load128(c);
    }
    if (prefix != DATA) {
      return null;
    }
    return switch (opcode) {
      case 0x6c -> new SseShuffle.UnpackLowQwords(c);
      case 0x6e -> fromGeneral(c);
      case 0x6f -> SseMoves.load128(c);
      default -> integer(c, opcode);
    };
  }

  private static Insn fromGeneral(DecodeContext c) {
    if (!c.isMemory()) {
      return new SseMoves.FromGeneral(c.reg, c.rm, c.rexW());
    }
    return c.rexW()
        ? new SseMoves.Load64(c.address(), c.reg)
        : new SseMoves.Load32(c.address(), c.reg);
  }

  /** 0F 70-7F. */
  private static Insn shufflesAndMoves(DecodeContext c, int opcode, int prefix) {
    switch (opcode) {
      case 0x70:
        if (prefix == NONE) {
          return null;
        }
        int order = c.u8();
        return new SseShuffle.Full(
            c,
            switch (prefix) {
              case DATA -> SseShuffle.dwords(order);
              case SINGLE -> SseShuffle.highWords(order);
              default -> SseShuffle.lowWords(order);
            });
      case 0x71, 0x72, 0x73:
        return prefix == DATA ? SseShift.byImmediate(c, opcode) : null;
      case 0x7c, 0x7d:
        if (prefix == DATA) {
          return new SsePacked.HorizontalDouble(
              c, opcode == 0x7c ? SseFloat::add : SseFloat::subtract);
        }
        return prefix == DOUBLE
            ? new SsePacked.HorizontalFloat(c, opcode == 0x7c ? SseFloat::add : SseFloat::subtract)
            : null;
      case 0x7e:
        if (prefix == SINGLE) {
          return c.isMemory()
              ? new SseMoves.Load64(c.address(), c.reg)
              : new SseMoves.CopyLow(c.reg, c.rm);
        }
        return prefix == DATA ? toGeneral(c) : null;
      case 0x7f:
        return prefix == DATA || prefix == SINGLE ? SseMoves.store128(c) : null;
      default:
        return prefix == DATA ? integer(c, opcode) : null;
    }
  }

  private static Insn toGeneral(DecodeContext c) {
    if (!c.isMemory()) {
      return new SseMoves.ToGeneral(c.rm, c.reg, c.rexW());
    }
    return c.rexW()
        ? new SseMoves.StoreHalf(c.address(), c.reg, false)
        : new SseMoves.Store32(c.address(), c.reg);
  }

  /** fxrstor, xrstor, ldmxcsr, stmxcsr, clflush and the fences. */
  private static Insn control(DecodeContext c) {
    if (!c.isMemory()) {
      return c.extension() >= 5 ? new SseMoves.Nothing() : null;
    }
    return switch (c.extension()) {
      case 1 -> new RestoreState(c, false);
      case 5 -> new RestoreState(c, true);
      case 2 -> new SseMoves.LoadControl(c.address());
      case 3 -> new SseMoves.StoreControl(c.address());
      case 7 -> new SseMoves.Nothing();
      default -> null;
    };
  }

  /** 0F C2-C6. */
  private static Insn immediates(DecodeContext c, int opcode, int prefix) {
    switch (opcode) {
      case 0xc2:
        return SseCompare.toMask(c, prefix);
      case 0xc3:
        return prefix == NONE && c.isMemory()
            ? new SseMoves.StoreGeneral(c.address(), c.reg, c.rexW())
            : null;
      case 0xc4:
        return prefix == DATA ? new SseShuffle.Insert(c, 2, c.u8()) : null;
      case 0xc5:
        return prefix == DATA && !c.isMemory()
            ? new SseShuffle.Extract(c.rm, c.reg, null, 2, c.u8())
            : null;
      default:
        int order = c.u8();
        if (prefix == NONE) {
          return new SseShuffle.Full(c, SseShuffle.singles(order));
        }
        return prefix == DATA
            ? new SseShuffle.Full(c, SseShuffle.doubles(order >> 2 * c.lane))
            : null;
    }
  }

  /** 0F D0-FF. */
  private static Insn integers(DecodeContext c, int opcode, int prefix) {
    switch (opcode) {
      case 0xd0:
        if (prefix == DATA) {
          return SsePacked.addSubDouble(c);
        }
        return prefix == DOUBLE ? SsePacked.addSubFloat(c) : null;
      case 0xe6:
        return switch (prefix) {
          case DATA -> SseConvert.doublesToDwords(c, true);
          case DOUBLE -> SseConvert.doublesToDwords(c, false);
          case SINGLE -> SseConvert.dwordsToDoubles(c);
          default -> null;
        };
      case 0xf0:
        return prefix == DOUBLE && c.isMemory() ? SseMoves.load128(c) : null;
      default:
        break;
    }
    if (prefix != DATA) {
      return null;
    }
    return switch (opcode) {
      case 0xd4 -> new SseInteger.AddQwords(c);
      case 0xd6 ->
          c.isMemory()
              ? new SseMoves.StoreHalf(c.address(), c.reg, false)
              : new SseMoves.CopyLow(c.rm, c.reg);
      case 0xd7 -> c.isMemory() ? null : new SseShuffle.SignMask(c, SseShuffle::byteMask);
      case 0xdb -> new SseLogic.And(c.reg, SseOperand.of(c));
      case 0xdf -> new SseLogic.AndNot(c.reg, SseOperand.of(c));
      case 0xe7 -> c.isMemory() ? SseMoves.store128(c) : null;
      case 0xeb -> new SseLogic.Or(c.reg, SseOperand.of(c));
      case 0xef -> SseLogic.xor(c);
      case 0xf7 ->
          c.isMemory()
              ? null
              : new SseMoves.MaskedStore(
                  c.registerAddress(Registers.RDI, c.override >= 0 ? c.override : DecodeContext.DS),
                  c.reg,
                  c.rm);
      case 0xfe -> new SseInteger.AddDwords(c);
      default -> integer(c, opcode);
    };
  }

  private static Insn integer(DecodeContext c, int opcode) {
    SseInteger.Half half = SseInteger.function(opcode);
    if (half != null) {
      return new SseInteger.Packed(c, half);
    }
    SseShuffle.Whole whole = SseShuffle.function(opcode);
    return whole != null ? new SseShuffle.Full(c, whole) : SseShift.byOperand(c, opcode);
  }
}
