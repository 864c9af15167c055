package org.chronovisor.symbols.dwarf;

/**
 * How to find the caller from an address: the frame's address, and each register's rule.
 *
 * @param cfa rule of the frame's address: REGISTER or VALUE_EXPRESSION; UNSPECIFIED when none is
 *     given
 * @param registers by DWARF number
 * @param returnColumn number of the register that stands for the return address
 * @param signalFrame the caller was interrupted and has not made a call
 */
@SuppressWarnings("ArrayRecordComponent") // columns
public record CallFrameRow(
    CallFrameRule cfa, CallFrameRule[] registers, int returnColumn, boolean signalFrame) {}
