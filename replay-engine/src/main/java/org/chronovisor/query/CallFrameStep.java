package org.chronovisor.query;

import java.util.OptionalLong;
import org.chronovisor.symbols.dwarf.CallFrameRow;
import org.chronovisor.symbols.dwarf.CallFrameRule;
import org.chronovisor.symbols.dwarf.MachineView;

/** Finds a caller by the rules of call-frame information. */
final class CallFrameStep {
  /** DWARF's number of the return address in 64-bit code. */
  private static final int RETURN_WIDE = 16;

  private final StackMemory memory;

  CallFrameStep(StackMemory memory) {
    this.memory = memory;
  }

  /** How it went. */
  enum Outcome {
    FOUND,
    /** The rules say that there is no caller. */
    OUTERMOST,
    /** A value that the rules need is not known. */
    FAILED
  }

  /**
   * A step.
   *
   * @param caller null unless found
   */
  record Step(Outcome outcome, UnwindState caller) {}

  private static final Step FAILED = new Step(Outcome.FAILED, null);

  Step step(UnwindState state, CallFrameRow row) {
    boolean wide = row.returnColumn() == RETURN_WIDE;
    int slot = wide ? 8 : 4;
    MachineView view = state.view(memory, wide);
    CallFrameRule back = row.registers()[row.returnColumn()];
    if (back.kind() == CallFrameRule.Kind.UNDEFINED) {
      return new Step(Outcome.OUTERMOST, null);
    }
    OptionalLong cfa = cfa(row.cfa(), view);
    if (cfa.isEmpty()) {
      return FAILED;
    }
    OptionalLong pc = value(back, row.returnColumn(), cfa.getAsLong(), view, slot);
    if (pc.isEmpty()) {
      return FAILED;
    }
    UnwindState caller = state.caller(wide);
    caller.set(UnwindState.RSP, cfa.getAsLong());
    for (int i = 0; i < row.registers().length; i++) {
      int register = UnwindState.encoding(i, wide);
      CallFrameRule rule = row.registers()[i];
      if (register < 0 || rule.kind() == CallFrameRule.Kind.UNSPECIFIED) {
        continue;
      }
      OptionalLong value = value(rule, i, cfa.getAsLong(), view, slot);
      if (value.isPresent()) {
        caller.set(register, value.getAsLong());
      } else {
        caller.forget(register);
      }
    }
    if (!caller.isKnown(UnwindState.RSP)) {
      return FAILED;
    }
    caller.pc = wide ? pc.getAsLong() : pc.getAsLong() & 0xffffffffL;
    caller.exact = row.signalFrame();
    return new Step(Outcome.FOUND, caller);
  }

  private static OptionalLong cfa(CallFrameRule rule, MachineView view) {
    return switch (rule.kind()) {
      case REGISTER -> plus(view.register(rule.register()), rule.value());
      case VALUE_EXPRESSION -> rule.expression().evaluate(null, view);
      default -> OptionalLong.empty();
    };
  }

  private static OptionalLong plus(OptionalLong value, long more) {
    return value.isPresent() ? OptionalLong.of(value.getAsLong() + more) : value;
  }

  private OptionalLong value(CallFrameRule rule, int number, long cfa, MachineView view, int slot) {
    return switch (rule.kind()) {
      case UNSPECIFIED, UNDEFINED -> OptionalLong.empty();
      case SAME -> view.register(number);
      case OFFSET -> memory.value(cfa + rule.value(), slot);
      case VALUE_OFFSET -> OptionalLong.of(cfa + rule.value());
      case REGISTER -> view.register(rule.register());
      case EXPRESSION -> {
        OptionalLong address = rule.expression().evaluate(cfa, view);
        yield address.isPresent() ? memory.value(address.getAsLong(), slot) : address;
      }
      case VALUE_EXPRESSION -> rule.expression().evaluate(cfa, view);
    };
  }
}
