package org.chronovisor.trace;

/**
 * An {@code out} instruction.
 *
 * @param position of the instruction
 * @param size in bytes: 1, 2 or 4
 */
public record PortOutput(long position, int port, int size, long value) {}
