package org.chronovisor.x86;

/** An instruction that has done part of its work when it faults; QEMU 10.0 keeps that part. */
public interface Partial {
  /**
   * Does what is done before an access faults; nothing when none of its accesses is there.
   *
   * @param fault linear address of the fault
   */
  void executeUntil(Cpu cpu, long fault);
}
