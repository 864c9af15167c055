package org.chronovisor.recorder;

import java.io.IOException;
import java.util.Arrays;
import org.chronovisor.x86.CpuState;

/** What the recorder knows of each vCPU that the monitor does not print. */
final class Vcpus {
  /** Asks QEMU for a vCPU's task priority. */
  @FunctionalInterface
  interface Priorities {
    /** The vCPU's cr8. */
    long of(int vcpu) throws IOException;
  }

  private final ModelSpecificRegisters[] msrs;
  private final long[] kernelGsBase;
  private final long[] cr8;
  private final boolean[] cr8Known;
  private final long[] pc;
  private final Priorities priorities;
  private int current;

  /**
   * Before the first instruction.
   *
   * @param kernelGsBase of each vCPU
   */
  Vcpus(long[] kernelGsBase, Priorities priorities) {
    this.kernelGsBase = kernelGsBase.clone();
    this.priorities = priorities;
    int count = kernelGsBase.length;
    msrs = new ModelSpecificRegisters[count];
    Arrays.setAll(msrs, i -> new ModelSpecificRegisters());
    cr8 = new long[count];
    cr8Known = new boolean[count];
    pc = new long[count];
  }

  int count() {
    return msrs.length;
  }

  /** The vCPU that executes. */
  int current() {
    return current;
  }

  void setCurrent(int vcpu) {
    current = vcpu;
    cr8Known[vcpu] = false;
  }

  ModelSpecificRegisters msrs(int vcpu) {
    return msrs[vcpu];
  }

  /** Linear address where a vCPU that does not execute stands, as far as the plugin knows. */
  long pc(int vcpu) {
    return pc[vcpu];
  }

  void setPc(int vcpu, long linear) {
    pc[vcpu] = linear;
  }

  void setKernelGsBase(int vcpu, long value) {
    kernelGsBase[vcpu] = value;
  }

  void setCr8(int vcpu, long value) {
    cr8[vcpu] = value;
    cr8Known[vcpu] = true;
  }

  /** Asks for the cr8 of a vCPU that has executed since it was last known. */
  void learnCr8(int vcpu) throws IOException {
    if (!cr8Known[vcpu]) {
      setCr8(vcpu, priorities.of(vcpu));
    }
  }

  /** Adds to a state what the monitor does not print. */
  void fill(int vcpu, CpuState state) {
    state.words[CpuState.KERNEL_GS_BASE] = kernelGsBase[vcpu];
    state.words[CpuState.CR8] = cr8[vcpu];
    msrs[vcpu].fill(state);
  }
}
