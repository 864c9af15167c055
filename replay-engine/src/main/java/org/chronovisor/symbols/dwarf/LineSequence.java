package org.chronovisor.symbols.dwarf;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.chronovisor.trace.SourceLines;

/** The rows of a sequence that is being read. */
final class LineSequence {
  private long[] addresses = new long[64];
  private int[] files = new int[64];

  /** Line, or its complement when no statement begins at the row. */
  private int[] lines = new int[64];

  private int size;
  private boolean ascending = true;

  void add(long address, int file, int line, boolean statement) {
    if (size == SourceLines.MAX_ROWS) {
      throw new DwarfException("more than " + SourceLines.MAX_ROWS + " line table rows");
    }
    if (size == addresses.length) {
      addresses = Arrays.copyOf(addresses, 2 * size);
      files = Arrays.copyOf(files, 2 * size);
      lines = Arrays.copyOf(lines, 2 * size);
    }
    ascending &= size == 0 || Long.compareUnsigned(addresses[size - 1], address) <= 0;
    addresses[size] = address;
    files[size] = file;
    lines[size++] = statement ? line : ~line;
  }

  void clear() {
    size = 0;
    ascending = true;
  }

  /** Adds the rows and the end to the result, by address, when code is there. */
  void finish(long end, ElfSections elf, SourceLines.Builder out) {
    boolean inOrder = ascending && (size == 0 || isBefore(size - 1, end + 1));
    int[] order =
        inOrder
            ? null
            : IntStream.range(0, size)
                .filter(i -> isBefore(i, end))
                .boxed()
                .sorted((a, b) -> Long.compareUnsigned(addresses[a], addresses[b]))
                .mapToInt(Integer::intValue)
                .toArray();
    int rows = order == null ? size : order.length;
    long start = rows == 0 ? end : addresses[order == null ? 0 : order[0]];
    // A linker that drops a function leaves its lines behind, at address 0.
    if (start == end || !elf.isLoaded(start)) {
      return;
    }
    for (int i = 0; i < rows; i++) {
      int row = order == null ? i : order[i];
      int line = lines[row];
      out.row(addresses[row], files[row], line < 0 ? ~line : line, line >= 0);
    }
    out.end(end);
  }

  private boolean isBefore(int row, long address) {
    return Long.compareUnsigned(addresses[row], address) < 0;
  }
}
