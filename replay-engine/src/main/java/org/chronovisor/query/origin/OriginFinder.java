package org.chronovisor.query.origin;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.chronovisor.query.Effect;
import org.chronovisor.query.Executed;
import org.chronovisor.query.InstructionHistory;
import org.chronovisor.query.InstructionShape;
import org.chronovisor.query.InstructionView;
import org.chronovisor.query.MemoryBytes;
import org.chronovisor.query.MemoryChange;
import org.chronovisor.query.MemoryWrite;
import org.chronovisor.query.Operand;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.TraceSession;

/**
 * Follows a value backwards through moves, loads, stores and arithmetic to where it came from.
 *
 * <p>Memory is followed by physical address and byte by byte: when several stores made the value,
 * those that changed a part of it later are followed. What a {@code push} saves and a {@code pop}
 * restores is passed over without a word. Instructions that a loop executes again and again on the
 * same place count as one step.
 */
public final class OriginFinder {
  /** Steps of a trail unless asked otherwise. */
  public static final int DEFAULT_STEPS = 64;

  /** Stations that are passed over, of loops and of saved registers. */
  private static final int MOST_TURNS = 4_000;

  /** How far back an instruction that changes a register again and again is followed. */
  private static final long FURTHEST_RUN = 50_000_000;

  private static final int RSP = 4;

  private final TraceSession session;
  private final InstructionHistory history;
  private final ProgressListener progress;
  private final CellWriters writers;

  private List<Step> steps;

  /** Index in {@link #steps} by instruction and place. */
  private Map<String, Integer> seen;

  /** The value being followed, and the position before which it is there. */
  private Cell cell;

  private long position;
  private MemoryBytes value;

  /** The vCPU whose register the cell is. */
  private int vcpu;

  private Origin.End end;
  private String text;

  /** The last step has been a pop, of this register; -1 otherwise. */
  private int popped;

  public OriginFinder(TraceSession session, ProgressListener progress) {
    this.session = session;
    this.progress = progress;
    history = session.history();
    writers = new CellWriters(session, progress);
  }

  /**
   * Follows the value that a cell holds before the instruction at a position.
   *
   * @param mostSteps at least 1
   */
  public Origin follow(long from, Cell start, int mostSteps) {
    session.seek(from);
    steps = new ArrayList<>();
    seen = new HashMap<>();
    popped = -1;
    end = null;
    go(from, start);
    MemoryBytes asked = value;
    for (int turns = 0; end == null; turns++) {
      progress.progress(Math.min(steps.size(), mostSteps), mostSteps);
      if (steps.size() >= mostSteps || turns >= MOST_TURNS) {
        end(Origin.End.LIMIT, "the trail goes on before instruction " + position);
      } else if (cell.isMemory()) {
        followMemory();
      } else {
        followRegister();
      }
    }
    session.seek(from);
    return new Origin(start.name(session), from, asked, steps, end, text);
  }

  private void end(Origin.End why, String line) {
    end = why;
    text = line;
  }

  /** Follows another cell, as it is at the session's position. */
  private void go(long at, Cell next) {
    session.seek(at);
    position = at;
    cell = next;
    vcpu = session.replayer().currentCpu();
    value = next.value(session);
  }

  // ---- registers -------------------------------------------------------------------------------

  private void followRegister() {
    boolean vector = cell.kind() == Operand.Kind.VECTOR;
    int bit = 1 << (cell.number() + (vector ? 16 : 0));
    long at = history.lastWriter(bit, vcpu, position, progress);
    String name = cell.name(session);
    if (at < 0) {
      end(Origin.End.INITIAL_REGISTER, name + " had this value when the recording started");
      return;
    }
    Executed executed = history.at(at);
    Effect effect = executed.shape() == null ? null : effect(executed.shape());
    session.seek(at);
    MemoryBytes before = cell.value(session, vcpu);
    InstructionView view = InstructionView.at(session, executed.pc());
    if (effect == null) {
      session.seek(at + 1);
      MemoryBytes after = cell.value(session, vcpu);
      if (same(before, after)) {
        position = at;
      } else {
        add(at, view, "changed " + name, Step.Kind.OUTSIDE, List.of());
        end(Origin.End.UNKNOWN, "an instruction whose inputs are not known");
      }
      return;
    }
    Inputs inputs = new Inputs(session, executed.next());
    session.seek(at + 1);
    MemoryBytes after = cell.value(session, vcpu);
    if (!same(value, after)) {
      end(
          Origin.End.UNKNOWN,
          name + " changed behind instruction " + at + " by no instruction (an interrupt?)");
      return;
    }
    session.seek(at);
    int from = cell.offset() - effect.to().offset();
    if (from < 0) { // written in part: what was written is followed
      cell = cell.slice(-from, cell.size() + from);
      value = slice(value, -from, cell.size());
      from = 0;
    }
    apply(at, executed, view, effect, inputs, from, List.of());
  }

  private static MemoryBytes slice(MemoryBytes bytes, int from, int length) {
    return new MemoryBytes(
        bytes.address() + from,
        bytes.physical(),
        Arrays.copyOfRange(bytes.bytes(), from, from + length),
        Arrays.copyOfRange(bytes.states(), from, from + length));
  }

  /** The effect that wrote the cell, or null. */
  private Effect effect(InstructionShape shape) {
    for (Effect effect : shape.effects()) {
      Operand to = effect.to();
      if (to.kind() == cell.kind() && to.number() == cell.number()) {
        // A 32-bit result clears the upper half.
        int size = to.kind() == Operand.Kind.REGISTER && to.size() == 4 ? 8 : to.size();
        if (cell.offset() < to.offset() + size && to.offset() < cell.offset() + cell.size()) {
          return effect;
        }
      }
    }
    return null;
  }

  private static boolean same(MemoryBytes a, MemoryBytes b) {
    return Arrays.equals(a.bytes(), b.bytes());
  }

  /**
   * Goes on with what an effect made the cell of. The session stands before the instruction.
   *
   * @param from offset of the cell's first byte in the place that was written
   * @param others of the cell's bytes
   */
  private void apply(
      long at,
      Executed executed,
      InstructionView view,
      Effect effect,
      Inputs inputs,
      int from,
      List<Step.Alternative> others) {
    String place = cell.name(session);
    Operand source = effect.from().isEmpty() ? null : effect.from().get(0);
    switch (effect.how()) {
      case COPY, EXTEND, SELECT -> copy(at, view, effect, inputs, from, others);
      case ADDRESS, ARITHMETIC -> arithmetic(at, view, effect, inputs, others);
      case CONSTANT -> {
        String what = constant(executed, source, inputs);
        add(at, view, place + " = " + what, Step.Kind.CONSTANT, others);
        end(Origin.End.CONSTANT, what);
      }
      case CONDITION -> {
        List<Step.Alternative> compared = compared(at);
        add(at, view, place + " computed from flags", Step.Kind.ARITHMETIC, compared);
        end(Origin.End.FLAGS, "flags, which a comparison set");
      }
      case PORT -> {
        String what = String.format("I/O port 0x%x", port(executed, inputs));
        add(at, view, place + " read from " + what, Step.Kind.INPUT, others);
        end(Origin.End.PORT, what);
      }
      case MACHINE -> {
        add(at, view, place + " from the CPU", Step.Kind.INPUT, others);
        end(Origin.End.MACHINE, "the CPU: " + view.display());
      }
      case STRING -> string(at, view, effect, inputs, others);
      default -> throw new IllegalStateException(effect.how().toString());
    }
  }

  private void copy(
      long at,
      InstructionView view,
      Effect effect,
      Inputs inputs,
      int from,
      List<Step.Alternative> others) {
    Operand source = effect.from().get(0);
    String place = cell.name(session);
    if (effect.how() == Effect.How.SELECT) {
      MemoryBytes old = inputs.value(effect.from().get(1));
      if (starts(old, value) && !starts(inputs.value(source), value)) {
        position = at; // a conditional move that did not move
        return;
      }
    }
    int size = source.size();
    if (from >= size) {
      add(at, view, place + ": sign or zeroes", Step.Kind.CONSTANT, others);
      end(Origin.End.CONSTANT, "zero or sign extension");
      return;
    }
    Cell next = inputs.cell(source);
    int length = Math.min(cell.size(), size - from);
    if (from > 0 || length < size) {
      next = next.slice(from, length);
    }
    boolean load = source.kind() == Operand.Kind.MEMORY && !cell.isMemory();
    boolean pops = load && isTop(source);
    if (pops || !isRestored(effect)) {
      String verb = load ? " loaded from " : " copied from ";
      Step.Kind kind = load ? Step.Kind.LOAD : cell.isMemory() ? Step.Kind.STORE : Step.Kind.MOVE;
      add(at, view, place + verb + next.name(session), kind, others);
    }
    popped = pops ? cell.number() : -1;
    go(at, next);
  }

  private static boolean starts(MemoryBytes bytes, MemoryBytes with) {
    int length = Math.min(bytes.length(), with.length());
    return Arrays.equals(bytes.bytes(), 0, length, with.bytes(), 0, length);
  }

  /** Memory that the stack pointer points at. */
  private static boolean isTop(Operand operand) {
    return operand.memory().base() == RSP
        && operand.memory().index() < 0
        && operand.memory().displacement() == 0;
  }

  /** A push of the register that the step before has popped: both are passed over. */
  private boolean isRestored(Effect effect) {
    Operand source = effect.from().get(0);
    Operand to = effect.to();
    boolean push =
        popped >= 0
            && to.kind() == Operand.Kind.MEMORY
            && to.memory().base() == RSP
            && to.memory().displacement() == -to.size()
            && source.kind() == Operand.Kind.REGISTER
            && source.number() == popped;
    if (push && !steps.isEmpty() && isPop(steps.get(steps.size() - 1))) {
      steps.remove(steps.size() - 1);
      seen.values().removeIf(index -> index >= steps.size());
    }
    return push;
  }

  private static boolean isPop(Step step) {
    InstructionShape shape = step.instruction().shape();
    return shape != null
        && step.kind() == Step.Kind.LOAD
        && shape.memory() != null
        && isTop(shape.memory());
  }

  private void arithmetic(
      long at, InstructionView view, Effect effect, Inputs inputs, List<Step.Alternative> bytes) {
    long result = value.value(0, Math.min(8, value.length()));
    Operand carrier = inputs.carrier(effect, result);
    List<Step.Alternative> others = inputs.others(effect.from(), carrier, at);
    others.addAll(bytes);
    String operation = cell.name(session) + " computed" + inputsOf(effect, inputs, at);
    add(at, view, operation, Step.Kind.ARITHMETIC, others);
    if (carrier == null) {
      end(Origin.End.UNKNOWN, "an instruction whose inputs are not known");
      return;
    }
    if (carrier.kind() == Operand.Kind.CONSTANT) {
      String what = "constant " + Values.hex(inputs.value(carrier));
      String symbol = session.symbols().name(carrier.value());
      end(Origin.End.CONSTANT, symbol == null ? what : what + " (" + symbol + ")");
      return;
    }
    Cell next = inputs.cell(carrier);
    if (carrier.equals(effect.to())) {
      run(at, view.pc(), next);
    } else {
      go(at, next);
    }
  }

  /** Passes over the executions before by which an instruction changed the same place. */
  private void run(long at, long pc, Cell next) {
    long oldest = at;
    long count = 0;
    if (next.isMemory()) {
      List<Long> run = writers.runBefore(next, at, pc);
      count = run.size();
      oldest = run.isEmpty() ? at : run.get(run.size() - 1);
    } else {
      int bit = 1 << (next.number() + (next.kind() == Operand.Kind.VECTOR ? 16 : 0));
      long writer = history.lastWriter(bit, vcpu, oldest, progress);
      while (writer >= 0 && history.at(writer).pc() == pc && at - writer < FURTHEST_RUN) {
        count++;
        oldest = writer;
        writer = history.lastWriter(bit, vcpu, oldest, progress);
      }
    }
    int index = seen.get(key(pc));
    steps.set(index, withRepeats(steps.get(index), steps.get(index).repeats() + count));
    go(oldest, next);
  }

  private static String inputsOf(Effect effect, Inputs inputs, long at) {
    List<String> names = new ArrayList<>();
    for (Operand from : effect.from()) {
      Step.Alternative input = inputs.alternative(from, at);
      names.add(
          from.kind() == Operand.Kind.CONSTANT
              ? input.value()
              : input.name() + " = " + input.value());
    }
    return names.isEmpty() ? "" : " from " + String.join(" and ", names);
  }

  private String constant(Executed executed, Operand source, Inputs inputs) {
    if (executed.shape().isCall()) {
      return "return address 0x" + Long.toHexString(executed.next());
    }
    MemoryBytes bytes = inputs.value(source);
    String hex = "constant " + Values.hex(bytes);
    long number = bytes.value(0, Math.min(8, bytes.length()));
    String symbol = Long.compareUnsigned(number, 4096) < 0 ? null : session.symbols().name(number);
    return symbol == null ? hex : hex + " (" + symbol + ")";
  }

  /** {@code in} has its port in dx or in its last byte. */
  private static int port(Executed executed, Inputs inputs) {
    byte[] bytes = executed.bytes();
    int opcode = bytes.length > 1 ? bytes[bytes.length - 2] & 0xfe : 0;
    return opcode == 0xe4 ? bytes[bytes.length - 1] & 0xff : (int) inputs.cpu().words[2] & 0xffff;
  }

  /** What the flags at a position come from. */
  private List<Step.Alternative> compared(long at) {
    for (long i = at - 1; i >= 0 && i > at - 16; i--) {
      Executed executed = history.at(i);
      if (executed.cpu() == history.at(at).cpu()
          && executed.shape() != null
          && executed.shape().compared().size() == 2) {
        session.seek(i);
        return new Inputs(session, executed.next()).others(executed.shape().compared(), null, i);
      }
    }
    return List.of();
  }

  /** A string instruction: source and destination keep their distance. */
  private void string(
      long at, InstructionView view, Effect effect, Inputs inputs, List<Step.Alternative> others) {
    Operand source = effect.from().get(0);
    String place = cell.name(session);
    if (source.kind() == Operand.Kind.REGISTER) {
      Cell next =
          Cell.part(source.kind(), source.number(), 0, Math.min(cell.size(), source.size()));
      add(at, view, place + " filled from " + next.name(session), Step.Kind.STORE, others);
      go(at, next);
    } else if (cell.linear() != 0) {
      long from = inputs.address(source) + cell.linear() - inputs.address(effect.to());
      Cell next = Cell.memory(session, from, cell.size());
      add(at, view, place + " copied from " + next.name(session), Step.Kind.STORE, others);
      go(at, next);
    } else {
      add(at, view, place + " copied", Step.Kind.STORE, others);
      end(Origin.End.UNKNOWN, "a copy whose source is not known");
    }
  }

  // ---- memory ----------------------------------------------------------------------------------

  private void followMemory() {
    if (!isRam()) {
      end(Origin.End.DEVICE, "device memory at " + cell.name(session));
      return;
    }
    if (!value.isKnown(0, value.length())) {
      end(Origin.End.UNKNOWN, "nobody knows when " + cell.name(session) + " was written");
      return;
    }
    MemoryChange[] each = writers.each(cell, position);
    WriterGroups groups = new WriterGroups(session, history, each, cell, value);
    WriterGroups.Group group = groups.toFollow();
    if (group == null) {
      initial();
      return;
    }
    MemoryChange change = group.newest();
    List<Step.Alternative> others = groups.others(group, position);
    if (change.kind() != MemoryWrite.Kind.STORE) {
      session.seek(change.position());
      InstructionView view = InstructionView.at(session, change.pc(session));
      String what = cell.name(session) + " written by " + change.kind().description();
      add(change.position(), view, what, Step.Kind.OUTSIDE, others);
      boolean frame = change.kind() == MemoryWrite.Kind.FRAME;
      end(frame ? Origin.End.FRAME : Origin.End.EXTERNAL, change.kind().description());
    } else if (change.interrupted() != null) {
      session.seek(change.position());
      InstructionView view = InstructionView.at(session, change.pc(session));
      String what = cell.name(session) + " stored before the instruction was cut short";
      add(change.position(), view, what, Step.Kind.STORE, others);
      end(Origin.End.UNKNOWN, "a store of an instruction that did not complete");
    } else {
      store(group, others);
    }
  }

  private void store(WriterGroups.Group group, List<Step.Alternative> others) {
    int from = group.firstByte();
    int length = group.length();
    boolean several = group.changes().size() > 1;
    CopyLoop loop = several ? CopyLoop.find(session, history, group, cell) : null;
    MemoryChange change = group.newest();
    if (several && loop == null) {
      change = group.of(from);
      length = Math.min(length, Math.max(1, change.offset() + change.size() - from));
    }
    if (length < cell.size()) {
      cell = cell.slice(from, length);
      value = slice(value, from, length);
    }
    Executed executed = history.at(change.position());
    session.seek(change.position());
    InstructionView view = InstructionView.at(session, executed.pc());
    if (loop != null) {
      String what =
          String.format(
              "%s: %d bytes stored one after the other, loaded from %s",
              cell.name(session), length, loop.source().name(session));
      add(change.position(), view, what, Step.Kind.STORE, others);
      go(loop.position(), loop.source());
      return;
    }
    Effect effect = null;
    if (executed.shape() != null) {
      for (Effect candidate : executed.shape().effects()) {
        effect = candidate.to().kind() == Operand.Kind.MEMORY ? candidate : effect;
      }
    }
    if (effect == null) {
      add(change.position(), view, cell.name(session) + " stored", Step.Kind.STORE, others);
      end(Origin.End.UNKNOWN, "a store whose inputs are not known");
      return;
    }
    Inputs inputs = new Inputs(session, executed.next());
    int offset = WriterGroups.offsetInStore(session, inputs.address(effect.to()), change, cell);
    apply(change.position(), executed, view, effect, inputs, Math.max(0, offset), others);
  }

  private boolean isRam() {
    return cell.parts().stream()
        .allMatch(
            part ->
                session.trace().header().ram().stream()
                    .anyMatch(region -> region.contains(part.physical())));
  }

  private void initial() {
    boolean zero = true;
    for (byte b : value.bytes()) {
      zero &= b == 0;
    }
    String name = cell.name(session);
    if (zero) {
      end(
          Origin.End.NEVER_WRITTEN,
          name + " was zero when the recording started and has never been written");
    } else {
      String content = Values.text(value);
      end(
          Origin.End.INITIAL_MEMORY,
          name
              + " had this value when the recording started"
              + (content == null ? "" : ": " + content));
    }
  }

  // ---- steps -----------------------------------------------------------------------------------

  /** An instruction and the place it wrote. */
  private String key(long pc) {
    return pc
        + " "
        + (cell.isMemory()
            ? Long.toHexString(cell.parts().get(0).physical())
            : cell.kind() + " " + cell.number());
  }

  /** Adds a step, or counts one more turn of a loop. */
  private void add(
      long at,
      InstructionView view,
      String what,
      Step.Kind kind,
      List<Step.Alternative> alternatives) {
    Integer index = seen.putIfAbsent(key(view.pc()), steps.size());
    if (index != null) {
      Step step = steps.get(index);
      steps.set(index, withRepeats(step, step.repeats() + 1));
      return;
    }
    steps.add(
        new Step(
            at,
            view,
            cell.name(session),
            value,
            what,
            kind,
            alternatives,
            0,
            cell.isMemory() ? cell.linear() : 0));
  }

  private static Step withRepeats(Step step, long repeats) {
    return new Step(
        step.position(),
        step.instruction(),
        step.place(),
        step.value(),
        step.text(),
        step.kind(),
        step.alternatives(),
        repeats,
        step.address());
  }
}
