package org.chronovisor.x86;

import java.util.List;

/** Compiled code of a replayer's own blocks. */
final class Region {
  final RegionBody body;

  /** All instructions' models, block by block. */
  final Insn[] insns;

  private final Block[] blocks;
  private final int[] first;

  /** Instructions executed by it. */
  long executed;

  /** How often its blocks had to be looked at. */
  int looks;

  /** It is valid while this equals the MMU's generation; else its blocks must be looked at. */
  long generation;

  Region(RegionBody body, List<Block> blocks) {
    this.body = body;
    this.blocks = blocks.toArray(new Block[0]);
    first = new int[this.blocks.length + 1];
    for (int i = 0; i < this.blocks.length; i++) {
      first[i + 1] = first[i] + this.blocks[i].insns.length;
    }
    insns = new Insn[first[this.blocks.length]];
    for (int i = 0; i < this.blocks.length; i++) {
      System.arraycopy(this.blocks[i].insns, 0, insns, first[i], first[i + 1] - first[i]);
    }
  }

  /** Number of its blocks. */
  int size() {
    return blocks.length;
  }

  Block block(int number) {
    return blocks[number];
  }

  /** The model of a block's last instruction. */
  Insn lastInsn(int block) {
    return insns[first[block + 1] - 1];
  }

  /** The number of the block that an instruction is in. */
  int blockOf(int insn) {
    int block = 0;
    while (first[block + 1] <= insn) {
      block++;
    }
    return block;
  }

  /** An instruction's number in its block. */
  int indexInBlock(int insn) {
    return insn - first[blockOf(insn)];
  }

  /** True when memory still holds the code of all its blocks. */
  boolean revalidate(Mmu mmu) {
    for (Block block : blocks) {
      if (block.generation != mmu.generation() && !block.revalidate(mmu)) {
        return false;
      }
    }
    generation = mmu.generation();
    return true;
  }
}
