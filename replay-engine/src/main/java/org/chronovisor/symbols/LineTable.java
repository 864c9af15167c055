package org.chronovisor.symbols;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.chronovisor.trace.SourceLines;

/** Finds source lines by address, and addresses by source line. Immutable and thread-safe. */
public final class LineTable {
  private static final int NONE = -1;

  /** One sequence of a table: rows {@code from} to {@code end}, which ends it. */
  private record Sequence(int table, int from, int end, long start, long limit) {}

  private final List<SourceLines> tables;

  /** Printable names of the files, by table. */
  private final List<List<String>> files;

  /** Where the answer changes, ascending; one entry per address. */
  private long[] addresses = new long[64];

  private int[] tableOf = new int[64];

  /** Row in the table, or {@link #NONE} in a gap. */
  private int[] rowOf = new int[64];

  private int size;

  /**
   * @param tables where two cover an address, the sequence that starts first answers, then the
   *     table that comes first
   */
  public LineTable(List<SourceLines> tables) {
    this.tables = List.copyOf(tables);
    files =
        this.tables.stream().map(t -> t.files().stream().map(Printable::text).toList()).toList();
    List<Sequence> sequences = new ArrayList<>();
    for (int i = 0; i < this.tables.size(); i++) {
      addSequences(i, sequences);
    }
    sequences.sort((a, b) -> Long.compareUnsigned(a.start, b.start));
    long covered = 0;
    for (Sequence sequence : sequences) {
      if (Long.compareUnsigned(sequence.limit, covered) > 0) {
        append(sequence, covered);
        covered = sequence.limit;
      }
    }
    addresses = Arrays.copyOf(addresses, size);
    tableOf = Arrays.copyOf(tableOf, size);
    rowOf = Arrays.copyOf(rowOf, size);
  }

  private void addSequences(int table, List<Sequence> sequences) {
    SourceLines lines = tables.get(table);
    int from = 0;
    for (int i = 0; i < lines.size(); i++) {
      if (lines.isEnd(i)) {
        long start = lines.address(from);
        long limit = lines.address(i);
        if (from < i && Long.compareUnsigned(start, limit) < 0) {
          sequences.add(new Sequence(table, from, i, start, limit));
        }
        from = i + 1;
      }
    }
  }

  /** Of several rows at one address the last is the one that has code. */
  private void append(Sequence sequence, long covered) {
    SourceLines lines = tables.get(sequence.table);
    long last = covered;
    for (int row = sequence.from; row <= sequence.end; row++) {
      long address = lines.address(row);
      // A trace may hold rows out of order: none goes back or past the sequence's end.
      if (Long.compareUnsigned(address, last) < 0) {
        address = last;
      } else if (Long.compareUnsigned(address, sequence.limit) > 0) {
        address = sequence.limit;
      }
      put(address, sequence.table, lines.isEnd(row) ? NONE : row);
      last = address;
    }
  }

  private void put(long address, int table, int row) {
    if (size == 0 || addresses[size - 1] != address) {
      if (size == addresses.length) {
        addresses = Arrays.copyOf(addresses, 2 * size);
        tableOf = Arrays.copyOf(tableOf, 2 * size);
        rowOf = Arrays.copyOf(rowOf, 2 * size);
      }
      addresses[size++] = address;
    }
    tableOf[size - 1] = table;
    rowOf[size - 1] = row;
  }

  public boolean isEmpty() {
    return size == 0;
  }

  /** The line an address belongs to; empty where the tables say nothing or name no line. */
  public Optional<SourceLine> at(long address) {
    int last = SortedAddresses.countUpTo(addresses, size, address) - 1;
    if (last < 0 || rowOf[last] == NONE) {
      return Optional.empty();
    }
    SourceLines lines = tables.get(tableOf[last]);
    int row = rowOf[last];
    return lines.line(row) == 0
        ? Optional.empty()
        : Optional.of(
            new SourceLine(files.get(tableOf[last]).get(lines.file(row)), lines.line(row)));
  }

  /** {@code file:line}, or null when unknown. */
  public String name(long address) {
    return at(address).map(SourceLine::toString).orElse(null);
  }

  /**
   * Addresses at which a line's statements begin, ascending; where a statement goes on with more
   * rows of the same line, its first.
   *
   * @param file a path as the tables have it, or the last part of one from a {@code /} on
   */
  public List<Long> addresses(String file, int line) {
    List<Long> found = new ArrayList<>();
    for (int i = 0; i < tables.size(); i++) {
      boolean[] wanted = wanted(files.get(i), file);
      SourceLines lines = tables.get(i);
      boolean goesOn = false;
      for (int row = 0; row < lines.size(); row++) {
        if (line < 1 || lines.isEnd(row) || lines.line(row) != line || !wanted[lines.file(row)]) {
          goesOn = false;
        } else if (lines.isStatement(row) && !goesOn) {
          found.add(lines.address(row));
          goesOn = true;
        }
      }
    }
    Comparator<Long> unsigned = Long::compareUnsigned;
    return found.stream().distinct().sorted(unsigned).toList();
  }

  private static boolean[] wanted(List<String> files, String file) {
    boolean[] wanted = new boolean[files.size()];
    for (int i = 0; i < wanted.length; i++) {
      String name = files.get(i);
      wanted[i] = name.equals(file) || name.endsWith("/" + file);
    }
    return wanted;
  }
}
