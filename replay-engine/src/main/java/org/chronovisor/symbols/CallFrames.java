package org.chronovisor.symbols;

import java.util.List;
import java.util.Optional;
import org.chronovisor.symbols.dwarf.CallFrameRow;
import org.chronovisor.symbols.dwarf.CallFrameTable;
import org.chronovisor.trace.CallFrameSection;

/** Finds the unwind rules of an address in all sections of a trace. Immutable and thread-safe. */
public final class CallFrames {
  private final List<CallFrameTable> tables;

  /**
   * @param sections where two describe an address, the first answers
   */
  public CallFrames(List<CallFrameSection> sections) {
    tables = sections.stream().map(CallFrameTable::new).toList();
  }

  /** Number of functions, or parts of such, that are described. */
  public int size() {
    return tables.stream().mapToInt(CallFrameTable::size).sum();
  }

  /** The rules before the instruction at an address. */
  public Optional<CallFrameRow> at(long address) {
    for (CallFrameTable table : tables) {
      Optional<CallFrameRow> row = table.at(address);
      if (row.isPresent()) {
        return row;
      }
    }
    return Optional.empty();
  }
}
