package org.chronovisor.symbols.dwarf;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.chronovisor.trace.CallFrameSection;

/** Runs call frame instructions up to an address (DWARF 5, 6.4.2, table 7.29). */
final class CallFrameProgram {
  /** DWARF's numbers of general registers and return address, and the vector registers. */
  static final int REGISTERS = 33;

  private static final int MAX_REMEMBERED = 256;

  private record State(CallFrameRule cfa, CallFrameRule[] rules) {}

  private final CallFrameSection section;
  private final CallFrameEntry entry;
  private final Deque<State> remembered = new ArrayDeque<>();
  private CallFrameRule cfa = CallFrameRule.UNSPECIFIED;
  private CallFrameRule[] rules = new CallFrameRule[REGISTERS];
  private CallFrameRule[] initial;
  private long location;

  CallFrameProgram(CallFrameSection section, CallFrameEntry entry) {
    this.section = section;
    this.entry = entry;
    Arrays.fill(rules, CallFrameRule.UNSPECIFIED);
    initial = rules.clone();
  }

  /** The rules of now are those that registers are restored to. */
  void rememberInitial() {
    initial = rules.clone();
  }

  CallFrameRow row() {
    return new CallFrameRow(cfa, rules.clone(), entry.returnColumn(), entry.signalFrame());
  }

  /**
   * Runs instructions until they are over or the next row begins behind the address.
   *
   * @throws DwarfException when they are damaged
   */
  void run(DwarfInput in, long start, long address) {
    location = start;
    while (in.remaining() > 0) {
      int opcode = in.u8();
      int operand = opcode & 0x3f;
      boolean more =
          switch (opcode >>> 6) {
            case 1 -> advance(operand, address);
            case 2 -> set(in, operand, CallFrameRule.offset(in.uleb() * entry.dataFactor()));
            case 3 -> restore(in, operand);
            default -> extended(in, opcode, address);
          };
      if (!more) {
        return;
      }
    }
  }

  private boolean advance(long delta, long address) {
    return moveTo(location + delta * entry.codeFactor(), address);
  }

  /** False when the new row is behind the address. */
  private boolean moveTo(long to, long address) {
    location = to;
    return Long.compareUnsigned(to, address) <= 0;
  }

  private boolean set(DwarfInput in, long register, CallFrameRule rule) {
    // Rules of registers that nobody asks for, the vectors' and others', are passed over.
    if (register >= 0 && register < REGISTERS) {
      rules[(int) register] = rule;
    } else if (register < 0) {
      throw in.damaged("an impossible register");
    }
    return true;
  }

  private boolean restore(DwarfInput in, long register) {
    boolean known = register >= 0 && register < REGISTERS;
    return set(in, register, known ? initial[(int) register] : CallFrameRule.UNSPECIFIED);
  }

  @SuppressWarnings("unused") // it is read to be passed over
  private static boolean ignore(long operand) {
    return true;
  }

  private boolean defineCfa(CallFrameRule rule) {
    cfa = rule;
    return true;
  }

  private boolean extended(DwarfInput in, int opcode, long address) {
    long factor = entry.dataFactor();
    return switch (opcode) {
      case 0x00 -> true; // nop
      case 0x01 -> moveTo(location(in), address); // set_loc
      case 0x02 -> advance(in.u8(), address); // advance_loc1, 2, 4
      case 0x03 -> advance(in.u16(), address);
      case 0x04 -> advance(in.u32(), address);
      case 0x05 -> set(in, in.uleb(), CallFrameRule.offset(in.uleb() * factor));
      case 0x06 -> restore(in, in.uleb()); // restore_extended
      case 0x07 -> set(in, in.uleb(), CallFrameRule.UNDEFINED);
      case 0x08 -> set(in, in.uleb(), CallFrameRule.SAME);
      case 0x09 -> set(in, in.uleb(), CallFrameRule.register(register(in), 0));
      case 0x0a -> rememberState(in);
      case 0x0b -> restoreState(in);
      case 0x0c -> defineCfa(CallFrameRule.register(register(in), in.uleb()));
      case 0x0d -> defineCfa(CallFrameRule.register(register(in), cfa.value()));
      case 0x0e -> defineCfa(CallFrameRule.register(cfa.register(), in.uleb()));
      case 0x0f -> defineCfa(CallFrameRule.valueExpression(expression(in)));
      case 0x10 -> set(in, in.uleb(), CallFrameRule.expression(expression(in)));
      case 0x11 -> set(in, in.uleb(), CallFrameRule.offset(in.sleb() * factor));
      case 0x12 -> defineCfa(CallFrameRule.register(register(in), in.sleb() * factor));
      case 0x13 -> defineCfa(CallFrameRule.register(cfa.register(), in.sleb() * factor));
      case 0x14 -> set(in, in.uleb(), CallFrameRule.valueOffset(in.uleb() * factor));
      case 0x15 -> set(in, in.uleb(), CallFrameRule.valueOffset(in.sleb() * factor));
      case 0x16 -> set(in, in.uleb(), CallFrameRule.valueExpression(expression(in)));
      case 0x1d -> advance(in.u64(), address); // MIPS_advance_loc8, also GNU's
      case 0x2e -> ignore(in.uleb()); // GNU_args_size says nothing about registers
      case 0x2f -> set(in, in.uleb(), CallFrameRule.offset(-in.uleb() * factor));
      default -> throw in.damaged("call frame instruction 0x" + Integer.toHexString(opcode));
    };
  }

  private long location(DwarfInput in) {
    return CallFrameTable.pointer(section, in, entry.pointerEncoding(), entry.addressSize());
  }

  private static int register(DwarfInput in) {
    long number = in.uleb();
    if (number < 0 || number >= REGISTERS) {
      throw in.damaged("an impossible register");
    }
    return (int) number;
  }

  private Expression expression(DwarfInput in) {
    DwarfInput block = in.take(in.uleb());
    return new Expression(
        section.bytes(), block.position(), block.remaining(), entry.addressSize());
  }

  private boolean rememberState(DwarfInput in) {
    if (remembered.size() == MAX_REMEMBERED) {
      throw in.damaged("too many remembered states");
    }
    remembered.push(new State(cfa, rules.clone()));
    return true;
  }

  private boolean restoreState(DwarfInput in) {
    if (remembered.isEmpty()) {
      throw in.damaged("no state was remembered");
    }
    State state = remembered.pop();
    cfa = state.cfa();
    rules = state.rules();
    return true;
  }
}
