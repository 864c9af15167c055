package org.chronovisor.trace;

/**
 * An ELF symbol.
 *
 * @param size in bytes, 0 when unknown
 */
public record Symbol(String name, long address, long size, boolean function) {}
