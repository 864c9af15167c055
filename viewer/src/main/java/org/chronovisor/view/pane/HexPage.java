package org.chronovisor.view.pane;

import org.chronovisor.query.MemoryBytes;

/**
 * The part of memory that a hex view has at a moment.
 *
 * @param base address of the view's first byte
 */
record HexPage(long base, long position, MemoryBytes bytes) {
  /** Index into the bytes of an address, or -1 when it is not in this part. */
  int index(long address) {
    long offset = address - bytes.address();
    return offset >= 0 && offset < bytes.length() ? (int) offset : -1;
  }
}
