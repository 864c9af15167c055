package org.chronovisor.query.origin;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.chronovisor.query.ByteWriters;
import org.chronovisor.query.Effect;
import org.chronovisor.query.Executed;
import org.chronovisor.query.InstructionHistory;
import org.chronovisor.query.InstructionShape;
import org.chronovisor.query.InstructionView;
import org.chronovisor.query.LastWriter;
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

  /** Turns of a loop that are passed over. */
  private static final int MOST_TURNS = 200_000;

  private final TraceSession session;
  private final InstructionHistory history;
  private final ProgressListener progress;

  private List<Step> steps;
  private Set<String> seen;

  /** The value being followed and the position before which it is there. */
  private Cell cell;

  private long position;
  private Origin.End end;
  private String text;

  /** The last step has been a pop, of this register; -1 otherwise. */
  private int popped;

  /** Instructions whose stores the next search passes over. */
  private Set<Long> passed;

  public OriginFinder(TraceSession session, ProgressListener progress) {
    this.session = session;
    this.progress = progress;
    history = session.history();
  }

  /**
   * Follows the value that a cell holds before the instruction at a position.
   *
   * @param mostSteps at least 1
   */
  public Origin follow(long from, Cell start, int mostSteps) {
    session.seek(from);
    MemoryBytes value = start.value(session);
    String place = start.name(session);
    steps = new ArrayList<>();
    seen = new HashSet<>();
    passed = Set.of();
    popped = -1;
    cell = start;
    position = from;
    end = null;
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
    return new Origin(place, from, value, steps, end, text);
  }

  private void end(Origin.End why, String line) {
    end = why;
    text = line;
  }

  // ---- registers -------------------------------------------------------------------------------

  private void followRegister() {
    boolean vector = cell.kind() == Operand.Kind.VECTOR;
    int bit = 1 << (cell.number() + (vector ? 16 : 0));
    long at = history.lastWriter(bit, position, progress);
    String name = cell.name(session);
    if (at < 0) {
      end(Origin.End.INITIAL_REGISTER, name + " had this value when the recording started");
      return;
    }
    Executed executed = history.at(at);
    Effect effect = executed.shape() == null ? null : effect(executed.shape());
    session.seek(at);
    Inputs inputs = new Inputs(session, executed.next());
    MemoryBytes before = cell.value(session);
    InstructionView view = InstructionView.at(session, executed.pc());
    List<Step.Alternative> others = List.of();
    MemoryBytes wanted = valueAt(position);
    MemoryBytes after = valueAt(at + 1);
    if (effect == null) {
      if (same(before, after)) {
        position = at;
      } else {
        add(at, view, after, "changed " + name, Step.Kind.OUTSIDE, others, "");
        end(Origin.End.UNKNOWN, "an instruction whose inputs are not known");
      }
      return;
    }
    if (!same(wanted, after)) {
      end(
          Origin.End.UNKNOWN,
          name + " changed behind instruction " + at + " by no instruction (an interrupt?)");
      return;
    }
    session.seek(at);
    int from = cell.offset() - effect.to().offset();
    if (from < 0) { // written in part: what was written is followed
      cell = cell.slice(-from, cell.size() + from);
      from = 0;
    }
    apply(at, executed, view, effect, inputs, from, after, "");
  }

  /** The effect that wrote the cell, or null. */
  private Effect effect(InstructionShape shape) {
    for (Effect effect : shape.effects()) {
      Operand to = effect.to();
      if (to.kind() == cell.kind() && to.number() == cell.number()) {
        int size = to.kind() == Operand.Kind.REGISTER && to.size() == 4 ? 8 : to.size();
        if (cell.offset() < to.offset() + size && to.offset() < cell.offset() + cell.size()) {
          return effect;
        }
      }
    }
    return null;
  }

  private MemoryBytes valueAt(long at) {
    session.seek(at);
    return cell.value(session);
  }

  private static boolean same(MemoryBytes a, MemoryBytes b) {
    return java.util.Arrays.equals(a.bytes(), b.bytes());
  }

  /**
   * Goes on with what an effect made the cell of.
   *
   * @param from offset of the cell's first byte in the place that was written
   */
  private void apply(
      long at,
      Executed executed,
      InstructionView view,
      Effect effect,
      Inputs inputs,
      int from,
      MemoryBytes after,
      String key) {
    String place = cell.name(session);
    long address = cell.isMemory() ? cell.linear() : 0;
    boolean memory = cell.isMemory();
    Operand source = effect.from().isEmpty() ? null : effect.from().get(0);
    Step.Kind moved = memory ? Step.Kind.STORE : Step.Kind.MOVE;
    switch (effect.how()) {
      case COPY, EXTEND, SELECT -> {
        if (effect.how() == Effect.How.SELECT) {
          Operand kept = effect.from().get(1);
          MemoryBytes old = inputs.value(kept);
          if (same(old, after) && !same(inputs.value(source), after)) {
            position = at; // a conditional move that did not move
            return;
          }
        }
        int size = source.size();
        if (from >= size) {
          add(at, view, after, place + ": sign or zeroes", Step.Kind.CONSTANT, List.of(), key);
          end(Origin.End.CONSTANT, "zero or sign extension");
          return;
        }
        Cell next = inputs.cell(source);
        int length = Math.min(cell.size(), size - from);
        if (next != null && (from > 0 || length < size)) {
          next = next.slice(from, length);
        }
        if (source.kind() == Operand.Kind.MEMORY) {
          moved = memory ? Step.Kind.STORE : Step.Kind.LOAD;
        }
        boolean pops = isStack(source) && !memory;
        if (pops || !isRestored(executed, effect)) {
          String verb = moved == Step.Kind.LOAD ? " loaded from " : " copied from ";
          add(at, view, after, place + verb + next.name(session), moved, List.of(), key, address);
        }
        popped = pops ? cell.number() : -1;
        go(at, next);
      }
      case ADDRESS, ARITHMETIC -> arithmetic(at, view, effect, inputs, after, key, address);
      case CONSTANT -> {
        String what = constant(executed, effect, inputs);
        add(at, view, after, place + " = " + what, Step.Kind.CONSTANT, List.of(), key, address);
        end(Origin.End.CONSTANT, what);
      }
      case CONDITION -> {
        List<Step.Alternative> compared = compared(at);
        add(at, view, after, place + " from flags", Step.Kind.ARITHMETIC, compared, key, address);
        end(Origin.End.FLAGS, "computed from flags");
      }
      case PORT -> {
        int port = port(executed, inputs);
        String what = String.format("I/O port 0x%x", port);
        add(at, view, after, place + " read from " + what, Step.Kind.INPUT, List.of(), key);
        end(Origin.End.PORT, what);
      }
      case MACHINE -> {
        add(at, view, after, place + " from the CPU", Step.Kind.INPUT, List.of(), key, address);
        end(Origin.End.MACHINE, "the CPU: " + view.display());
      }
      case STRING -> string(at, view, effect, inputs, after, key);
      default -> throw new IllegalStateException(effect.how().toString());
    }
  }

  private void go(long at, Cell next) {
    position = at;
    cell = next;
    passed = Set.of();
  }

  private static boolean isStack(Operand operand) {
    return operand.kind() == Operand.Kind.MEMORY
        && operand.memory().base() == 4
        && operand.memory().displacement() == 0;
  }

  /** A push of the register that the step before has popped: both are passed over. */
  private boolean isRestored(Executed executed, Effect effect) {
    if (popped < 0 || steps.isEmpty() || executed.shape() == null) {
      return false;
    }
    Operand source = effect.from().get(0);
    boolean push =
        effect.to().kind() == Operand.Kind.MEMORY
            && effect.to().memory().base() == 4
            && effect.to().memory().displacement() == -effect.to().size()
            && source.kind() == Operand.Kind.REGISTER
            && source.number() == popped;
    if (push) {
      steps.remove(steps.size() - 1);
    }
    return push;
  }

  private void arithmetic(
      long at,
      InstructionView view,
      Effect effect,
      Inputs inputs,
      MemoryBytes after,
      String key,
      long address) {
    Operand to = effect.to();
    long result =
        cell.offset() == to.offset() || cell.isMemory()
            ? after.value(0, Math.min(8, after.length()))
            : 0;
    Operand carrier = inputs.carrier(effect, result);
    List<Step.Alternative> others = inputs.others(effect.from(), carrier, at);
    String place = cell.name(session);
    String operation = place + " computed" + inputsOf(effect, inputs, at);
    add(at, view, after, operation, Step.Kind.ARITHMETIC, others, key, address);
    if (carrier == null) {
      end(Origin.End.UNKNOWN, "an instruction whose inputs are not known");
      return;
    }
    Cell next = inputs.cell(carrier);
    if (next == null) {
      String what = "constant " + Values.hex(inputs.value(carrier));
      String symbol = session.symbols().name(carrier.value());
      end(Origin.End.CONSTANT, symbol == null ? what : what + " (" + symbol + ")");
      return;
    }
    go(at, next);
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

  private String constant(Executed executed, Effect effect, Inputs inputs) {
    if (executed.shape().isCall()) {
      return "return address 0x" + Long.toHexString(executed.next());
    }
    Operand source = effect.from().get(0);
    MemoryBytes value = inputs.value(source);
    String hex = "constant " + Values.hex(value);
    long number = value.value(0, Math.min(8, value.length()));
    String symbol =
        Long.compareUnsigned(number, 4096) < 0 ? null : session.symbols().name(number);
    return symbol == null ? hex : hex + " (" + symbol + ")";
  }

  private static int port(Executed executed, Inputs inputs) {
    int opcode = executed.bytes()[executed.bytes().length - 1] & 0xff;
    boolean fixed = executed.bytes().length >= 2 && (opcode & 0xfe) != 0xec && opcode < 0x100;
    boolean byRegister = (opcode & 0xfe) == 0xec || (opcode & 0xfe) == 0x6c;
    return byRegister || !fixed ? (int) inputs.cpu().words[2] & 0xffff : opcode;
  }

  /** What the flags at a position come from. */
  private List<Step.Alternative> compared(long at) {
    for (long i = at - 1; i >= 0 && i > at - 16; i--) {
      Executed executed = history.at(i);
      if (executed.shape() != null && executed.shape().compared().size() == 2) {
        session.seek(i);
        return new Inputs(session, executed.next()).others(executed.shape().compared(), null, i);
      }
    }
    return List.of();
  }

  /** A string instruction, repeated or not: source and destination keep their distance. */
  private void string(
      long at,
      InstructionView view,
      Effect effect,
      Inputs inputs,
      MemoryBytes after,
      String key) {
    Operand source = effect.from().get(0);
    String place = cell.name(session);
    long linear = cell.linear();
    if (source.kind() == Operand.Kind.MEMORY && linear != 0) {
      long from = inputs.address(source) + linear - inputs.address(effect.to());
      Cell next = Cell.memory(session, from, cell.size());
      add(
          at,
          view,
          after,
          place + " copied from " + next.name(session),
          Step.Kind.STORE,
          List.of(),
          key,
          linear);
      go(at, next);
    } else if (source.kind() == Operand.Kind.REGISTER) {
      Cell next = Cell.part(source.kind(), source.number(), 0, Math.min(cell.size(), source.size()));
      add(
          at,
          view,
          after,
          place + " filled from " + next.name(session),
          Step.Kind.STORE,
          List.of(),
          key,
          linear);
      go(at, next);
    } else {
      add(at, view, after, place + " copied", Step.Kind.STORE, List.of(), key, linear);
      end(Origin.End.UNKNOWN, "a copy whose source is not known");
    }
  }

  // ---- memory ----------------------------------------------------------------------------------

  private void followMemory() {
    session.seek(position);
    MemoryBytes value = cell.value(session);
    if (!isRam()) {
      end(Origin.End.DEVICE, "device memory at " + cell.name(session));
      return;
    }
    if (!value.isKnown(0, value.length())) {
      end(Origin.End.UNKNOWN, "nobody knows when " + cell.name(session) + " was written");
      return;
    }
    ByteWriters writers = LastWriter.each(session, position, cell.parts(), passed, progress);
    if (writers.ignored() > 0 && !steps.isEmpty()) {
      count(writers.ignored());
    }
    if (writers.newest() == null) {
      initial(value);
      return;
    }
    WriterGroups groups = new WriterGroups(session, history, writers, cell, value);
    WriterGroups.Group group = groups.toFollow();
    if (group == null) {
      initial(value);
      return;
    }
    MemoryChange change = group.newest();
    if (change.kind() != MemoryWrite.Kind.STORE) {
      outside(change, value);
      return;
    }
    if (change.interrupted() != null) {
      session.seek(change.position());
      InstructionView view = InstructionView.at(session, change.pc(session));
      add(change.position(), view, value, "stored before it was cut short", Step.Kind.STORE,
          List.of(), "", cell.linear());
      end(Origin.End.UNKNOWN, "a store of an instruction that did not complete");
      return;
    }
    String key = group.pc() + " " + cell.parts().get(0).physical();
    if (!passed.isEmpty() || !seen.contains(key)) {
      store(group, groups, key);
    } else {
      // The same instruction again: a loop. Search for what was there before it.
      passed = Set.of(group.pc());
    }
  }

  private void store(WriterGroups.Group group, WriterGroups groups, String key) {
    boolean first = seen.add(key);
    MemoryChange change = group.newest();
    List<Step.Alternative> others = groups.others(group, position);
    CopyLoop loop = group.changes().size() > 1 ? CopyLoop.find(session, history, group, cell) : null;
    int from = group.firstByte();
    int length = group.length();
    Cell part = length == cell.size() ? cell : cell.slice(from, length);
    if (loop == null && group.changes().size() > 1) {
      change = group.of(from);
      int bytes = change.offset() + change.size() - from;
      part = cell.slice(from, Math.min(length, Math.max(1, bytes)));
    }
    Executed executed = history.at(change.position());
    session.seek(change.position());
    InstructionView view = InstructionView.at(session, executed.pc());
    if (loop != null) {
      cell = part;
      MemoryBytes value = valueAt(position);
      String text =
          String.format(
              "%s: %d bytes stored one after the other, loaded from %s",
              part.name(session), length, loop.source().name(session));
      if (first) {
        add(change.position(), view, value, text, Step.Kind.STORE, others, key, part.linear());
      }
      go(loop.position(), loop.source());
      return;
    }
    Effect effect = null;
    if (executed.shape() != null) {
      for (Effect candidate : executed.shape().effects()) {
        if (candidate.to().kind() == Operand.Kind.MEMORY) {
          effect = candidate;
        }
      }
    }
    MemoryBytes value = part.value(session);
    cell = part;
    value = valueAt(change.position() + 1);
    session.seek(change.position());
    if (effect == null) {
      add(change.position(), view, value, "stored " + part.name(session), Step.Kind.STORE, others,
          key, part.linear());
      end(Origin.End.UNKNOWN, "a store whose inputs are not known");
      return;
    }
    Inputs inputs = new Inputs(session, executed.next());
    int offset = WriterGroups.offsetInStore(session, inputs.address(effect.to()), change, part);
    int before = steps.size();
    apply(change.position(), executed, view, effect, inputs, Math.max(0, offset), value, "");
    if (!first && steps.size() > before) {
      steps.subList(before, steps.size()).clear();
    } else if (steps.size() > before && !others.isEmpty()) {
      Step step = steps.get(before);
      List<Step.Alternative> all = new ArrayList<>(step.alternatives());
      all.addAll(others);
      steps.set(before, with(step, all, step.repeats()));
    }
    if (end == null && effect.from().contains(effect.to()) && cell.isMemory()) {
      passed = Set.of(executed.pc());
    }
  }

  private boolean isRam() {
    return cell.parts().stream()
        .allMatch(
            part ->
                session.trace().header().ram().stream()
                    .anyMatch(region -> region.contains(part.physical())));
  }

  private void initial(MemoryBytes value) {
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

  private void outside(MemoryChange change, MemoryBytes value) {
    session.seek(change.position());
    InstructionView view = InstructionView.at(session, change.pc(session));
    String what = "written by " + change.kind().description();
    add(change.position(), view, value, what, Step.Kind.OUTSIDE, List.of(), "", cell.linear());
    end(
        change.kind() == MemoryWrite.Kind.FRAME ? Origin.End.FRAME : Origin.End.EXTERNAL,
        change.kind().description());
  }

  // ---- steps -----------------------------------------------------------------------------------

  private void add(
      long at,
      InstructionView view,
      MemoryBytes value,
      String what,
      Step.Kind kind,
      List<Step.Alternative> others,
      String key) {
    add(at, view, value, what, kind, others, key, 0);
  }

  private void add(
      long at,
      InstructionView view,
      MemoryBytes value,
      String what,
      Step.Kind kind,
      List<Step.Alternative> others,
      String key,
      long address) {
    if (!cell.isMemory() && !seen.add(view.pc() + " " + cell.kind() + cell.number())) {
      repeat(view.pc());
      return;
    }
    steps.add(
        new Step(at, view, cell.name(session), value, what, kind, others, 0, address));
  }

  /** A loop has come to an instruction again. */
  private void repeat(long pc) {
    for (int i = steps.size() - 1; i >= 0; i--) {
      Step step = steps.get(i);
      if (step.instruction().pc() == pc) {
        steps.set(i, with(step, step.alternatives(), step.repeats() + 1));
        return;
      }
    }
  }

  private void count(long more) {
    for (int i = steps.size() - 1; i >= 0; i--) {
      Step step = steps.get(i);
      if (passed.contains(step.instruction().pc())) {
        steps.set(i, with(step, step.alternatives(), step.repeats() + more));
        return;
      }
    }
  }

  private static Step with(Step step, List<Step.Alternative> alternatives, long repeats) {
    return new Step(
        step.position(),
        step.instruction(),
        step.place(),
        step.value(),
        step.text(),
        step.kind(),
        alternatives,
        repeats,
        step.address());
  }
}
