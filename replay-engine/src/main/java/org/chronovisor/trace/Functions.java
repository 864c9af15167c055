package org.chronovisor.trace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The functions of one ELF file that have code, with what was inlined into them, in columns.
 *
 * <p>An entry's parent, the function it was inlined into, comes before it. Immutable and
 * thread-safe.
 */
public final class Functions {
  /** No file has more functions and inlined calls. */
  public static final int MAX_ENTRIES = 1 << 22;

  /** Nor more pieces of code that belong to them. */
  public static final int MAX_RANGES = 1 << 22;

  /** Nor more different names of functions, or of files with calls. */
  public static final int MAX_NAMES = 1 << 21;

  public static final int NONE = -1;

  private final List<String> names;
  private final List<String> files;
  private final int[] parents;
  private final int[] nameOf;
  private final int[] callFiles;
  private final int[] callLines;

  /** First range of each entry; one more for the end. */
  private final int[] firstRange;

  private final long[] starts;
  private final long[] ends;

  private Functions(Builder from) {
    names = List.copyOf(from.names);
    files = List.copyOf(from.files);
    parents = Arrays.copyOf(from.parents, from.size);
    nameOf = Arrays.copyOf(from.nameOf, from.size);
    callFiles = Arrays.copyOf(from.callFiles, from.size);
    callLines = Arrays.copyOf(from.callLines, from.size);
    firstRange = Arrays.copyOf(from.firstRange, from.size + 1);
    firstRange[from.size] = from.ranges;
    starts = Arrays.copyOf(from.starts, from.ranges);
    ends = Arrays.copyOf(from.ends, from.ranges);
  }

  private Functions(Functions from, long bias) {
    names = from.names;
    files = from.files;
    parents = from.parents;
    nameOf = from.nameOf;
    callFiles = from.callFiles;
    callLines = from.callLines;
    firstRange = from.firstRange;
    starts = Arrays.stream(from.starts).map(address -> address + bias).toArray();
    ends = Arrays.stream(from.ends).map(address -> address + bias).toArray();
  }

  /** The same functions for code that runs elsewhere. */
  public Functions movedBy(long bias) {
    return bias == 0 ? this : new Functions(this, bias);
  }

  public int size() {
    return parents.length;
  }

  /** Every name, as the linker knows it (mangled), once. */
  public List<String> names() {
    return names;
  }

  /** Every file that holds an inlined call, once. */
  public List<String> files() {
    return files;
  }

  /** The entry it was inlined into, or {@link #NONE} for a function with code of its own. */
  public int parent(int entry) {
    return parents[entry];
  }

  /** Index into {@link #names()}; {@link #NONE} when it has no name. */
  public int name(int entry) {
    return nameOf[entry];
  }

  /** Index into {@link #files()} of the call that was replaced, or {@link #NONE}. */
  public int callFile(int entry) {
    return callFiles[entry];
  }

  /** Line of the call that was replaced, from 1 on; 0 when unknown. */
  public int callLine(int entry) {
    return callLines[entry];
  }

  /** Index of the first of the entry's ranges; they end where those of the next entry begin. */
  public int firstRange(int entry) {
    return firstRange[entry];
  }

  /** All ranges of all entries. */
  public int rangeCount() {
    return starts.length;
  }

  /** Linear address, unsigned. */
  public long start(int range) {
    return starts[range];
  }

  /** First address behind the range. */
  public long end(int range) {
    return ends[range];
  }

  /** Collects entries. */
  public static final class Builder {
    private final List<String> names = new ArrayList<>();
    private final Map<String, Integer> nameIndexes = new HashMap<>();
    private final List<String> files = new ArrayList<>();
    private final Map<String, Integer> fileIndexes = new HashMap<>();
    private int[] parents = new int[16];
    private int[] nameOf = new int[16];
    private int[] callFiles = new int[16];
    private int[] callLines = new int[16];
    private int[] firstRange = new int[17];
    private int size;
    private long[] starts = new long[16];
    private long[] ends = new long[16];
    private int ranges;

    /** Index of a name, which is added when it is new. */
    public int name(String name) {
      return index(names, nameIndexes, name);
    }

    /** Index of a file, which is added when it is new. */
    public int file(String file) {
      return index(files, fileIndexes, file);
    }

    private static int index(List<String> list, Map<String, Integer> indexes, String text) {
      Integer known = indexes.get(text);
      if (known != null) {
        return known;
      }
      check(list.size() < MAX_NAMES, "too many names");
      indexes.put(text, list.size());
      list.add(text);
      return list.size() - 1;
    }

    /**
     * Adds an entry; ranges that are added next belong to it.
     *
     * @param parent an entry before it, or {@link #NONE}
     * @param name from {@link #name}, or {@link #NONE}
     * @param callFile from {@link #file}, or {@link #NONE}
     * @param callLine not negative
     * @return its index
     * @throws IllegalArgumentException when there are more than {@link #MAX_ENTRIES}
     */
    public int entry(int parent, int name, int callFile, int callLine) {
      check(size < MAX_ENTRIES, "more than " + MAX_ENTRIES + " functions");
      check(parent >= NONE && parent < size, "no function " + parent);
      check(name >= NONE && name < names.size(), "no name " + name);
      check(callFile >= NONE && callFile < files.size(), "no file " + callFile);
      check(callLine >= 0, "a negative line");
      if (size == parents.length) {
        parents = Arrays.copyOf(parents, 2 * size);
        nameOf = Arrays.copyOf(nameOf, 2 * size);
        callFiles = Arrays.copyOf(callFiles, 2 * size);
        callLines = Arrays.copyOf(callLines, 2 * size);
        firstRange = Arrays.copyOf(firstRange, 2 * size + 1);
      }
      parents[size] = parent;
      nameOf[size] = name;
      callFiles[size] = callFile;
      callLines[size] = callLine;
      firstRange[size] = ranges;
      return size++;
    }

    /**
     * Adds a piece of code to the newest entry.
     *
     * @throws IllegalArgumentException when it is empty, or there are more than {@link #MAX_RANGES}
     */
    public void range(long start, long end) {
      check(size > 0, "no function");
      check(Long.compareUnsigned(start, end) < 0, "an empty range");
      check(ranges < MAX_RANGES, "more than " + MAX_RANGES + " ranges of functions");
      if (ranges == starts.length) {
        starts = Arrays.copyOf(starts, 2 * ranges);
        ends = Arrays.copyOf(ends, 2 * ranges);
      }
      starts[ranges] = start;
      ends[ranges++] = end;
    }

    public Functions build() {
      return new Functions(this);
    }

    private static void check(boolean good, String message) {
      if (!good) {
        throw new IllegalArgumentException(message);
      }
    }
  }
}
