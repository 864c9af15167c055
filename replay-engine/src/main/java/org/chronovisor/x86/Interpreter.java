package org.chronovisor.x86;

/**
 * Executes decoded blocks and counts retired instructions exactly.
 *
 * <p>Also keeps the path hash: a checksum of all non-sequential control transfers
 * (docs/ring-protocol.md).
 */
public final class Interpreter {
  private static final long HASH_FACTOR = 0x9E3779B97F4A7C15L;

  private final Cpu cpu;
  private final BlockCache blocks;
  private long blockPosition;
  private int index;
  private long pathHash;
  private Block current;
  private Insn last;
  private boolean tracked;

  public Interpreter(Cpu cpu, PlanTable plans) {
    this.cpu = cpu;
    blocks = new BlockCache(cpu, plans);
    cpu.mmu.setCodeListener(
        page -> {
          cpu.mmu.codeChanged();
          if (current != null && current.touches(cpu.mmu, page)) {
            current.stop();
          }
        });
  }

  /**
   * Retired instructions. While an instruction executes: those before its block, or exactly those
   * before it when {@link #setTracked} is on.
   */
  public long position() {
    return blockPosition + index;
  }

  /** Position of an instruction of the block that is being executed. */
  public long positionOf(Insn insn) {
    return blockPosition + insn.index();
  }

  public long pathHash() {
    return pathHash;
  }

  /** Starts at a position with the CPU as it stands. */
  public void reset(long position, long hash) {
    blockPosition = position;
    index = 0;
    pathHash = hash;
    current = null;
    last = null;
  }

  /** Keeps {@link #position} exact inside instructions, a few per cent slower. */
  public void setTracked(boolean on) {
    tracked = on;
  }

  /** Accounts for a control transfer that no instruction made. */
  public void transfer(long pc) {
    pathHash = (Long.rotateLeft(pathHash, 5) ^ pc) * HASH_FACTOR;
  }

  /** The last instruction that retired by {@link #runTo}, or null right after a reset. */
  public Insn last() {
    return last;
  }

  /** The instruction at the CPU's rip. */
  public Insn peek() {
    return blocks.find(linear(cpu.rip)).insns[0];
  }

  /**
   * Executes until {@code limit} instructions have retired.
   *
   * @throws GuestFault when an instruction cannot complete; position and rip then are that
   *     instruction's
   */
  public void runTo(long limit) {
    Block block = null;
    try {
      while (blockPosition < limit) {
        block = next(block, limit);
      }
    } finally {
      current = null;
    }
  }

  /** Executes a block, or its part up to the limit; null when its end was not reached. */
  private Block next(Block from, long limit) {
    Block block = from == null ? blocks.find(linear(cpu.rip)) : follow(from);
    current = block;
    int length = block.insns.length;
    long left = limit - blockPosition;
    if (length > left) {
      if (execute(block, (int) left) == left) {
        cpu.rip = block.insns[(int) left].pc() - cpu.segmentBase[1];
      }
      return null;
    }
    Insn end = block.insns[length - 1];
    if (execute(block, length) < length) {
      return null;
    }
    last = end;
    if (cpu.rip != block.next - cpu.segmentBase[1]) {
      transfer(linear(cpu.rip));
    }
    return block;
  }

  /** Executes the first {@code count} instructions of a block; returns how many retired. */
  private int execute(Block block, int count) {
    cpu.rip = block.next - cpu.segmentBase[1];
    int done = tracked ? runTracked(block.insns, count) : run(block.insns, count);
    if (done < 0) {
      done = ~done;
      cpu.rip = block.insns[done].pc() - cpu.segmentBase[1];
    }
    blockPosition += done;
    return done;
  }

  /** Returns the number of instructions executed, complemented when the block was stopped. */
  private int run(Insn[] insns, int count) {
    int i = 0;
    try {
      for (; i < count; i++) {
        insns[i].execute(cpu);
      }
    } catch (Block.BlockStopped e) {
      return ~i;
    } catch (GuestFault e) {
      faulted(insns, i);
      throw e;
    }
    return i;
  }

  private int runTracked(Insn[] insns, int count) {
    try {
      for (index = 0; index < count; index++) {
        insns[index].execute(cpu);
      }
    } catch (Block.BlockStopped e) {
      int i = index;
      index = 0;
      return ~i;
    } catch (GuestFault e) {
      int i = index;
      index = 0;
      faulted(insns, i);
      throw e;
    }
    index = 0;
    return count;
  }

  private void faulted(Insn[] insns, int i) {
    blockPosition += i;
    cpu.rip = insns[i].pc() - cpu.segmentBase[1];
  }

  private Block follow(Block block) {
    long pc = linear(cpu.rip);
    long generation = cpu.mmu.generation();
    Block next = block.successor;
    if (next != null && next.pc == pc && next.generation == generation) {
      return next;
    }
    next = block.otherSuccessor;
    if (next != null && next.pc == pc && next.generation == generation) {
      return next;
    }
    next = blocks.find(pc);
    block.otherSuccessor = block.successor;
    block.successor = next;
    return next;
  }

  private long linear(long rip) {
    return rip + cpu.segmentBase[1];
  }
}
