package org.chronovisor.recorder;

import java.nio.file.Path;
import java.util.List;

/**
 * How a recording went.
 *
 * @param trace directory of the trace
 * @param endReason shutdown, panic, reset, interrupted, killed, or error
 * @param message the end in one line for people
 * @param instructions retired in all: the end's position
 * @param pc of the next instruction, linear; 0 when QEMU was killed
 * @param complete the final registers and memory are in the trace
 * @param traceBytes size of the trace
 * @param segments number of segments
 * @param wallSeconds from the recording's start to the guest's end
 * @param qemuCpuSeconds CPU time that QEMU used in that time; 0 when unknown
 * @param slowdown estimated: CPU time of QEMU in all, divided by what it would be without
 *     recording; 0 when the run was too short to tell
 * @param inexact one line for each thing that is not exact
 */
public record RecordSummary(
    Path trace,
    String endReason,
    String message,
    long instructions,
    long pc,
    boolean complete,
    long traceBytes,
    int segments,
    double wallSeconds,
    double qemuCpuSeconds,
    double slowdown,
    List<String> inexact) {
  /** Trace bytes per retired instruction. */
  public double bytesPerInstruction() {
    return instructions == 0 ? 0 : (double) traceBytes / instructions;
  }

  /** Million instructions per second of wall time. */
  public double mips() {
    return wallSeconds <= 0 ? 0 : instructions / wallSeconds / 1e6;
  }
}
