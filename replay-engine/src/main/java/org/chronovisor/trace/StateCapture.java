package org.chronovisor.trace;

import org.chronovisor.x86.CpuState;

/**
 * The whole register state after an instruction without a model, taken from QEMU's monitor.
 *
 * @param position of the instruction
 */
public record StateCapture(long position, CpuState state) {}
