package org.chronovisor.query.explain;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.chronovisor.query.ExceptionFinder;
import org.chronovisor.query.InstructionShape;
import org.chronovisor.query.InstructionView;
import org.chronovisor.query.InterruptFrame;
import org.chronovisor.query.MemoryBytes;
import org.chronovisor.query.MemoryQuery;
import org.chronovisor.query.Operand;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.Stop;
import org.chronovisor.query.StopSearch;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.Vectors;
import org.chronovisor.trace.Symbol;
import org.chronovisor.trace.Transfer;
import org.chronovisor.x86.CpuState;
import org.chronovisor.x86.Mode;

/** Finds out how a run failed. */
final class FailureFinder {
  private static final int RSP = 4;
  private static final int PAGE_FAULT = 14;
  private static final int INVALID_OPCODE = 6;

  /** Panic functions that call one another. */
  private static final int MOST_NESTED = 8;

  private final TraceSession session;
  private final ProgressListener progress;

  FailureFinder(TraceSession session, ProgressListener progress) {
    this.session = session;
    this.progress = progress;
  }

  Failure find() {
    Failure stopped = stopped();
    if (stopped != null) {
      return stopped;
    }
    Failure exception = exception();
    if (exception != null && exception.vector() != INVALID_OPCODE) {
      return exception;
    }
    // A panic may end in an invalid opcode.
    Failure panic = panic();
    if (panic != null && (exception == null || panic.position() < exception.position())) {
      return panic;
    }
    return exception != null ? exception : none();
  }

  private Failure none() {
    long end = session.end();
    session.seek(end);
    String message =
        session.trace().end().map(e -> e.message()).orElse("the recording was cut off");
    CpuState cpu = session.replayer().cpu().save();
    return new Failure(Failure.Kind.NONE, end, session.next(), cpu, -1, message, 0);
  }

  /** The run's end, when its next instruction cannot be executed; null otherwise. */
  private Failure stopped() {
    long end = session.end();
    session.seek(end);
    CpuState cpu = session.replayer().cpu().save();
    InstructionView view = session.next();
    if (view.bytes().length == 0) {
      return new Failure(
          Failure.Kind.STOPPED,
          end,
          view,
          cpu,
          -1,
          "control went where no memory is, no handler ran",
          session.pc());
    }
    InstructionShape shape = view.shape();
    Operand memory = shape == null ? null : shape.memory();
    if (memory == null) {
      return null;
    }
    long address = memory.memory().address(cpu, view.pc() + shape.length());
    if (MemoryQuery.here(session, address, 1).isMapped(0)) {
      return null;
    }
    String what = "access to 0x" + Long.toHexString(address) + ", not mapped, no handler ran";
    return new Failure(Failure.Kind.STOPPED, end, view, cpu, -1, what, address);
  }

  private Failure exception() {
    Optional<ExceptionFinder.Delivered> found = ExceptionFinder.lastUnhandled(session, progress);
    if (found.isEmpty()) {
      return null;
    }
    Transfer transfer = found.get().transfer();
    session.seek(transfer.position());
    InterruptFrame frame = InterruptFrame.of(transfer);
    CpuState cpu = session.replayer().cpu().save();
    cpu.words[CpuState.RIP] = frame.returnAddress();
    cpu.words[RSP] = frame.stackPointer();
    int vector = found.get().vector();
    long address = vector == PAGE_FAULT ? cpu.words[CpuState.CR2] : 0;
    String what = Vectors.name(vector);
    if (vector == PAGE_FAULT) {
      what += " at 0x" + Long.toHexString(address);
    }
    long pc = frame.returnAddress() + session.replayer().cpu().segmentBase[1];
    InstructionView view = InstructionView.at(session, pc);
    return new Failure(
        Failure.Kind.EXCEPTION, transfer.position(), view, cpu, vector, what, address);
  }

  /** The call of the outermost function whose name says that it gives up, or null. */
  private Failure panic() {
    Map<Long, Symbol> functions = new HashMap<>();
    for (Symbol symbol : Names.functions(session, Names.PANIC)) {
      functions.put(symbol.address(), symbol);
    }
    StopSearch search = new StopSearch(session);
    search.setCancelled(progress::isCancelled);
    long entry = -1;
    long from = session.end();
    for (int i = 0; i < MOST_NESTED && !functions.isEmpty(); i++) {
      session.seek(from);
      search.stopAt(functions.keySet(), List.of());
      Stop stop = search.backwards();
      if (stop.reason() != Stop.Reason.BREAKPOINT) {
        break;
      }
      boolean nested = entry >= 0;
      if (nested && from - stop.position() > 1_000_000) {
        break;
      }
      entry = stop.position();
      Symbol caller = caller().orElse(null);
      if (caller == null || !functions.containsValue(caller)) {
        break;
      }
      from = entry;
    }
    if (entry < 1) {
      return null;
    }
    session.seek(entry);
    String name = session.symbols().name(session.pc());
    String message = message();
    session.seek(entry - 1);
    return new Failure(
        Failure.Kind.PANIC,
        entry - 1,
        session.next(),
        session.replayer().cpu().save(),
        -1,
        name + " was called" + (message == null ? "" : ": " + message),
        0);
  }

  /** The function that the return address on top of the stack lies in. */
  private Optional<Symbol> caller() {
    int slot = session.replayer().cpu().mode() == Mode.CODE64 ? 8 : 4;
    long stack = session.replayer().cpu().r[RSP];
    MemoryBytes saved = MemoryQuery.here(session, stack, slot);
    return saved.isKnown(0, slot)
        ? session.symbols().at(saved.value(0, slot) - 1)
        : Optional.empty();
  }

  /** Text that the first argument points at, or null. */
  private String message() {
    if (session.replayer().cpu().mode() != Mode.CODE64) {
      return null;
    }
    MemoryBytes memory = MemoryQuery.here(session, session.replayer().cpu().r[7], 120);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < memory.length() && memory.isKnown(i) && memory.bytes()[i] != 0; i++) {
      int b = memory.bytes()[i];
      if ((b < 0x20 && b != '\n') || b > 0x7e) {
        return null;
      }
      text.append(b == '\n' ? ' ' : (char) b);
    }
    return text.length() < 3 ? null : '"' + text.toString().strip() + '"';
  }
}
