package org.chronovisor.x86;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.chronovisor.memory.Page;

/** Decides which blocks of a replayer are compiled, and gives them their compiled code. */
final class Regions {
  private static final int MOST_BLOCKS = 64;
  private static final int MOST_INSTRUCTIONS = 128;

  /**
   * Blocks of a region are mostly executed in it: how much more often one must be interpreted
   * before another region begins with it.
   */
  private static final int PATIENCE = 64;

  /** Blocks executed this much less often than the first are left out. */
  private static final int COLD = 16;

  /** Regions of one replayer. */
  private static final int MOST_REGIONS = 4_096;

  /** A region that is looked at anew this often must be worth it. */
  private static final int OFTEN = 64;

  private static final int INSTRUCTIONS_PER_LOOK = 50;
  private static final int NEVER = Integer.MIN_VALUE;

  final RegionOptions options;
  final RegionFrame frame = new RegionFrame();

  /** Pages whose code was overwritten while compiled code ran. */
  final List<Page> overwritten = new ArrayList<>();

  /** Instructions executed by compiled code. */
  long compiled;

  private final Cpu cpu;
  private final BlockCache cache;
  private final List<Pending> pending = new ArrayList<>();
  private long executed;
  private int made;

  /** A block whose compiled code is waited for. */
  private record Pending(Block block, RegionStore.Request request) {}

  Regions(Cpu cpu, BlockCache cache, RegionOptions options) {
    this.cpu = cpu;
    this.cache = cache;
    this.options = options;
  }

  /** Tells of instructions executed; gives blocks the code that was compiled meanwhile. */
  void executed(long instructions) {
    executed += instructions;
    if (pending.isEmpty()) {
      return;
    }
    for (Iterator<Pending> i = pending.iterator(); i.hasNext(); ) {
      Pending one = i.next();
      if (one.request.isDone()) {
        i.remove();
        install(one.block, one.request);
      }
    }
  }

  /** The valid region that begins with a block, or null; drops it when it is not valid. */
  Region valid(Block block) {
    Region region = block.region;
    if (region.generation == cpu.mmu.generation()) {
      return region;
    }
    region.looks++;
    boolean pays =
        region.looks < OFTEN
            || region.executed / region.looks > (long) INSTRUCTIONS_PER_LOOK * region.size();
    if (pays && region.revalidate(cpu.mmu)) {
      return region;
    }
    block.region = null;
    block.heat = pays ? 0 : NEVER;
    return null;
  }

  /** A block has been executed as often as the options say. */
  void hot(Block block) {
    if (executed < options.warmUp() || pending.size() >= RegionOptions.MOST_PENDING) {
      block.heat = 0;
      return;
    }
    if (block.inRegion) {
      block.inRegion = false;
      block.heat = -PATIENCE * options.threshold();
      return;
    }
    if (!RegionPlan.isCompilable(block) || made >= MOST_REGIONS) {
      block.heat = NEVER;
      return;
    }
    RegionStore.Request request = known(block);
    if (request == null) {
      request = RegionStore.INSTANCE.submit(plan(block));
    }
    if (request == null) {
      block.heat = 0;
      return;
    }
    made++;
    if (options.immediately()) {
      try {
        request.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
    if (request.isDone()) {
      install(block, request);
    } else {
      pending.add(new Pending(block, request));
    }
  }

  private RegionStore.Request known(Block block) {
    for (RegionStore.Request request : RegionStore.INSTANCE.find(block.pc, block.code)) {
      if (blocks(request.plan()) != null) {
        return request;
      }
    }
    return null;
  }

  private void install(Block block, RegionStore.Request request) {
    RegionCompiler.Result result = request.result();
    if (result == null) {
      block.heat = NEVER;
      return;
    }
    List<Block> blocks = blocks(result.plan());
    if (blocks == null || blocks.get(0) != block) {
      block.heat = 0;
      return;
    }
    Region region = new Region(result.body(), blocks);
    region.generation = cpu.mmu.generation();
    block.region = region;
    blocks.forEach(member -> member.inRegion = true);
  }

  /** This replayer's blocks of a plan, all of them valid, or null when one is not the same. */
  private List<Block> blocks(RegionPlan plan) {
    List<Block> blocks = new ArrayList<>();
    try {
      for (RegionPlan.Part part : plan.parts) {
        Block block = cpu.mode() == Mode.CODE64 ? cache.find(part.pc) : null;
        if (block == null || !part.matches(block)) {
          return null;
        }
        blocks.add(block);
      }
    } catch (GuestFault e) {
      return null;
    }
    return blocks;
  }

  private int warmth(Block block) {
    return block.inRegion || block.region != null || block.heat < 0
        ? options.threshold()
        : block.heat;
  }

  /** The block and what is executed most after it. */
  private RegionPlan plan(Block head) {
    int least = Math.max(1, options.threshold() / COLD);
    List<Block> chosen = new ArrayList<>();
    Set<Long> seen = new HashSet<>();
    List<Block> candidates = new ArrayList<>(List.of(head));
    seen.add(head.pc);
    int instructions = 0;
    while (!candidates.isEmpty() && chosen.size() < MOST_BLOCKS) {
      Block hottest = candidates.get(0);
      for (Block candidate : candidates) {
        hottest = warmth(candidate) > warmth(hottest) ? candidate : hottest;
      }
      candidates.remove(hottest);
      instructions += hottest.insns.length;
      if (instructions > MOST_INSTRUCTIONS && !chosen.isEmpty()) {
        break;
      }
      chosen.add(hottest);
      for (Block next : new Block[] {hottest.successor, hottest.otherSuccessor}) {
        if (next != null
            && warmth(next) >= least
            && next.generation == cpu.mmu.generation()
            && RegionPlan.isCompilable(next)
            && seen.add(next.pc)) {
          candidates.add(next);
        }
      }
    }
    return new RegionPlan(chosen);
  }
}
