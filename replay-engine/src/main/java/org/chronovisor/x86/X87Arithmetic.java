package org.chronovisor.x86;

/** x87 loads, stores, arithmetic and comparisons; transcendental instructions are captured. */
final class X87Arithmetic {
  private static final int C0 = 0x100;
  private static final int C1 = 0x200;
  private static final int C2 = 0x400;
  private static final int C3 = 0x4000;
  private static final int CONDITIONS = C0 | C1 | C2 | C3;

  private X87Arithmetic() {}

  // ---- memory --------------------------------------------------------------------------------

  /** D8-DF with a memory operand; null when there is no model. */
  static Insn memory(DecodeContext c, int opcode) {
    int operation = c.extension();
    Address address = c.address();
    switch (opcode) {
      case 0xd8:
        return arithmetic(
            operation, (cpu, m) -> m.from(SseFormat.SINGLE, load32(cpu, address) & 0xffff_ffffL));
      case 0xda:
        return arithmetic(operation, (cpu, m) -> m.from(load32(cpu, address)));
      case 0xdc:
        return arithmetic(
            operation, (cpu, m) -> m.from(SseFormat.DOUBLE, cpu.mmu.load64(address.linear(cpu))));
      case 0xde:
        return arithmetic(operation, (cpu, m) -> m.from(load16(cpu, address)));
      default:
        return transfer(address, opcode << 4 | operation);
    }
  }

  private static int load32(Cpu cpu, Address address) {
    return cpu.mmu.load32(address.linear(cpu));
  }

  private static short load16(Cpu cpu, Address address) {
    return (short) cpu.mmu.load16(address.linear(cpu));
  }

  private static Insn transfer(Address address, int form) {
    switch (form) {
      case 0xd90:
        return push((cpu, m) -> m.from(SseFormat.SINGLE, load32(cpu, address) & 0xffff_ffffL));
      case 0xd92, 0xd93:
        return store(
            form == 0xd93,
            (cpu, m, st) -> cpu.mmu.store32(address.linear(cpu), (int) m.to(SseFormat.SINGLE, st)));
      case 0xdb0:
        return push((cpu, m) -> X87Math.exactly(load32(cpu, address)), false);
      case 0xdb1, 0xdb2, 0xdb3:
        return storeInteger(address, 32, form == 0xdb1, form != 0xdb2);
      case 0xdb5:
        return new Simple(
            cpu -> {
              long linear = address.linear(cpu);
              long mantissa = cpu.mmu.load64(linear);
              int high = cpu.mmu.load16(linear + 8) & 0xffff;
              X87Stack.push(cpu, new Float80(high, mantissa));
            });
      case 0xdb7:
        return new Simple(
            cpu -> {
              Float80 st = X87Stack.get(cpu, 0);
              long linear = address.linear(cpu);
              cpu.mmu.translate(linear + 9);
              cpu.mmu.store64(linear, st.mantissa());
              cpu.mmu.store16(linear + 8, st.high());
              X87Stack.pop(cpu);
            });
      case 0xdd0:
        return push((cpu, m) -> m.from(SseFormat.DOUBLE, cpu.mmu.load64(address.linear(cpu))));
      case 0xdd2, 0xdd3:
        return store(
            form == 0xdd3,
            (cpu, m, st) -> cpu.mmu.store64(address.linear(cpu), m.to(SseFormat.DOUBLE, st)));
      case 0xdd1:
        return storeInteger(address, 64, true, true);
      case 0xdf0:
        return push((cpu, m) -> X87Math.exactly(load16(cpu, address)), false);
      case 0xdf1, 0xdf2, 0xdf3:
        return storeInteger(address, 16, form == 0xdf1, form != 0xdf2);
      case 0xdf5:
        return push((cpu, m) -> X87Math.exactly(cpu.mmu.load64(address.linear(cpu))), false);
      case 0xdf7:
        return storeInteger(address, 64, false, true);
      default:
        return null;
    }
  }

  /** An operand that may raise exceptions. */
  private interface Source {
    Float80 load(Cpu cpu, X87Math m);
  }

  /** Converts st(0) and stores it. */
  private interface Destination {
    void store(Cpu cpu, X87Math m, Float80 st);
  }

  private static Insn push(Source source) {
    return push(source, true);
  }

  private static Insn push(Source source, boolean mayRaise) {
    return new Simple(
        cpu -> {
          X87Math m = new X87Math(cpu);
          X87Stack.push(cpu, source.load(cpu, m));
          if (mayRaise) {
            m.finish(cpu);
          }
        });
  }

  private static Insn store(boolean pop, Destination destination) {
    return new Simple(
        cpu -> {
          X87Math m = new X87Math(cpu);
          destination.store(cpu, m, X87Stack.get(cpu, 0));
          m.finish(cpu);
          if (pop) {
            X87Stack.pop(cpu);
          }
        });
  }

  private static Insn storeInteger(Address address, int bits, boolean truncate, boolean pop) {
    return store(
        pop,
        (cpu, m, st) -> {
          long value = m.toInteger(st, bits, truncate);
          long linear = address.linear(cpu);
          switch (bits) {
            case 16 -> cpu.mmu.store16(linear, (int) value);
            case 32 -> cpu.mmu.store32(linear, (int) value);
            default -> cpu.mmu.store64(linear, value);
          }
        });
  }

  // ---- arithmetic ----------------------------------------------------------------------------

  /** The eight operations of D8 /0 to /7 on st(0) and another operand. */
  private static Insn arithmetic(int operation, Source source) {
    if (operation == 2 || operation == 3) {
      return new Simple(
          cpu -> {
            // Exceptions of the load count before the comparison: both are in one set.
            X87Math m = new X87Math(cpu);
            compare(cpu, m, source.load(cpu, m), true);
            if (operation == 3) {
              X87Stack.pop(cpu);
            }
          });
    }
    return new Simple(
        cpu -> {
          X87Math m = new X87Math(cpu);
          Float80 b = source.load(cpu, m);
          X87Stack.set(cpu, 0, compute(m, operation, X87Stack.get(cpu, 0), b));
          m.finish(cpu);
        });
  }

  /** Operations 0, 1, 4 to 7: add, multiply, subtract, subtract reversed, divide and reversed. */
  private static Float80 compute(X87Math m, int operation, Float80 a, Float80 b) {
    return switch (operation) {
      case 0 -> m.add(a, b);
      case 1 -> m.multiply(a, b);
      case 4 -> m.subtract(a, b);
      case 5 -> m.subtract(b, a);
      case 6 -> m.divide(a, b);
      default -> m.divide(b, a);
    };
  }

  /** Sets C3, C2 and C0. */
  private static void compare(Cpu cpu, X87Math m, Float80 b, boolean signalling) {
    int relation = m.compare(X87Stack.get(cpu, 0), b, signalling);
    cpu.fsw = cpu.fsw & ~(C3 | C2 | C0) | conditions(relation);
    m.finish(cpu);
  }

  private static int conditions(int relation) {
    return switch (relation) {
      case SseFloat.LESS -> C0;
      case SseFloat.EQUAL -> C3;
      case SseFloat.GREATER -> 0;
      default -> C3 | C2 | C0;
    };
  }

  // ---- registers -----------------------------------------------------------------------------

  /** D8-DF with a register operand; null when there is no model. */
  static Insn register(DecodeContext c, int opcode) {
    int operation = c.extension();
    int i = c.rm & 7;
    switch (opcode << 4 | operation) {
      case 0xd82, 0xdc2:
        return compare(i, true, 0);
      case 0xd83, 0xdc3, 0xde2:
        return compare(i, true, 1);
      case 0xde3:
        return i == 1 ? compare(1, true, 2) : null;
      case 0xda5:
        return i == 1 ? compare(1, false, 2) : null;
      case 0xdd4:
        return compare(i, false, 0);
      case 0xdd5:
        return compare(i, false, 1);
      case 0xdb5, 0xdb6, 0xdf5, 0xdf6:
        c.flagsEffect = FlagsEffect.EXPLICIT;
        return compareToFlags(i, operation == 6, opcode == 0xdf);
      case 0xd90:
        return new Simple(cpu -> X87Stack.push(cpu, X87Stack.get(cpu, i)));
      case 0xd91, 0xdd1, 0xdf1:
        return new Simple(cpu -> exchange(cpu, i));
      case 0xd93, 0xdd3, 0xdf2, 0xdf3:
        return new Simple(
            cpu -> {
              X87Stack.set(cpu, i, X87Stack.get(cpu, 0));
              X87Stack.pop(cpu);
            });
      case 0xdd2:
        return new Simple(cpu -> X87Stack.set(cpu, i, X87Stack.get(cpu, 0)));
      case 0xdd0:
        return new Simple(cpu -> X87Stack.free(cpu, i));
      case 0xdf0:
        return new Simple(
            cpu -> {
              X87Stack.free(cpu, i);
              X87Stack.pop(cpu);
            });
      case 0xd94, 0xd95, 0xd96, 0xd97:
        return noOperand(operation, i);
      case 0xda0, 0xda1, 0xda2, 0xda3, 0xdb0, 0xdb1, 0xdb2, 0xdb3:
        return conditionalMove(i, operation, opcode == 0xdb);
      default:
        break;
    }
    if (opcode == 0xd8) {
      return arithmetic(operation, (cpu, m) -> X87Stack.get(cpu, i));
    }
    if ((opcode == 0xdc || opcode == 0xde) && operation != 2 && operation != 3) {
      // The reversed forms of subtraction and division change places with the others here.
      int reversed = operation < 4 ? operation : operation ^ 1;
      return new Simple(
          cpu -> {
            X87Math m = new X87Math(cpu);
            Float80 result = compute(m, reversed, X87Stack.get(cpu, i), X87Stack.get(cpu, 0));
            X87Stack.set(cpu, i, result);
            m.finish(cpu);
            if (opcode == 0xde) {
              X87Stack.pop(cpu);
            }
          });
    }
    return null;
  }

  private static Insn compare(int i, boolean signalling, int pops) {
    return new Simple(
        cpu -> {
          compare(cpu, new X87Math(cpu), X87Stack.get(cpu, i), signalling);
          for (int n = 0; n < pops; n++) {
            X87Stack.pop(cpu);
          }
        });
  }

  /** fcomi, fucomi. */
  private static Insn compareToFlags(int i, boolean signalling, boolean pop) {
    return new Simple(
        cpu -> {
          X87Math m = new X87Math(cpu);
          int relation = m.compare(X87Stack.get(cpu, 0), X87Stack.get(cpu, i), signalling);
          int kept =
              cpu.comparisonKeepsFlags
                  ? cpu.arithmeticFlags() & (Flags.OF | Flags.SF | Flags.AF)
                  : 0;
          cpu.flagsExplicit(
              kept
                  | switch (relation) {
                    case SseFloat.LESS -> Flags.CF;
                    case SseFloat.EQUAL -> Flags.ZF;
                    case SseFloat.GREATER -> 0;
                    default -> Flags.ZF | Flags.PF | Flags.CF;
                  });
          m.finish(cpu);
          if (pop) {
            X87Stack.pop(cpu);
          }
        });
  }

  private static void exchange(Cpu cpu, int i) {
    Float80 other = X87Stack.get(cpu, i);
    X87Stack.set(cpu, i, X87Stack.get(cpu, 0));
    X87Stack.set(cpu, 0, other);
  }

  /** fcmovb, fcmove, fcmovbe, fcmovu and, with DB, their opposites. */
  private static Insn conditionalMove(int i, int operation, boolean opposite) {
    int[] codes = {2, 4, 6, 10};
    int condition = codes[operation] | (opposite ? 1 : 0);
    return new Simple(
        cpu -> {
          if (cpu.condition(condition)) {
            X87Stack.set(cpu, 0, X87Stack.get(cpu, i));
          }
        });
  }

  // ---- D9 E0 to FF ---------------------------------------------------------------------------

  private static Insn noOperand(int operation, int i) {
    return switch (operation << 4 | i) {
      case 0x40 -> new Simple(cpu -> X87Stack.set(cpu, 0, X87Stack.get(cpu, 0).negated()));
      case 0x41 -> new Simple(cpu -> X87Stack.set(cpu, 0, X87Stack.get(cpu, 0).magnitude()));
      case 0x44 -> new Simple(cpu -> compare(cpu, new X87Math(cpu), Float80.zero(false), true));
      case 0x45 -> new Simple(X87Arithmetic::examine);
      case 0x50 -> constant(0x3fff, 0x8000_0000_0000_0000L, 0, 0);
      case 0x51 -> constant(0x4000, 0xd49a_784b_cd1b_8afeL, 0, 1);
      case 0x52 -> constant(0x3fff, 0xb8aa_3b29_5c17_f0bcL, -1, 0);
      case 0x53 -> constant(0x4000, 0xc90f_daa2_2168_c235L, -1, 0);
      case 0x54 -> constant(0x3ffd, 0x9a20_9a84_fbcf_f799L, -1, 0);
      case 0x55 -> constant(0x3ffe, 0xb172_17f7_d1cf_79acL, -1, 0);
      case 0x56 -> constant(0, 0, 0, 0);
      case 0x66 -> new Simple(cpu -> rotate(cpu, -1));
      case 0x67 -> new Simple(cpu -> rotate(cpu, 1));
      case 0x72 -> new Simple(X87Arithmetic::squareRoot);
      case 0x74 ->
          new Simple(
              cpu -> {
                X87Math m = new X87Math(cpu);
                X87Stack.set(cpu, 0, m.integral(X87Stack.get(cpu, 0)));
                m.finish(cpu);
              });
      default -> null;
    };
  }

  /**
   * Pushes a constant, rounded as the control word says (Intel SDM vol. 1, 8.3.8).
   *
   * @param mantissa to nearest
   * @param down added when rounding down or to zero
   * @param up added when rounding up
   */
  private static Insn constant(int exponent, long mantissa, int down, int up) {
    Float80 nearest = new Float80(exponent, mantissa);
    Float80 below = new Float80(exponent, mantissa + down);
    Float80 above = new Float80(exponent, mantissa + up);
    return new Simple(
        cpu ->
            X87Stack.push(
                cpu,
                switch (cpu.fcw >> 10 & 3) {
                  case SseSoft.NEAREST -> nearest;
                  case SseSoft.UP -> above;
                  default -> below;
                }));
  }

  private static void rotate(Cpu cpu, int by) {
    X87Stack.rotate(cpu, by);
    cpu.fsw &= ~CONDITIONS;
  }

  private static void squareRoot(Cpu cpu) {
    Float80 st = X87Stack.get(cpu, 0);
    if (st.isNegative()) {
      // As QEMU 10.0 does, for -0 and NaNs, too.
      cpu.fsw = cpu.fsw & ~CONDITIONS | C2;
    }
    X87Math m = new X87Math(cpu);
    X87Stack.set(cpu, 0, m.squareRoot(st));
    m.finish(cpu);
  }

  /** fxam. */
  private static void examine(Cpu cpu) {
    Float80 st = X87Stack.get(cpu, 0);
    int code = st.isNegative() ? C1 : 0;
    if (X87Stack.isEmpty(cpu, 0)) {
      code |= C3 | C0;
    } else if (st.exponent() == 0) {
      code |= st.isZero() ? C3 : C3 | C2;
    } else if (!st.isInvalid()) {
      code |= st.isInfinite() ? C2 | C0 : st.isNan() ? C0 : C2;
    }
    cpu.fsw = cpu.fsw & ~CONDITIONS | code;
  }
}
