package org.chronovisor.query;

import org.chronovisor.x86.Mode;

/**
 * An instruction that was executed.
 *
 * @param cpu number of the vCPU that did
 * @param pc linear address
 * @param shape null when it is not understood
 * @param written the registers it may write, as {@link InstructionShape#written}
 */
@SuppressWarnings("ArrayRecordComponent") // bytes are what it is about
public record Executed(
    int cpu, long pc, byte[] bytes, Mode mode, InstructionShape shape, int written) {
  /** Address of the next instruction in sequence. */
  public long next() {
    return pc + bytes.length;
  }
}
