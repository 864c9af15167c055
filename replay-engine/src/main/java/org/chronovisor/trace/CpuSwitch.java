package org.chronovisor.trace;

import org.chronovisor.x86.CpuState;

/**
 * From here on another vCPU executes; or the same one, after a reset (QEMU runs vCPUs in turn).
 *
 * @param position retired instructions, of all vCPUs, before it
 * @param cpu the vCPU that executes from now on
 * @param transfers transfers of the segment that came before it, which orders those of one position
 * @param memory memory events of the segment that came before it, likewise
 * @param counter rcx of the vCPU that is left, when {@code cut}
 * @param cut the vCPU is left inside a {@code rep} instruction, which has done part of its work
 * @param resumeFlag RF of the vCPU that is left, when {@code cut}
 * @param state all registers of {@code cpu}, when something has replaced them (INIT and start-up
 *     interrupts); null when it goes on as it was left
 */
public record CpuSwitch(
    long position,
    int cpu,
    int transfers,
    int memory,
    long counter,
    boolean cut,
    boolean resumeFlag,
    CpuState state) {
  /** The same with other registers, or none. */
  public CpuSwitch withState(CpuState other) {
    return new CpuSwitch(position, cpu, transfers, memory, counter, cut, resumeFlag, other);
  }
}
