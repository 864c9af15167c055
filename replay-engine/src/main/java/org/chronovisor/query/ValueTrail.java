package org.chronovisor.query;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.chronovisor.replay.Replayer;
import org.chronovisor.x86.CpuState;

/**
 * Follows a value backwards through copies: moves, constant offsets, loads, and the stores that put
 * the loaded bytes there. Ends at the first write that is no plain copy of the whole value.
 */
final class ValueTrail {
  private static final int LONGEST = 64;
  private static final int RSP = 4;
  private static final long FIRST_WINDOW = 512;

  /** How far back a register's last change is searched, in instructions. */
  private static final long FURTHEST = 50_000_000;

  private final TraceSession session;
  private final ProgressListener progress;
  private final List<CrashStory.Link> links = new ArrayList<>();
  private final Map<Long, Optional<InstructionShape>> shapes = new HashMap<>();
  private MemoryWrite culprit;
  private boolean blamed;
  private int steps;

  ValueTrail(TraceSession session, ProgressListener progress) {
    this.session = session;
    this.progress = progress;
  }

  List<CrashStory.Link> links() {
    return links;
  }

  /** The write at which the trail ended, or null when it ended otherwise. */
  MemoryWrite culprit() {
    return culprit;
  }

  void add(long position, InstructionView instruction, String text) {
    links.add(new CrashStory.Link(position, instruction, text));
  }

  /** Follows the value that a general register has before the instruction at a position. */
  void followRegister(long position, int register) {
    long before = position;
    int wanted = register;
    while (steps++ < LONGEST) {
      long at = lastChange(wanted, before);
      if (at < 0) {
        return;
      }
      session.seek(at);
      InstructionView view = session.next();
      InstructionShape shape = view.shape();
      CpuState cpu = session.replayer().cpu().save();
      String name = CpuState.wordName(wanted);
      if (shape == null || (!shape.writes(wanted) && wanted != RSP)) {
        add(at, view, "computed " + name);
        return;
      }
      switch (shape.kind()) {
        case MOVE, ADD -> {
          wanted = source(shape, cpu);
          add(at, view, "made " + name + " from " + CpuState.wordName(wanted));
          before = at;
        }
        case LOAD, POP -> {
          long address =
              shape.kind() == InstructionShape.Kind.POP
                  ? cpu.words[RSP]
                  : shape.memory().address(cpu, view.pc(), shape.length());
          add(at, view, "loaded " + name + " from " + place(address));
          followMemory(at, address, shape.size());
          return;
        }
        default -> {
          add(at, view, "computed " + name);
          return;
        }
      }
    }
  }

  /**
   * Follows a return address that a return took from the stack: the write that replaced what the
   * call had pushed is to blame, wherever its value came from.
   */
  void followReturnAddress(long position, long address, int size) {
    try {
      culprit = LastWriter.find(session, position, address, false, size, progress).orElse(null);
    } catch (NotMappedException e) {
      return;
    }
    blamed = culprit != null;
    followMemory(position, address, size);
  }

  /** Follows the bytes that memory holds before the instruction at a position. */
  void followMemory(long position, long address, int size) {
    Optional<MemoryWrite> found;
    try {
      found = LastWriter.find(session, position, address, false, size, progress);
    } catch (NotMappedException e) {
      return;
    }
    if (found.isEmpty()) {
      session.seek(position);
      add(0, session.next(), place(address) + " was not written since the recording started");
      return;
    }
    MemoryWrite write = found.get();
    InstructionShape shape = write.instruction().shape();
    if (restores(write, shape)) {
      links.remove(links.size() - 1);
      followRegister(write.position(), shape.register());
      return;
    }
    if (!blamed) {
      culprit = write;
    }
    add(write.position(), write.instruction(), describe(write, address));
    if (write.kind() != MemoryWrite.Kind.STORE || write.isPartial()) {
      return;
    }
    boolean copies =
        shape != null
            && (shape.kind() == InstructionShape.Kind.STORE
                || shape.kind() == InstructionShape.Kind.PUSH)
            && shape.register() >= 0
            && write.storeSize() == size;
    if (copies) {
      followRegister(write.position(), shape.register());
    }
  }

  /** Whether the last link popped what a push had saved: nothing worth telling. */
  private boolean restores(MemoryWrite write, InstructionShape push) {
    if (links.isEmpty() || push == null || push.kind() != InstructionShape.Kind.PUSH) {
      return false;
    }
    InstructionShape pop = links.get(links.size() - 1).instruction().shape();
    return pop != null
        && pop.kind() == InstructionShape.Kind.POP
        && push.register() >= 0
        && write.kind() == MemoryWrite.Kind.STORE
        && !write.isPartial();
  }

  /** The register a copy comes from; of a base and an index the larger part of the sum. */
  private static int source(InstructionShape shape, CpuState cpu) {
    InstructionShape.Memory memory = shape.memory();
    if (memory == null || memory.index() < 0 || memory.base() < 0) {
      return shape.source();
    }
    long offset = cpu.words[memory.index()] * memory.scale();
    return Long.compareUnsigned(cpu.words[memory.base()], offset) >= 0
        ? memory.base()
        : memory.index();
  }

  private String describe(MemoryWrite write, long address) {
    if (write.kind() != MemoryWrite.Kind.STORE) {
      return "written by " + write.kind().description();
    }
    if (!write.isPartial()) {
      return "wrote " + place(address);
    }
    return String.format(
        "wrote %d of the %d bytes at %s",
        Math.min(write.value().length(), write.storeOffset() + write.storeSize())
            - Math.max(0, write.storeOffset()),
        write.value().length(),
        place(address));
  }

  private String place(long address) {
    String symbol = session.symbols().name(address);
    String hex = "0x" + Long.toHexString(address);
    return symbol == null ? hex : hex + " (" + symbol + ")";
  }

  /** Position of the last instruction before {@code before} that set a register, or -1. */
  private long lastChange(int register, long before) {
    Replayer replayer = session.replayer();
    long to = before;
    for (long window = FIRST_WINDOW; to > 0 && before - to < FURTHEST; window *= 8) {
      long from = Math.max(0, to - window);
      progress.progress(before - to, Math.min(before, FURTHEST));
      session.seek(from);
      long found = -1;
      long value = replayer.cpu().r[register];
      for (long at = from; at < to; at++) {
        boolean writes = shapeHere().map(shape -> shape.writes(register)).orElse(false);
        replayer.runTo(at + 1);
        long now = replayer.cpu().r[register];
        if (writes || now != value) {
          found = at;
        }
        value = now;
      }
      if (found >= 0) {
        return found;
      }
      to = from;
    }
    return -1;
  }

  private Optional<InstructionShape> shapeHere() {
    return shapes.computeIfAbsent(session.pc(), pc -> Optional.ofNullable(session.next().shape()));
  }
}
