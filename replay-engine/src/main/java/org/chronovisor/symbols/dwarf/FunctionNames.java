package org.chronovisor.symbols.dwarf;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.chronovisor.trace.Functions;

/**
 * The names of the function entries of .debug_info, by offset: its own one, or that of the entry it
 * was made from.
 */
final class FunctionNames {
  private static final int MAX_ENTRIES = 1 << 24;

  /** Longest name; C++ templates make them long. */
  private static final int MAX_STRING = 1 << 15;

  /** Characters of all different names. */
  private static final long MAX_CHARACTERS = 1L << 27;

  /** Steps from an inlined call to its function, to its declaration. */
  private static final int MAX_STEPS = 8;

  private static final int UNRESOLVED = -2;

  private final Functions.Builder out;

  /** Ascending. */
  private long[] offsets = new long[64];

  private SourcePaths.Text[] texts = new SourcePaths.Text[64];

  /** Offset of the entry it was made from, or -1. */
  private long[] origins = new long[64];

  private int[] resolved = new int[64];
  private int size;
  private long characters;

  FunctionNames(Functions.Builder out) {
    this.out = out;
  }

  /**
   * Adds an entry; each must lie behind the one before.
   *
   * @param text where the name is, or null
   * @param origin offset of another entry, or -1
   */
  void add(long offset, SourcePaths.Text text, long origin) {
    if (size == MAX_ENTRIES) {
      throw new DwarfException(".debug_info has too many functions");
    }
    if (size == offsets.length) {
      offsets = Arrays.copyOf(offsets, 2 * size);
      texts = Arrays.copyOf(texts, 2 * size);
      origins = Arrays.copyOf(origins, 2 * size);
      resolved = Arrays.copyOf(resolved, 2 * size);
    }
    offsets[size] = offset;
    texts[size] = text;
    origins[size] = origin;
    resolved[size++] = UNRESOLVED;
  }

  /** Index of the name in the result, or {@link Functions#NONE}. */
  int resolve(long offset) {
    int entry = Arrays.binarySearch(offsets, 0, size, offset);
    return entry < 0 ? Functions.NONE : resolve(entry);
  }

  private int resolve(int entry) {
    if (resolved[entry] == UNRESOLVED) {
      int name = Functions.NONE;
      int at = entry;
      for (int step = 0; step < MAX_STEPS && at >= 0; step++) {
        if (texts[at] != null) {
          name = name(texts[at]);
          break;
        }
        at = origins[at] < 0 ? -1 : Arrays.binarySearch(offsets, 0, size, origins[at]);
      }
      resolved[entry] = name;
    }
    return resolved[entry];
  }

  private int name(SourcePaths.Text text) {
    byte[] section = text.section();
    int end = text.offset();
    while (end < section.length && section[end] != 0 && end - text.offset() <= MAX_STRING) {
      end++;
    }
    int length = end - text.offset();
    if (end >= section.length || length == 0 || length > MAX_STRING) {
      return Functions.NONE;
    }
    characters += length;
    if (characters > MAX_CHARACTERS) {
      throw new DwarfException("the names of functions are too long");
    }
    return out.name(new String(section, text.offset(), length, StandardCharsets.UTF_8));
  }
}
