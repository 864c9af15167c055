package org.chronovisor.query;

import java.util.List;
import java.util.Optional;
import org.chronovisor.trace.Transfer;
import org.chronovisor.x86.CpuState;

/** Finds the failing instruction of a run and the value to blame. */
final class CrashStoryFinder {
  private static final int RSP = 4;
  private static final int PAGE_FAULT = 14;
  private static final int DIVIDE_ERROR = 0;
  private static final int NO_VECTOR = -1;

  /** How far back control that ran through no function is followed, in instructions. */
  private static final int WILD_RUN = 256;

  private final TraceSession session;
  private final ProgressListener progress;

  CrashStoryFinder(TraceSession session, ProgressListener progress) {
    this.session = session;
    this.progress = progress;
  }

  CrashStory find() {
    CrashStory stopped = stopped();
    if (stopped != null) {
      return stopped;
    }
    Optional<ExceptionFinder.Delivered> found = ExceptionFinder.last(session, progress);
    if (found.isEmpty()) {
      return noFailure();
    }
    Transfer transfer = found.get().transfer();
    session.seek(transfer.position());
    InterruptFrame frame = InterruptFrame.of(transfer);
    CpuState cpu = session.replayer().cpu().save();
    cpu.words[CpuState.RIP] = frame.returnAddress();
    cpu.words[RSP] = frame.stackPointer();
    int vector = found.get().vector();
    long address = vector == PAGE_FAULT ? cpu.words[CpuState.CR2] : 0;
    String what = ExceptionFinder.name(vector);
    if (vector == PAGE_FAULT) {
      what += " at 0x" + Long.toHexString(address);
    }
    return failure(CrashStory.Ending.EXCEPTION, transfer.position(), cpu, what, address, vector);
  }

  /** The run's end, when its next instruction cannot be executed; null otherwise. */
  private CrashStory stopped() {
    long end = session.end();
    session.seek(end);
    CpuState cpu = session.replayer().cpu().save();
    long pc = session.pc();
    InstructionView view = session.next();
    if (view.bytes().length == 0) {
      return failure(
          CrashStory.Ending.STOPPED,
          end,
          cpu,
          "control went where no memory is, no handler ran",
          pc,
          NO_VECTOR);
    }
    InstructionShape shape = view.shape();
    if (shape == null || shape.memory() == null || shape.size() == 0) {
      return null;
    }
    long address = shape.memory().address(cpu, pc, shape.length());
    if (MemoryQuery.here(session, address, 1).isMapped(0)) {
      return null;
    }
    String what = "access to 0x" + Long.toHexString(address) + ", not mapped, no handler ran";
    return failure(CrashStory.Ending.STOPPED, end, cpu, what, address, NO_VECTOR);
  }

  private CrashStory noFailure() {
    long end = session.end();
    session.seek(end);
    String message =
        session.trace().end().map(e -> e.message()).orElse("the recording was cut off");
    return new CrashStory(
        CrashStory.Ending.NONE,
        end,
        session.next(),
        message,
        0,
        List.of(),
        null,
        Backtrace.at(session, end));
  }

  private CrashStory failure(
      CrashStory.Ending ending,
      long position,
      CpuState cpu,
      String what,
      long address,
      int vector) {
    long pc = cpu.words[CpuState.RIP] + session.replayer().cpu().segmentBase[1];
    InstructionView view = InstructionView.at(session, pc);
    List<Backtrace.Frame> callers = Backtrace.here(session, cpu, pc);
    ValueTrail trail = new ValueTrail(session, progress);
    if (isWild(view)) {
      followControl(trail, position);
    } else {
      followOperand(trail, view, position, cpu, vector);
    }
    if (trail.culprit() != null) {
      callers = Backtrace.at(session, trail.culprit().position());
    }
    return new CrashStory(
        ending, position, view, what, address, trail.links(), trail.culprit(), callers);
  }

  /** Whether control is where no code can be meant to be. */
  private boolean isWild(InstructionView view) {
    return view.bytes().length == 0 || (view.symbol() == null && !session.symbols().isEmpty());
  }

  /** Follows the target of the instruction that sent control to nowhere. */
  private void followControl(ValueTrail trail, long position) {
    long at = position;
    InstructionView view = null;
    while (at > 0 && position - at < WILD_RUN && (view == null || isWild(view))) {
      at--;
      session.seek(at);
      view = session.next();
    }
    InstructionShape shape = view == null ? null : view.shape();
    if (shape == null) {
      return;
    }
    CpuState cpu = session.replayer().cpu().save();
    switch (shape.kind()) {
      case RETURN -> {
        trail.add(at, view, "returned to there");
        trail.followReturnAddress(
            at, cpu.words[RSP] + session.replayer().cpu().segmentBase[2], shape.size());
      }
      case CALL, JUMP -> {
        trail.add(at, view, "sent control there");
        if (shape.memory() != null) {
          long target = shape.memory().address(cpu, view.pc(), shape.length());
          trail.followMemory(at, target, shape.size());
        } else if (shape.source() >= 0) {
          trail.followRegister(at, shape.source());
        }
      }
      default -> trail.add(at, view, "the last instruction inside a function");
    }
  }

  /** Follows the register that made the failing instruction's memory operand bad. */
  private void followOperand(
      ValueTrail trail, InstructionView view, long position, CpuState cpu, int vector) {
    InstructionShape shape = view.shape();
    if (shape == null) {
      return;
    }
    if (shape.isReturn()) {
      trail.followReturnAddress(position, cpu.words[RSP], shape.size());
      return;
    }
    if (shape.kind() == InstructionShape.Kind.DIVIDE && vector == DIVIDE_ERROR) {
      followDivisor(trail, view, position, cpu);
      return;
    }
    InstructionShape.Memory memory = shape.memory();
    if (memory == null) {
      return;
    }
    int register = memory.base();
    if (register < 0
        || (memory.index() >= 0 && MemoryQuery.here(session, cpu.words[register], 1).isMapped(0))) {
      register = memory.index() >= 0 ? memory.index() : register;
    }
    if (register >= 0) {
      trail.add(
          position,
          view,
          String.format("%s was 0x%x", CpuState.wordName(register), cpu.words[register]));
      trail.followRegister(position, register);
    }
  }

  /** Follows a divisor of zero; another divide error is a quotient that does not fit. */
  private void followDivisor(ValueTrail trail, InstructionView view, long position, CpuState cpu) {
    InstructionShape shape = view.shape();
    if (shape.memory() != null) {
      trail.add(position, view, "divided by memory");
      trail.followMemory(
          position, shape.memory().address(cpu, view.pc(), shape.length()), shape.size());
    } else if (shape.source() >= 0) {
      trail.add(
          position,
          view,
          String.format(
              "%s was 0x%x", CpuState.wordName(shape.source()), cpu.words[shape.source()]));
      trail.followRegister(position, shape.source());
    }
  }
}
