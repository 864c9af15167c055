package org.chronovisor.x86;

/** Decides how recording treats an instruction. */
public interface InstructionPlanner {
  /**
   * Plan of one instruction.
   *
   * @param bytes exactly the instruction's bytes, 1 to 15
   * @param pc its linear address, for the target of direct jumps
   * @param check capture what modelled instructions wrote, too
   * @param disassembly QEMU's text; only a hint for instructions the decoder does not know
   */
  Plan plan(byte[] bytes, Mode mode, long pc, boolean check, String disassembly);
}
