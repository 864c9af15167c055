package org.chronovisor.trace;

/**
 * Checksum of all non-sequential control transfers up to a position (docs/ring-protocol.md).
 *
 * @param position a block's start
 */
public record PathCheckpoint(long position, long hash) {}
