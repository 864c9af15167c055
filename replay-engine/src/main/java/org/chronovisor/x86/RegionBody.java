package org.chronovisor.x86;

/**
 * The compiled code of some blocks, without any state: replayers share it.
 *
 * <p>It enters at the first block and leaves before a block, with rip at that block, or at an
 * instruction, with what that instruction needs in the CPU. An instruction is named by its number,
 * counted over all blocks.
 */
abstract class RegionBody {
  /** Left before a block; rip is its address. */
  static final int BETWEEN_BLOCKS = 0;

  // Else the instruction's number times 4 plus one of:

  /** Left because code or a mapping has changed; the instruction has been executed. */
  static final int CHANGED = 1;

  /** The instruction was the last of its block, has set rip, and may have changed anything. */
  static final int BLOCK_END = 2;

  /** The instruction has thrown {@link RegionFrame#thrown}; it has changed nothing. */
  static final int THROWN = 3;

  /**
   * Executes blocks while they fit into what may be executed.
   *
   * @param insns the models of all instructions
   */
  abstract int run(Cpu cpu, Insn[] insns, RegionFrame frame);
}
