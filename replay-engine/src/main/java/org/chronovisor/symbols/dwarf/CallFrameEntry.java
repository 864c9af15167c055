package org.chronovisor.symbols.dwarf;

/**
 * What entries share (DWARF 5, 6.4.1, CIE).
 *
 * @param initial instructions
 * @param pointerEncoding of addresses in .eh_frame, DW_EH_PE_*
 * @param augmented entries say how long their augmentation data is
 */
record CallFrameEntry(
    Slice initial,
    long codeFactor,
    long dataFactor,
    int returnColumn,
    int addressSize,
    int pointerEncoding,
    boolean augmented,
    boolean signalFrame) {
  /** Bytes of the section. */
  record Slice(int start, int length) {}
}
