package org.chronovisor.symbols.dwarf;

import java.util.OptionalLong;

/**
 * A DWARF expression (DWARF 5, 2.5.1) in unwind information, evaluated within bounds.
 *
 * <p>Whatever cannot be computed, an unknown value, an operation that has no meaning here or a
 * program that does not end, makes the result unknown.
 */
public final class Expression {
  private static final int MAX_STEPS = 10_000;
  private static final int MAX_STACK = 256;

  private final byte[] section;
  private final int start;
  private final int length;
  private final int addressSize;

  Expression(byte[] section, int start, int length, int addressSize) {
    this.section = section;
    this.start = start;
    this.length = length;
    this.addressSize = addressSize;
  }

  /**
   * The value.
   *
   * @param initial pushed first, or null for an empty stack
   */
  public OptionalLong evaluate(Long initial, MachineView machine) {
    try {
      return OptionalLong.of(new Run(machine, initial).result());
    } catch (Unknown | DwarfException e) {
      return OptionalLong.empty();
    }
  }

  /** The result cannot be known. */
  private static final class Unknown extends RuntimeException {
    private static final long serialVersionUID = 1;

    Unknown() {
      super("unknown", null, false, false);
    }
  }

  /** One evaluation. */
  private final class Run {
    private final MachineView machine;
    private final long[] stack = new long[MAX_STACK];
    private int size;
    private DwarfInput in;

    Run(MachineView machine, Long initial) {
      this.machine = machine;
      jump(0);
      if (initial != null) {
        push(initial);
      }
    }

    private void jump(long offset) {
      if (offset < 0 || offset > length) {
        throw new Unknown();
      }
      in = new DwarfInput(section, "an expression");
      in.skip(start + offset);
      in = in.take(length - offset);
    }

    private long mask(long value) {
      return addressSize == 4 ? value & 0xffffffffL : value;
    }

    private long signed(long value) {
      return addressSize == 4 ? (int) value : value;
    }

    private void push(long value) {
      if (size == MAX_STACK) {
        throw new Unknown();
      }
      stack[size++] = mask(value);
    }

    private long pop() {
      if (size == 0) {
        throw new Unknown();
      }
      return stack[--size];
    }

    private long peek(int depth) {
      if (depth >= size) {
        throw new Unknown();
      }
      return stack[size - 1 - depth];
    }

    private static long known(OptionalLong value) {
      return value.orElseThrow(Unknown::new);
    }

    private long known(long register) {
      return known(machine.register((int) Math.min(register & Long.MAX_VALUE, 1 << 20)));
    }

    long result() {
      for (int step = 0; in.remaining() > 0; step++) {
        if (step == MAX_STEPS) {
          throw new Unknown();
        }
        int op = in.u8();
        if (op >= 0x30 && op <= 0x4f) { // lit0 to lit31
          push(op - 0x30);
        } else if (op >= 0x70 && op <= 0x8f) { // breg0 to breg31
          push(known(op - 0x70L) + in.sleb());
        } else if (op >= 0x19 && op <= 0x2e && op != 0x28) {
          arithmetic(op);
        } else {
          other(op);
        }
      }
      return pop();
    }

    private void other(int op) {
      switch (op) {
        case 0x03 -> push(in.number(addressSize)); // addr
        case 0x06 -> push(known(machine.memory(pop(), addressSize))); // deref
        case 0x08 -> push(in.u8()); // const1u
        case 0x09 -> push(in.s8());
        case 0x0a -> push(in.u16());
        case 0x0b -> push((short) in.u16());
        case 0x0c -> push(in.u32());
        case 0x0d -> push((int) in.u32());
        case 0x0e, 0x0f -> push(in.u64());
        case 0x10 -> push(in.uleb()); // constu
        case 0x11 -> push(in.sleb()); // consts
        case 0x12 -> push(peek(0)); // dup
        case 0x13 -> pop(); // drop
        case 0x14 -> push(peek(1)); // over
        case 0x15 -> push(peek(in.u8())); // pick
        case 0x16 -> { // swap
          long top = pop();
          long second = pop();
          push(top);
          push(second);
        }
        case 0x17 -> { // rot: the top goes below the next two
          long top = pop();
          long second = pop();
          long third = pop();
          push(top);
          push(third);
          push(second);
        }
        case 0x28 -> { // bra
          int distance = (short) in.u16();
          if (pop() != 0) {
            branch(distance);
          }
        }
        case 0x2f -> branch((short) in.u16()); // skip
        case 0x92 -> { // bregx
          long register = in.uleb();
          push(known(register) + in.sleb());
        }
        case 0x94 -> { // deref_size
          int bytes = in.u8();
          if (bytes < 1 || bytes > addressSize) {
            throw new Unknown();
          }
          push(known(machine.memory(pop(), bytes)));
        }
        case 0x96 -> {} // nop
        default -> throw new Unknown();
      }
    }

    private void branch(int distance) {
      jump(in.position() - (long) start + distance);
    }

    private void arithmetic(int op) {
      long b = pop();
      switch (op) {
        case 0x19 -> push(Math.abs(signed(b)));
        case 0x1f -> push(-b); // neg
        case 0x20 -> push(~b); // not
        case 0x23 -> push(b + in.uleb()); // plus_uconst
        default -> push(binary(op, pop(), b));
      }
    }

    private long binary(int op, long a, long b) {
      return switch (op) {
        case 0x1a -> a & b;
        case 0x1b -> signed(a) / nonZero(signed(b)); // div
        case 0x1c -> a - b;
        case 0x1d -> Long.remainderUnsigned(a, nonZero(b)); // mod
        case 0x1e -> a * b;
        case 0x21 -> a | b;
        case 0x22 -> a + b;
        case 0x24 -> shift(b) ? 0 : a << b;
        case 0x25 -> shift(b) ? 0 : a >>> b;
        case 0x26 -> signed(a) >> (shift(b) ? 63 : b); // shra
        case 0x27 -> a ^ b;
        case 0x29 -> a == b ? 1 : 0;
        case 0x2a -> signed(a) >= signed(b) ? 1 : 0;
        case 0x2b -> signed(a) > signed(b) ? 1 : 0;
        case 0x2c -> signed(a) <= signed(b) ? 1 : 0;
        case 0x2d -> signed(a) < signed(b) ? 1 : 0;
        default -> a != b ? 1 : 0; // 0x2e
      };
    }

    private boolean shift(long by) {
      return Long.compareUnsigned(by, 8L * addressSize) >= 0;
    }

    private static long nonZero(long value) {
      if (value == 0) {
        throw new Unknown();
      }
      return value;
    }
  }
}
