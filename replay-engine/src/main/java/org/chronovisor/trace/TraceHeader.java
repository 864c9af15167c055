package org.chronovisor.trace;

import java.util.List;
import org.chronovisor.memory.RamRegion;

/**
 * What a trace says about itself before its first segment.
 *
 * @param qemu version string
 * @param arch "x86_64"
 * @param commandLine the user's QEMU command line
 * @param cpuFeatures QEMU's names of those features that decide how an encoding executes and that
 *     the CPU has
 * @param startAddress where recording started
 * @param recordedAt milliseconds since the epoch
 * @param check every modelled instruction is captured too
 */
public record TraceHeader(
    String qemu,
    String arch,
    int cpus,
    List<String> commandLine,
    List<RamRegion> ram,
    List<String> cpuFeatures,
    long startAddress,
    long recordedAt,
    boolean deterministic,
    boolean check) {}
