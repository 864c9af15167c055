package org.chronovisor.symbols.dwarf;

import java.util.OptionalLong;

/** The registers and the memory that unwinding looks at; empty where a value is not known. */
public interface MachineView {
  /** Value of a register by its DWARF number. */
  OptionalLong register(int number);

  /** Little-endian value of 1 to 8 bytes at a linear address, zero-extended. */
  OptionalLong memory(long address, int size);
}
