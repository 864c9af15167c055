package org.chronovisor.query.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.chronovisor.query.Backtrace;
import org.chronovisor.query.Executed;
import org.chronovisor.query.InstructionHistory;
import org.chronovisor.query.InstructionShape;
import org.chronovisor.query.InstructionShape.Control;
import org.chronovisor.query.InstructionView;
import org.chronovisor.query.MemoryOperand;
import org.chronovisor.query.MemoryQuery;
import org.chronovisor.query.NotMappedException;
import org.chronovisor.query.Operand;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.Vectors;
import org.chronovisor.query.origin.Cell;
import org.chronovisor.query.origin.Origin;
import org.chronovisor.query.origin.OriginFinder;
import org.chronovisor.query.origin.Step;
import org.chronovisor.x86.CpuState;

/** Follows the bad value of a failure backwards and picks the instruction to blame. */
final class Explainer {
  private static final int DIVIDE_ERROR = 0;

  /** How far back control that ran through no function is followed, in instructions. */
  private static final int WILD_RUN = 256;

  /** Instructions before a failure among which its loop's comparison is searched. */
  private static final int LOOP = 64;

  /** Instructions between a failed condition and the panic: what is printed meanwhile. */
  private static final int REPORT = 500_000;

  /** Steps of a return address's trail: the first store is to blame. */
  private static final int ENOUGH = 8;

  private final TraceSession session;
  private final InstructionHistory history;
  private final ProgressListener progress;
  private final List<Explanation.Trail> trails = new ArrayList<>();
  private final List<Finding> details = new ArrayList<>();
  private Finding rootCause;

  Explainer(TraceSession session, ProgressListener progress) {
    this.session = session;
    this.progress = progress;
    history = session.history();
  }

  Explanation explain() {
    Failure failure = new FailureFinder(session, progress).find();
    switch (failure.kind()) {
      case NONE -> {}
      case PANIC -> panic(failure);
      default -> {
        if (isWild(failure.instruction())) {
          wildControl(failure);
        } else {
          operand(failure);
        }
      }
    }
    List<Backtrace.Frame> callers =
        rootCause == null || failure.kind() == Failure.Kind.NONE
            ? Backtrace.here(session, failure.cpu(), failure.instruction().pc())
            : Backtrace.at(session, rootCause.position());
    return new Explanation(failure, trails, rootCause, details, callers);
  }

  // ---- control that went nowhere ---------------------------------------------------------------

  /** Whether control is where no code can be meant to be. */
  private boolean isWild(InstructionView view) {
    return view.bytes().length == 0 || (view.symbol() == null && !session.symbols().isEmpty());
  }

  /** Follows the target of the instruction that sent control to nowhere. */
  private void wildControl(Failure failure) {
    long at = failure.position();
    Executed executed = null;
    while (at > 0 && failure.position() - at < WILD_RUN) {
      at--;
      executed = history.at(at);
      if (session.symbols().isEmpty() || session.symbols().at(executed.pc()).isPresent()) {
        break;
      }
    }
    if (executed == null || executed.shape() == null || executed.shape().target() == null) {
      session.seek(failure.position());
      return;
    }
    session.seek(at);
    InstructionView view = InstructionView.at(session, executed.pc());
    InstructionShape shape = executed.shape();
    Operand target = shape.target();
    details.add(
        new Finding(
            Finding.Kind.DETAIL,
            at,
            view,
            shape.isReturn() ? "returned to there" : "sent control there"));
    CpuState cpu = session.replayer().cpu().save();
    Origin origin =
        follow(
            at,
            operandCell(target, cpu, executed.next()),
            "the target of control",
            shape.isReturn() ? ENOUGH : OriginFinder.DEFAULT_STEPS);
    if (origin == null) {
      return;
    }
    if (shape.isReturn()) {
      Step store = newestStore(origin);
      if (store != null && !isCall(store)) {
        blame(Finding.Kind.RETURN_ADDRESS, store, "overwrote the return address");
        run(store);
        return;
      }
    }
    blameTrail(origin);
    checkFreed(at, target);
  }

  private static boolean isCall(Step step) {
    InstructionShape shape = step.instruction().shape();
    return shape != null && shape.isCall();
  }

  private static Step newestStore(Origin origin) {
    for (Step step : origin.steps()) {
      if (step.address() != 0) {
        return step;
      }
    }
    return null;
  }

  // ---- bad operands ----------------------------------------------------------------------------

  /** Follows the register that made the failing instruction's operand bad. */
  private void operand(Failure failure) {
    InstructionShape shape = failure.instruction().shape();
    if (shape == null) {
      return;
    }
    long at = failure.position();
    long next = failure.instruction().pc() + shape.length();
    session.seek(at);
    if (shape.isReturn()) {
      Origin origin =
          follow(
              at, operandCell(shape.target(), failure.cpu(), next), "the return address", ENOUGH);
      Step store = origin == null ? null : newestStore(origin);
      if (store != null && !isCall(store)) {
        blame(Finding.Kind.RETURN_ADDRESS, store, "overwrote the return address");
        run(store);
      }
      return;
    }
    if (shape.isDivision() && failure.vector() == DIVIDE_ERROR) {
      Origin origin =
          follow(at, operandCell(shape.compared().get(0), failure.cpu(), next), "the divisor");
      if (origin != null) {
        blameTrail(origin);
      }
      return;
    }
    Operand memory = shape.memory();
    if (memory == null) {
      memory = shape.target();
    }
    if (memory == null || memory.kind() != Operand.Kind.MEMORY) {
      return;
    }
    int register = badRegister(memory.memory(), failure.cpu());
    if (register < 0) {
      return;
    }
    Origin origin =
        follow(at, Cell.register(register), "the address in " + CpuState.wordName(register));
    if (origin == null || overwritten(origin)) {
      return;
    }
    if ((loop(origin) != null && loopLimit(at, register)) || index(at, origin)) {
      return;
    }
    blameTrail(origin);
    FreedBlock freed = FreedBlock.of(session, origin, at, progress);
    if (freed != null) {
      blame(freed);
    }
  }

  /** Of base and index the one that is not what it should be: a base that is mapped is good. */
  private int badRegister(MemoryOperand memory, CpuState cpu) {
    int register = memory.base();
    boolean goodBase =
        register >= 0
            && memory.index() >= 0
            && MemoryQuery.here(session, cpu.words[register], 1).isMapped(0);
    return (register < 0 || goodBase) && memory.index() >= 0 ? memory.index() : register;
  }

  /** Blames a store that changed a part of the value, if there is one. */
  private boolean overwritten(Origin origin) {
    for (Step step : origin.steps()) {
      Optional<Step.Alternative> rest =
          step.alternatives().stream().filter(a -> a.storedWhole() >= 0).findFirst();
      if (rest.isPresent()) {
        blame(Finding.Kind.OVERWRITE, step, "overwrote a part of the value");
        run(step);
        details.add(
            detailAt(
                rest.get().storedWhole(),
                "the value had been stored whole here; what is left of it: " + rest.get().name()));
        return true;
      }
    }
    return false;
  }

  /** Whether a good pointer went bad by an index that a loop counts: follows that instead. */
  private boolean index(long failed, Origin origin) {
    for (Step step : origin.steps()) {
      if (step.kind() != Step.Kind.ARITHMETIC) {
        return false;
      }
      for (Step.Alternative other : step.alternatives()) {
        int register = general(other.expression());
        if (register >= 0) {
          Origin counted = follow(step.position(), Cell.register(register), "the index");
          if (loop(counted) != null && loopLimit(failed, register)) {
            return true;
          }
          trails.remove(trails.size() - 1);
        }
      }
    }
    return false;
  }

  private static int general(String name) {
    for (int i = 0; i < 16; i++) {
      if (CpuState.wordName(i).equals(name)) {
        return i;
      }
    }
    return -1;
  }

  /** Names the source where a trail ends: the oldest step inside a function. */
  private void blameTrail(Origin origin) {
    if (overwritten(origin)) {
      return;
    }
    Step first = origin.first();
    if (first != null) {
      blame(Finding.Kind.SOURCE, first, "the value came from here: " + origin.text());
    }
  }

  /** A step by which the same instruction had counted on in a loop, or null. */
  private static Step loop(Origin origin) {
    for (Step step : origin.steps()) {
      if (step.kind() == Step.Kind.ARITHMETIC && step.repeats() > 0) {
        return step;
      }
    }
    return null;
  }

  /** Blames the comparison that should have ended the loop, and follows the limit. */
  private boolean loopLimit(long position, int register) {
    for (long at = position - 1; at >= 0 && at > position - LOOP; at--) {
      Executed executed = history.at(at);
      InstructionShape shape = executed.shape();
      if (shape == null || shape.compared().size() != 2) {
        continue;
      }
      Operand left = shape.compared().get(0);
      Operand right = shape.compared().get(1);
      boolean isLeft = isRegister(left, register);
      if (isLeft == isRegister(right, register)) {
        continue;
      }
      session.seek(at);
      InstructionView view = InstructionView.at(session, executed.pc());
      CpuState cpu = session.replayer().cpu().save();
      Operand limit = isLeft ? right : left;
      rootCause =
          new Finding(
              Finding.Kind.LOOP_LIMIT,
              at,
              view,
              "the loop goes on until here, beyond what is mapped");
      if (limit.kind() != Operand.Kind.CONSTANT) {
        Origin origin = follow(at, operandCell(limit, cpu, executed.next()), "the loop's limit");
        if (origin != null && origin.first() != null) {
          detail(origin.first(), "the limit: " + origin.text());
        }
      }
      return true;
    }
    return false;
  }

  private static boolean isRegister(Operand operand, int register) {
    return operand.kind() == Operand.Kind.REGISTER && operand.number() == register;
  }

  // ---- a guest that gave up --------------------------------------------------------------------

  /** Follows what the condition before a panic compared, and looks for a lost update. */
  private void panic(Failure failure) {
    long branch = -1;
    long compare = -1;
    String function = Names.function(failure.instruction().symbol());
    for (long at = failure.position() - 1; at >= 0 && at > failure.position() - REPORT; at--) {
      Executed executed = history.at(at);
      InstructionShape shape = executed.shape();
      boolean same =
          function == null
              || function.equals(Names.function(session.symbols().name(executed.pc())));
      if (shape == null || !same) {
        continue;
      }
      if (branch < 0 && shape.control() == Control.BRANCH) {
        branch = at;
      } else if (branch >= 0 && shape.compared().size() == 2) {
        compare = at;
        break;
      }
    }
    if (compare >= 0) {
      condition(compare);
    }
    LostUpdate lost = LostUpdate.lastBefore(session, failure.position(), progress);
    if (lost != null) {
      blame(lost);
    }
  }

  private void condition(long compare) {
    Executed executed = history.at(compare);
    session.seek(compare);
    InstructionView view = InstructionView.at(session, executed.pc());
    CpuState cpu = session.replayer().cpu().save();
    details.add(
        new Finding(Finding.Kind.DETAIL, compare, view, "the condition that led to the panic"));
    Step newest = null;
    for (Operand operand : executed.shape().compared()) {
      if (operand.kind() != Operand.Kind.CONSTANT) {
        Origin origin =
            follow(compare, operandCell(operand, cpu, executed.next()), "what was compared");
        Step store = origin == null ? null : newestStore(origin);
        boolean newer = store != null && (newest == null || store.position() > newest.position());
        newest = newer ? store : newest;
      }
    }
    if (newest != null) {
      blame(Finding.Kind.SOURCE, newest, "the last change of what was compared");
    }
  }

  private void blame(LostUpdate lost) {
    String place = session.symbols().name(lost.load().linear());
    place = place == null ? "0x" + Long.toHexString(lost.load().linear()) : place;
    rootCause =
        new Finding(
            Finding.Kind.LOST_UPDATE,
            lost.overwritten().position(),
            view(lost.overwritten().position()),
            "overwrote what an interrupt handler had stored to "
                + place
                + ", by a value computed from what was there before");
    details.add(detailAt(lost.load().position(), "the value was loaded here"));
    details.add(
        detailAt(lost.interrupt(), "then the interrupt came: " + Vectors.name(lost.vector())));
    details.add(detailAt(lost.stored().position(), "and its handler stored to the same place"));
  }

  private Finding detailAt(long position, String text) {
    return new Finding(Finding.Kind.DETAIL, position, view(position), text);
  }

  private InstructionView view(long position) {
    session.seek(position);
    return session.next();
  }

  // ---- memory that was given back --------------------------------------------------------------

  /** Looks whether the object that held the bad value had been given back. */
  private void checkFreed(long position, Operand target) {
    Cell object = null;
    long at = position;
    if (target.kind() == Operand.Kind.MEMORY && target.memory().base() >= 0) {
      object = Cell.register(target.memory().base());
    } else if (!trails.isEmpty()) {
      for (Step step : trails.get(0).origin().steps()) {
        InstructionShape shape = step.instruction().shape();
        Operand memory = shape == null ? null : shape.memory();
        if (step.kind() == Step.Kind.LOAD && memory != null && memory.memory().base() >= 0) {
          object = Cell.register(memory.memory().base());
          at = step.position();
          break;
        }
      }
    }
    if (object == null) {
      return;
    }
    Origin pointer = follow(at, object, "the object the bad value was in");
    FreedBlock freed = pointer == null ? null : FreedBlock.of(session, pointer, at, progress);
    if (freed != null) {
      blame(freed);
    }
  }

  private void blame(FreedBlock freed) {
    if (rootCause != null) {
      details.add(
          0,
          new Finding(
              Finding.Kind.DETAIL,
              rootCause.position(),
              rootCause.instruction(),
              rootCause.text()));
    }
    rootCause =
        new Finding(
            Finding.Kind.USE_AFTER_FREE,
            freed.call(),
            view(freed.call()),
            String.format(
                "gave the object at 0x%x to %s, while it was still in use",
                freed.pointer(), freed.function()));
  }

  // ---- helpers ---------------------------------------------------------------------------------

  private Cell operandCell(Operand operand, CpuState cpu, long next) {
    return switch (operand.kind()) {
      case REGISTER -> Cell.of(operand);
      case MEMORY -> {
        try {
          yield Cell.memory(session, operand.memory().address(cpu, next), operand.size());
        } catch (NotMappedException e) {
          yield null;
        }
      }
      default -> null;
    };
  }

  private Origin follow(long position, Cell cell, String title) {
    return follow(position, cell, title, OriginFinder.DEFAULT_STEPS);
  }

  private Origin follow(long position, Cell cell, String title, int mostSteps) {
    if (cell == null) {
      return null;
    }
    Origin origin = new OriginFinder(session, progress).follow(position, cell, mostSteps);
    trails.add(new Explanation.Trail(title, origin));
    return origin;
  }

  private void blame(Finding.Kind kind, Step step, String text) {
    rootCause = new Finding(kind, step.position(), step.instruction(), text);
  }

  private void detail(Step step, String text) {
    details.add(new Finding(Finding.Kind.DETAIL, step.position(), step.instruction(), text));
  }

  /** Tells of the loop that a store belongs to. */
  private void run(Step step) {
    StoreRun run = StoreRun.endingAt(session, step.position());
    if (run == null || run.count() < 2) {
      return;
    }
    String symbol = session.symbols().name(run.start());
    String where =
        "0x" + Long.toHexString(run.start()) + (symbol == null ? "" : " (" + symbol + ")");
    session.seek(run.first());
    details.add(
        new Finding(
            Finding.Kind.DETAIL,
            run.first(),
            session.next(),
            String.format(
                "the loop's first store, to %s; the one to blame is number %d",
                where, run.count())));
  }
}
