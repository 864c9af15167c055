package org.chronovisor.trace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The rows of one ELF file's line table, in columns.
 *
 * <p>Rows come in sequences; each sequence ends with a row that has only an address, the first one
 * behind it. A row holds from its address up to the address of the next one. Immutable and
 * thread-safe.
 */
public final class SourceLines {
  /** No table has more rows. */
  public static final int MAX_ROWS = 1 << 22;

  /** No table names more files. */
  public static final int MAX_FILES = 1 << 17;

  private static final int END = -1;

  private final List<String> files;
  private final long[] addresses;

  /** File index and statement bit, or {@link #END}. */
  private final int[] places;

  private final int[] lines;

  private SourceLines(List<String> files, long[] addresses, int[] places, int[] lines) {
    this.files = files;
    this.addresses = addresses;
    this.places = places;
    this.lines = lines;
  }

  /** The same rows for code that runs elsewhere. */
  public SourceLines movedBy(long bias) {
    long[] moved = Arrays.stream(addresses).map(address -> address + bias).toArray();
    return bias == 0 ? this : new SourceLines(files, moved, places, lines);
  }

  public int size() {
    return addresses.length;
  }

  /** Every file that a row names, once. */
  public List<String> files() {
    return files;
  }

  /** Linear address, unsigned. */
  public long address(int row) {
    return addresses[row];
  }

  /** Whether a row ends a sequence: it has no file and no line. */
  public boolean isEnd(int row) {
    return places[row] == END;
  }

  /** Index into {@link #files()}; -1 at the end of a sequence. */
  public int file(int row) {
    return places[row] >> 1;
  }

  /** Line from 1 on; 0 when no line is to blame for the code, and at the end of a sequence. */
  public int line(int row) {
    return lines[row];
  }

  /** Whether a statement begins here, a good place for a breakpoint. */
  public boolean isStatement(int row) {
    return !isEnd(row) && (places[row] & 1) != 0;
  }

  /** Collects rows. */
  public static final class Builder {
    private final List<String> files = new ArrayList<>();
    private final Map<String, Integer> indexes = new HashMap<>();
    private long[] addresses = new long[64];
    private int[] places = new int[64];
    private int[] lines = new int[64];
    private int size;

    /**
     * Index of a file, which is added when it is new.
     *
     * @throws IllegalArgumentException when there are more than {@link #MAX_FILES}
     */
    public int file(String name) {
      Integer known = indexes.get(name);
      if (known != null) {
        return known;
      }
      if (files.size() == MAX_FILES) {
        throw new IllegalArgumentException("more than " + MAX_FILES + " source files");
      }
      indexes.put(name, files.size());
      files.add(name);
      return files.size() - 1;
    }

    /**
     * Adds a row.
     *
     * @param file from {@link #file}
     * @param line not negative
     * @throws IllegalArgumentException when there are more than {@link #MAX_ROWS}
     */
    public void row(long address, int file, int line, boolean statement) {
      if (file < 0 || file >= files.size() || line < 0) {
        throw new IllegalArgumentException("no file " + file + ", line " + line);
      }
      add(address, file << 1 | (statement ? 1 : 0), line);
    }

    /** Ends a sequence at the first address behind it. */
    public void end(long address) {
      add(address, END, 0);
    }

    private void add(long address, int place, int line) {
      if (size == MAX_ROWS) {
        throw new IllegalArgumentException("more than " + MAX_ROWS + " line table rows");
      }
      if (size == addresses.length) {
        addresses = Arrays.copyOf(addresses, 2 * size);
        places = Arrays.copyOf(places, 2 * size);
        lines = Arrays.copyOf(lines, 2 * size);
      }
      addresses[size] = address;
      places[size] = place;
      lines[size++] = line;
    }

    public SourceLines build() {
      return new SourceLines(
          List.copyOf(files),
          Arrays.copyOf(addresses, size),
          Arrays.copyOf(places, size),
          Arrays.copyOf(lines, size));
    }
  }
}
