package org.chronovisor.query;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.chronovisor.query.Backtrace.How;
import org.chronovisor.symbols.dwarf.CallFrameRow;
import org.chronovisor.trace.Symbol;
import org.chronovisor.trace.Transfer;
import org.chronovisor.x86.CpuState;
import org.chronovisor.x86.Mode;

/**
 * Finds the functions that wait on a stack, each in the best way there is: call-frame information,
 * frame pointers, the frame that an interrupt pushed, or a search for a return address.
 */
final class Unwinder {
  /** One function that has a stack frame of its own. */
  record Found(UnwindState state, How how) {}

  static final int LONGEST = 256;

  /** Slots looked through before frame pointers are tried: room for all registers and a frame. */
  private static final int LITTLE = 24;

  /** Slots that a search looks through. */
  private static final int SCANNED = 512;

  /** Slots with unknown bytes that a search passes over. */
  private static final int MOST_UNKNOWN = 8;

  /** Frames are not farther apart. */
  private static final long LARGEST_FRAME = 1 << 20;

  /** Longest {@code call} with memory operand: opcode, modrm, sib, displacement, prefixes. */
  private static final int LONGEST_CALL = 9;

  private final TraceSession session;
  private final StackMemory memory;
  private final CallFrameStep step;
  private final CpuState cpu;
  private final Mode mode;
  private final int slot;
  private RecordedInterrupts interrupts;

  /**
   * @param session stands at the position
   * @param cpu registers to begin with
   */
  Unwinder(TraceSession session, CpuState cpu) {
    this.session = session;
    this.cpu = cpu;
    memory = new StackMemory(session);
    step = new CallFrameStep(memory);
    mode = session.replayer().cpu().mode();
    slot = mode == Mode.CODE64 ? 8 : 4;
  }

  /** The active functions, innermost first. */
  List<Found> unwind(long pc) {
    List<Found> frames = new ArrayList<>();
    UnwindState state = UnwindState.of(cpu, pc);
    frames.add(new Found(state, How.RUNNING));
    while (mode != Mode.CODE16 && frames.size() < LONGEST) {
      Found next = caller(state);
      if (next == null || !isBehind(next, state)) {
        break;
      }
      frames.add(next);
      state = next.state;
    }
    return frames;
  }

  /** Stacks grow down: a caller's is above; an interrupted one may be another. */
  private static boolean isBehind(Found next, UnwindState state) {
    long difference = next.state.get(UnwindState.RSP) - state.get(UnwindState.RSP);
    return next.state.exact
        ? next.state.pc != state.pc || difference != 0
        : difference > 0 && state.isKnown(UnwindState.RSP);
  }

  private Found caller(UnwindState state) {
    Optional<CallFrameRow> row = session.callFrames().at(state.lookup());
    if (row.isPresent()) {
      CallFrameStep.Step result = step.step(state, row.get());
      switch (result.outcome()) {
        case OUTERMOST -> {
          return null;
        }
        case FOUND -> {
          return byInformation(result.caller(), row.get());
        }
        case FAILED -> {}
      }
    }
    if (!state.isKnown(UnwindState.RSP)) {
      return null;
    }
    Boolean framed = hasFramePointer(state.lookup());
    if (Boolean.TRUE.equals(framed)) {
      return byFramePointer(state);
    }
    Found scanned = scan(state, framed == null ? LITTLE : SCANNED);
    if (scanned != null) {
      return scanned;
    }
    Found pointed = byFramePointer(state);
    return pointed != null || framed != null ? pointed : scan(state, SCANNED);
  }

  private Found byInformation(UnwindState caller, CallFrameRow row) {
    if (caller.pc == 0) {
      return null;
    }
    if (row.signalFrame()) {
      return new Found(caller, How.INTERRUPT);
    }
    // What begins a thread returns to a function that has called nothing.
    caller.exact = !followsCall(caller.pc) && isFunctionStart(caller.pc);
    return new Found(caller, How.CALL_FRAME_INFORMATION);
  }

  private boolean isFunctionStart(long address) {
    return session.symbols().at(address).filter(s -> s.address() == address).isPresent();
  }

  // ---- frame pointers ------------------------------------------------------------------------

  /** Whether a function sets up a frame pointer; null when its beginning is not known. */
  private Boolean hasFramePointer(long address) {
    Optional<Symbol> symbol = session.symbols().at(address).filter(Symbol::function);
    return symbol.map(s -> pushAt(s.address()) >= 0).orElse(null);
  }

  /** Address of a function's {@code push rbp}, -1 when it does not begin with one. */
  private long pushAt(long entry) {
    byte[] code = memory.bytes(entry, 8);
    // endbr64 and endbr32 may come first.
    boolean marked =
        code.length >= 4
            && code[0] == (byte) 0xf3
            && code[1] == 0x0f
            && code[2] == 0x1e
            && (code[3] == (byte) 0xfa || code[3] == (byte) 0xfb);
    int at = marked ? 4 : 0;
    return code.length > at && code[at] == 0x55 ? entry + at : -1;
  }

  private Found byFramePointer(UnwindState state) {
    long stack = state.get(UnwindState.RSP);
    long frame = state.get(UnwindState.RBP);
    Optional<Symbol> symbol = session.symbols().at(state.lookup()).filter(Symbol::function);
    long push = symbol.isPresent() ? pushAt(symbol.get().address()) : -1;
    boolean returning = state.exact && memory.value(state.pc, 1).equals(OptionalLong.of(0xc3));
    if (push >= 0 && state.exact && (Long.compareUnsigned(state.pc, push) <= 0 || returning)) {
      return at(state, stack, null); // nothing is pushed yet, or any more
    }
    if (push >= 0 && state.exact && state.pc == push + 1) {
      return at(state, stack + slot, memory.value(stack, slot));
    }
    if (!state.isKnown(UnwindState.RBP)
        || Long.compareUnsigned(frame, stack) < 0
        || Long.compareUnsigned(frame - stack, LARGEST_FRAME) > 0) {
      return null;
    }
    return at(state, frame + slot, memory.value(frame, slot));
  }

  /**
   * The caller, when there is a return address at a place.
   *
   * @param frame the caller's frame pointer; null when it is as it was
   */
  private Found at(UnwindState state, long place, OptionalLong frame) {
    OptionalLong back = memory.value(place, slot);
    if (back.isEmpty() || !followsCall(back.getAsLong())) {
      return null;
    }
    UnwindState caller = afterReturn(state, place, back.getAsLong());
    if (frame != null && frame.isPresent()) {
      caller.set(UnwindState.RBP, frame.getAsLong());
    } else if (frame != null) {
      caller.forget(UnwindState.RBP);
    }
    return new Found(caller, How.FRAME_POINTER);
  }

  private UnwindState afterReturn(UnwindState state, long place, long back) {
    // Only the frame pointer is followed; other registers may have been saved anywhere.
    UnwindState caller = new UnwindState();
    if (state.isKnown(UnwindState.RBP)) {
      caller.set(UnwindState.RBP, state.get(UnwindState.RBP));
    }
    caller.set(UnwindState.RSP, place + slot);
    caller.pc = back;
    return caller;
  }

  // ---- search --------------------------------------------------------------------------------

  /** The nearest return address, or frame of an interrupt, from the top of the stack on. */
  private Found scan(UnwindState state, int slots) {
    long stack = state.get(UnwindState.RSP);
    int unknown = 0;
    for (int i = 0; i < slots; i++) {
      long place = stack + (long) i * slot;
      OptionalLong value = memory.value(place, slot);
      if (value.isEmpty()) {
        // Bytes that a device may have changed are passed over; the stack's end is not.
        if (++unknown > MOST_UNKNOWN) {
          return null;
        }
        continue;
      }
      UnwindState interrupted = interrupted(state, place, value.getAsLong());
      if (interrupted != null) {
        return new Found(interrupted, How.INTERRUPT);
      }
      if (mayReturnTo(value.getAsLong(), state)) {
        return new Found(afterReturn(state, place, value.getAsLong()), How.SCAN);
      }
    }
    return null;
  }

  /** Whether the code before an address calls the function that a state is in. */
  private boolean mayReturnTo(long address, UnwindState state) {
    InstructionShape call = callBefore(address);
    if (call == null) {
      return false;
    }
    Optional<Symbol> function = session.symbols().at(state.lookup());
    byte[] code = memory.bytes(address - 5, 5);
    if (call.length() != 5 || code.length < 5 || (code[0] & 0xff) != 0xe8) {
      return true; // an indirect call may call anything
    }
    long target =
        address + (code[1] & 0xff | (code[2] & 0xff) << 8 | (code[3] & 0xff) << 16 | code[4] << 24);
    target = slot == 4 ? target & 0xffffffffL : target;
    return function.isPresent()
        ? session.symbols().at(target).equals(function)
        : session.symbols().isEmpty();
  }

  /**
   * The state that was interrupted, when an interrupt's frame begins at a place (Intel SDM vol. 3,
   * 6.14.2 and 6.12.1); null otherwise.
   */
  private UnwindState interrupted(UnwindState state, long place, long pc) {
    OptionalLong selector = memory.value(place + slot, slot);
    OptionalLong flags = memory.value(place + 2L * slot, slot);
    if (selector.isEmpty()
        || selector.getAsLong() != cpu.segments[1].selector()
        // Reserved bits: 1 is set, 3, 5, 15 and those from 22 on are clear (SDM vol. 1, 3.4.3).
        || (flags.isPresent() && (flags.getAsLong() & 0xffffffffffc0802aL) != 2)) {
      return null;
    }
    if (interrupts == null) {
      interrupts = new RecordedInterrupts(session);
    }
    Transfer recorded = interrupts.at(place, pc);
    if (recorded == null && (flags.isEmpty() || !isCode(pc))) {
      return null;
    }
    long stack = place + 3L * slot;
    if (recorded != null) {
      stack = InterruptFrame.of(recorded).stackPointer();
    } else if (slot == 8) {
      OptionalLong pushed = memory.value(place + 24, 8);
      OptionalLong segment = memory.value(place + 32, 8);
      if (pushed.isEmpty() || segment.isEmpty() || segment.getAsLong() >>> 16 != 0) {
        return null;
      }
      stack = pushed.getAsLong();
      // Delivery aligns the stack before it pushes five slots, or six with an error code.
      boolean sameStack = (stack & ~15L) == place + 40;
      if (!sameStack && segment.getAsLong() != cpu.segments[2].selector()) {
        return null;
      }
    }
    UnwindState found = state.caller(slot == 8);
    if (recorded != null) {
      for (int i = 0; i < (slot == 8 ? 16 : 8); i++) {
        found.set(i, recorded.registers()[i]);
      }
    }
    found.set(UnwindState.RSP, stack);
    found.pc = pc;
    found.exact = true;
    return found;
  }

  private boolean isCode(long address) {
    return session.symbols().at(address).filter(Symbol::function).isPresent()
        || session.disassembly().find(address, memory.bytes(address, 15)) != null;
  }

  private boolean followsCall(long address) {
    return callBefore(address) != null;
  }

  /** The call that ends at an address, or null. */
  private InstructionShape callBefore(long address) {
    if (memory.value(address, 1).isEmpty()) {
      return null;
    }
    byte[] code = memory.bytes(address - LONGEST_CALL, LONGEST_CALL);
    if (code.length < LONGEST_CALL) {
      // The first bytes of a page: look at as many as there are.
      for (int length = LONGEST_CALL - 1; length >= 2 && code.length < length; length--) {
        code = memory.bytes(address - length, length);
      }
    }
    for (int length = 2; length <= code.length; length++) {
      byte[] bytes = Arrays.copyOfRange(code, code.length - length, code.length);
      InstructionShape shape = InstructionShape.of(bytes, mode);
      if (shape != null && shape.isCall() && shape.length() == length) {
        return shape;
      }
    }
    return null;
  }
}
