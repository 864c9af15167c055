package org.chronovisor.trace;

import org.chronovisor.x86.Mode;
import org.chronovisor.x86.Plan;

/**
 * The plan under which every occurrence of an instruction encoding was recorded.
 *
 * @param bytes 1 to 15
 */
public record PlannedInstruction(Mode mode, byte[] bytes, Plan plan) {}
