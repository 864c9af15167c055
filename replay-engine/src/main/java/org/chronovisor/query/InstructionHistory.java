package org.chronovisor.query;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.chronovisor.memory.Page;
import org.chronovisor.replay.Replayer;
import org.chronovisor.trace.CodeBlock;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.x86.Insn;
import org.chronovisor.x86.Mode;

/**
 * Which instruction was executed at each position.
 *
 * <p>A stretch is replayed once, when first asked for, and the most recently used ones are
 * remembered. Uses the session's replay, which stands elsewhere afterwards.
 */
public final class InstructionHistory {
  /** Instructions of one stretch; a power of two. */
  private static final int STRETCH = 1 << 15;

  /** Stretches kept: 16 MiB. */
  private static final int KEPT = 128;

  private static final int CACHE = 1 << 13;
  private static final long SNAPSHOTS = 64 << 20;

  private final TraceSession session;
  private final TraceReader trace;
  private final List<Executed> known = new ArrayList<>();
  private final Map<Key, Integer> numbers = new HashMap<>();
  private final Insn[] cachedInsn = new Insn[CACHE];
  private final int[] cachedNumber = new int[CACHE];
  private final int[] cachedCpu = new int[CACHE];
  private final Map<Long, int[]> stretches =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, int[]> eldest) {
          return size() > KEPT;
        }
      };

  /** The registers that each block may write; null until asked for. */
  private int[] writtenByBlock;

  private final Map<Integer, Integer> writtenBySegment = new HashMap<>();

  /** An instruction's place and bytes, and the vCPU that executes it. */
  private record Key(int cpu, long pc, Mode mode, String bytes) {}

  public InstructionHistory(TraceSession session) {
    this.session = session;
    trace = session.trace();
    session.replayer().keepSnapshots(SNAPSHOTS);
  }

  /**
   * The instruction executed at a position.
   *
   * @param position in [0, end of the trace)
   */
  public Executed at(long position) {
    return known.get(stretch(position / STRETCH)[(int) (position % STRETCH)]);
  }

  /**
   * Position of the last instruction before another by which a vCPU may have written one of some
   * registers; -1 when there is none.
   *
   * @param registers as {@link InstructionShape#written}
   */
  public long lastWriter(int registers, int cpu, long before, ProgressListener progress) {
    long at = before;
    while (at > 0) {
      long number = (at - 1) / STRETCH;
      int[] stretch = stretch(number);
      for (int i = (int) (at - number * STRETCH) - 1; i >= 0; i--) {
        Executed executed = known.get(stretch[i]);
        if ((executed.written() & registers) != 0 && executed.cpu() == cpu) {
          return number * STRETCH + i;
        }
      }
      at = skip(number * STRETCH, registers);
      progress.progress(before - at, before);
      if (progress.isCancelled()) {
        throw new java.util.concurrent.CancellationException();
      }
    }
    return -1;
  }

  /** Goes back over segments that have no block that writes one of some registers. */
  private long skip(long position, int registers) {
    long at = position;
    while (at > 0) {
      int segment = session.replayer().segmentOf(at - 1);
      if (trace.segment(segment).end() > at || (written(segment) & registers) != 0) {
        break;
      }
      at = trace.segment(segment).start();
    }
    return at;
  }

  private int written(int segment) {
    return writtenBySegment.computeIfAbsent(
        segment,
        s -> {
          int mask = 0;
          for (int id : trace.events(s).blocks()) {
            mask |= id >= 0 && id < writtenByBlock().length ? writtenByBlock()[id] : -1;
          }
          return mask;
        });
  }

  private int[] writtenByBlock() {
    if (writtenByBlock == null) {
      int highest = trace.blocks().stream().mapToInt(CodeBlock::id).max().orElse(-1);
      writtenByBlock = new int[highest + 1];
      for (CodeBlock block : trace.blocks()) {
        if (block.id() >= 0) {
          for (CodeBlock.Instruction instruction : block.instructions()) {
            InstructionShape shape = InstructionShape.of(instruction.bytes(), block.mode());
            writtenByBlock[block.id()] |= shape == null ? -1 : shape.written();
          }
        }
      }
    }
    return writtenByBlock;
  }

  private int[] stretch(long number) {
    int[] found = stretches.get(number);
    if (found == null) {
      found = replay(number);
      stretches.put(number, found);
    }
    return found;
  }

  private int[] replay(long number) {
    long start = number * STRETCH;
    long end = Math.min(start + STRETCH, session.end());
    int[] stretch = new int[(int) (end - start)];
    Replayer replayer = session.replayer();
    session.seek(start);
    replayer.tellInstructions((insn, position) -> stretch[(int) (position - start)] = number(insn));
    try {
      replayer.runTo(end);
    } finally {
      replayer.tellInstructions(null);
    }
    return stretch;
  }

  private int number(Insn insn) {
    int slot = System.identityHashCode(insn) & (CACHE - 1);
    int cpu = session.replayer().currentCpu();
    if (cachedInsn[slot] != insn || cachedCpu[slot] != cpu) {
      cachedInsn[slot] = insn;
      cachedCpu[slot] = cpu;
      cachedNumber[slot] = numbers.computeIfAbsent(key(insn), this::add);
    }
    return cachedNumber[slot];
  }

  private Key key(Insn insn) {
    byte[] bytes = new byte[insn.length()];
    for (int i = 0; i < bytes.length; i++) {
      long physical = session.replayer().cpu().mmu.find(insn.pc() + i);
      Page page = physical < 0 ? null : session.replayer().memory().page(physical >>> 12);
      if (page == null) {
        bytes = Arrays.copyOf(bytes, i);
        break;
      }
      bytes[i] = page.bytes[(int) physical & (Page.SIZE - 1)];
    }
    return new Key(
        session.replayer().currentCpu(),
        insn.pc(),
        session.replayer().cpu().mode(),
        new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1));
  }

  private int add(Key key) {
    byte[] bytes = key.bytes().getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    InstructionShape shape = InstructionShape.of(bytes, key.mode());
    if (shape != null && shape.length() != bytes.length) {
      shape = null;
    }
    known.add(
        new Executed(
            key.cpu(), key.pc(), bytes, key.mode(), shape, shape == null ? -1 : shape.written()));
    return known.size() - 1;
  }
}
