package org.chronovisor.x86;

import org.chronovisor.memory.Page;

/**
 * Executes decoded blocks and counts retired instructions exactly.
 *
 * <p>Also keeps the path hash: a checksum of all non-sequential control transfers
 * (docs/ring-protocol.md).
 */
public final class Interpreter {
  private final Cpu cpu;
  private final BlockCache blocks;
  private long blockPosition;
  private int index;
  private long pathHash;

  /** The block that is being executed, or was paused in, or null. */
  private Block current;

  /** The block executed before, to its end, or null after a detour. */
  private Block previous;

  private Insn last;
  private boolean tracked;
  private InsnListener insnListener;
  private TransferListener transferListener;

  /** Null when nothing is compiled. */
  private Regions regions;

  private boolean inRegion;

  public Interpreter(Cpu cpu, PlanTable plans) {
    this.cpu = cpu;
    blocks = new BlockCache(cpu, plans);
    setRegionOptions(RegionOptions.ofProperties());
    cpu.mmu.setCodeListener(
        page -> {
          cpu.mmu.codeChanged();
          if (inRegion) {
            regions.overwritten.add(page);
          } else if (current != null && current.touches(cpu.mmu, page)) {
            current.stop();
          }
        });
  }

  /** When hot code is compiled; nothing is executed just now. */
  public void setRegionOptions(RegionOptions options) {
    regions = options.on() ? new Regions(cpu, blocks, options) : null;
  }

  /** Where code outside RAM comes from. */
  public void setOutside(OutsideCode code) {
    blocks.setOutside(code);
  }

  /**
   * Retired instructions. While an instruction executes: those before its block, or exactly those
   * before it when {@link #setTracked} is on.
   */
  public long position() {
    return blockPosition + index;
  }

  /** Position behind the block that is being executed, or else the present one. */
  public long blockEnd() {
    return current == null ? position() : blockPosition + current.insns.length;
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
    leave(position);
    pathHash = hash;
    last = null;
  }

  /** Keeps {@link #position} exact inside instructions, a few per cent slower. */
  public void setTracked(boolean on) {
    tracked = on;
  }

  /** Has each instruction told of, or none when null; slower by a factor of some ten. */
  public void setInsnListener(InsnListener listener) {
    insnListener = listener;
  }

  /**
   * Has each control transfer told of that is not to the next instruction, or none when null: those
   * that the path hash is made of.
   */
  public void setTransferListener(TransferListener listener) {
    transferListener = listener;
  }

  /** Accounts for a control transfer that no instruction made. */
  public void transfer(long pc) {
    leave(position());
    hash(pc);
  }

  /**
   * Accounts for a change of the vCPU: the state of another one has been loaded.
   *
   * @param restarted that vCPU's registers have been replaced
   */
  public void switched(int vcpu, boolean restarted) {
    leave(position());
    last = null;
    long pc = linear(cpu.rip);
    pathHash = PathHash.step(pathHash, vcpu);
    if (restarted) {
      pathHash = PathHash.step(pathHash, pc);
    }
    if (transferListener != null) {
      transferListener.switched(vcpu, pc, restarted, position());
    }
  }

  private void hash(long pc) {
    pathHash = PathHash.step(pathHash, pc);
    if (transferListener != null) {
      transferListener.transferred(last, pc, position());
    }
  }

  /** Forgets the block that execution paused in. */
  private void leave(long position) {
    current = null;
    previous = null;
    blockPosition = position;
    index = 0;
  }

  /** The last instruction that retired by {@link #runTo}, or null right after a reset. */
  public Insn last() {
    return last;
  }

  /**
   * Linear address of the instruction that is being executed, exact when {@link #setTracked} is on;
   * else of the next one.
   */
  public long currentPc() {
    return current == null ? linear(cpu.rip) : current.insns[index].pc();
  }

  /** The instruction at the CPU's rip. */
  public Insn peek() {
    return blocks.find(linear(cpu.rip)).insns[0];
  }

  /**
   * Executes until {@code limit} instructions have retired.
   *
   * <p>A pause inside a block is continued there: what some instructions leave in the flags depends
   * on the block they are in.
   *
   * @throws GuestFault when an instruction cannot complete; position and rip then are that
   *     instruction's
   */
  public void runTo(long limit) {
    if (current != null && current.generation != cpu.mmu.generation()) {
      leave(position());
    }
    long before = position();
    if ((cpu.systemFlags & Flags.RF) != 0 && before < limit) {
      advance(before + 1);
      if (position() > before) {
        // The first instruction that completes clears RF (Intel SDM vol. 3, section 19.3.1.1).
        cpu.systemFlags &= ~Flags.RF;
      }
    }
    if (regions != null && insnListener == null && transferListener == null && !tracked) {
      runCompiling(limit);
      regions.executed(position() - before);
    }
    while (position() < limit) {
      advance(limit);
    }
  }

  /** Instructions executed by compiled code so far. */
  long compiledInstructions() {
    return regions == null ? 0 : regions.compiled;
  }

  /** Executes by compiled code what there is of it, and finds out what to compile. */
  private void runCompiling(long limit) {
    int threshold = regions.options.threshold();
    while (position() < limit) {
      enterBlock();
      Block block = current;
      if (block.region != null
          && index == 0
          && limit - blockPosition >= block.insns.length
          && regions.valid(block) != null) {
        runRegion(block.region, limit);
        continue;
      }
      if (++block.heat == threshold) {
        regions.hot(block);
      }
      advance(block, (int) Math.min(block.insns.length, limit - blockPosition));
    }
  }

  /** Executes compiled code, which begins with the present block. */
  private void runRegion(Region region, long limit) {
    RegionFrame frame = regions.frame;
    long most = limit - blockPosition;
    frame.left = most;
    frame.hash = pathHash;
    frame.generation = cpu.mmu.generation();
    int exit;
    inRegion = true;
    cpu.mmu.setRamOnly(true);
    try {
      exit = region.body.run(cpu, region.insns, frame);
    } finally {
      inRegion = false;
      cpu.mmu.setRamOnly(false);
    }
    long done = most - frame.left;
    region.executed += done;
    regions.compiled += done;
    blockPosition += done;
    pathHash = frame.hash;
    if (frame.last >= 0) {
      last = region.lastInsn(frame.last);
      previous = region.block(frame.last);
      current = null;
    }
    int insn = exit >>> 2;
    switch (exit & 3) {
      case RegionBody.BETWEEN_BLOCKS -> stopOverwritten(previous);
      case RegionBody.BLOCK_END -> {
        stopOverwritten(previous);
        // The base of 64-bit code, which this was, is zero.
        if (cpu.rip != previous.next) {
          hash(linear(cpu.rip));
        }
      }
      case RegionBody.CHANGED -> pauseBehind(region, insn);
      default -> handleThrown(region, insn, limit);
    }
  }

  private void stopOverwritten(Block block) {
    for (Page page : regions.overwritten) {
      if (block.touches(cpu.mmu, page)) {
        block.stop();
      }
    }
    regions.overwritten.clear();
  }

  private void pauseBehind(Region region, int insn) {
    Block block = region.block(region.blockOf(insn));
    int done = region.indexInBlock(insn) + 1;
    if (done < block.insns.length) {
      current = block;
      index = done;
      cpu.rip = block.insns[done].pc() - cpu.segmentBase[1];
    } else {
      last = region.insns[insn];
      previous = block;
      current = null;
      blockPosition += done;
      cpu.rip = block.next - cpu.segmentBase[1];
    }
    stopOverwritten(block);
  }

  private void handleThrown(Region region, int insn, long limit) {
    Block block = region.block(region.blockOf(insn));
    int at = region.indexInBlock(insn);
    RuntimeException thrown = regions.frame.thrown;
    regions.frame.thrown = null;
    cpu.rip = region.insns[insn].pc() - cpu.segmentBase[1];
    stopOverwritten(block);
    if (thrown instanceof Mmu.OutsideRam) {
      // What devices answer depends on the position, which is exact only here.
      current = block;
      index = at;
      advance(block, (int) Math.min(block.insns.length, limit - blockPosition));
    } else {
      leave(blockPosition + at);
      throw thrown;
    }
  }

  /**
   * Executes at least one instruction, until {@code limit} instructions have retired or the next
   * instruction is at one of some addresses.
   */
  public void runTo(long limit, StopSet stops) {
    // The first instruction by itself: it may have been stopped at before.
    runTo(Math.min(limit, position() + 1));
    while (position() < limit) {
      enterBlock();
      int stop = current.nextStop(stops, index);
      if (stop == index) {
        return;
      }
      advance(current, (int) Math.min(stop, limit - blockPosition));
    }
  }

  /** True when no block is half executed: the state then is all in the CPU. */
  public boolean isBetweenBlocks() {
    return current == null;
  }

  /** Executes at most the rest of a block. */
  private void advance(long limit) {
    enterBlock();
    advance(current, (int) Math.min(current.insns.length, limit - blockPosition));
  }

  private void enterBlock() {
    if (current == null) {
      current = previous == null ? blocks.find(linear(cpu.rip)) : follow(previous);
    }
  }

  /** Executes a block from the index on up to {@code end}. */
  private void advance(Block block, int end) {
    Insn[] insns = block.insns;
    Insn finalInsn = insns[end - 1];
    // A captured far transfer changes the base.
    long next = block.next - cpu.segmentBase[1];
    cpu.rip = next;
    int done;
    if (insnListener != null) {
      done = runTold(insns, end);
    } else if (tracked) {
      done = runTracked(insns, end);
    } else if (end == insns.length && index < block.fused.length) {
      done = run(block.fused, index, block.fused.length);
      if (done == block.fused.length) {
        done = end;
      }
    } else {
      done = run(insns, index, end);
    }
    if (done < 0) {
      cpu.rip = insns[~done].pc() - cpu.segmentBase[1];
      leave(blockPosition + ~done);
    } else if (done < insns.length) {
      last = finalInsn;
      index = done;
      cpu.rip = insns[done].pc() - cpu.segmentBase[1];
    } else {
      last = finalInsn;
      blockPosition += done;
      index = 0;
      if (cpu.rip != next) {
        hash(linear(cpu.rip));
      }
      previous = block;
      current = null;
    }
  }

  /** Returns the index after the last executed one, complemented when the block was stopped. */
  private int run(Insn[] insns, int from, int end) {
    int i = from;
    try {
      for (; i < end; i++) {
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

  private int runTracked(Insn[] insns, int end) {
    try {
      for (; index < end; index++) {
        insns[index].execute(cpu);
      }
    } catch (Block.BlockStopped e) {
      return ~index;
    } catch (GuestFault e) {
      faulted(insns, index);
      throw e;
    }
    return end;
  }

  private int runTold(Insn[] insns, int end) {
    try {
      for (; index < end; index++) {
        insnListener.before(insns[index], blockPosition + index);
        insns[index].execute(cpu);
      }
    } catch (Block.BlockStopped e) {
      return ~index;
    } catch (GuestFault e) {
      faulted(insns, index);
      throw e;
    }
    return end;
  }

  private void faulted(Insn[] insns, int i) {
    cpu.rip = insns[i].pc() - cpu.segmentBase[1];
    leave(blockPosition + i);
  }

  /** The block at rip, most often one that followed this one before. */
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
