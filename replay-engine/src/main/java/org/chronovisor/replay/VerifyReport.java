package org.chronovisor.replay;

import java.util.List;

/**
 * Outcome of a verification.
 *
 * @param segments replayed
 * @param instructions replayed
 * @param mismatches one line each: segment, instruction, register or address, expected, found
 */
public record VerifyReport(boolean ok, int segments, long instructions, List<String> mismatches) {}
