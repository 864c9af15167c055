package org.chronovisor.symbols.dwarf;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Tables of abbreviations (DWARF 5, 7.5.3), each read once. */
final class Abbreviations {
  /** Of all tables together: every unit may have its own. */
  private static final int MAX_ATTRIBUTES = 1 << 23;

  /** What entries with one code look like. */
  @SuppressWarnings("ArrayRecordComponent") // columns
  record Abbreviation(int tag, boolean children, int[] attributes, int[] forms, long[] implicit) {}

  private final byte[] section;
  private final Map<Long, Map<Long, Abbreviation>> tables = new HashMap<>();
  private int left = MAX_ATTRIBUTES;

  Abbreviations(byte[] section) {
    this.section = section;
  }

  /** The table at an offset, by code. */
  Map<Long, Abbreviation> at(long offset) {
    return tables.computeIfAbsent(offset, this::read);
  }

  private Map<Long, Abbreviation> read(long offset) {
    DwarfInput in = DwarfInput.at(section, ".debug_abbrev", offset);
    Map<Long, Abbreviation> table = new HashMap<>();
    int[] attributes = new int[16];
    int[] forms = new int[16];
    long[] implicit = new long[16];
    while (in.remaining() > 0) {
      long code = in.uleb();
      if (code == 0) {
        break;
      }
      int tag = small(in.uleb());
      boolean children = in.u8() != 0;
      int size = 0;
      while (true) {
        int attribute = small(in.uleb());
        int form = small(in.uleb());
        long constant = form == Form.IMPLICIT_CONST ? in.sleb() : 0;
        if (attribute == 0 && form == 0) {
          break;
        }
        if (--left < 0) {
          throw in.damaged("too many abbreviations");
        }
        if (size == attributes.length) {
          attributes = Arrays.copyOf(attributes, 2 * size);
          forms = Arrays.copyOf(forms, 2 * size);
          implicit = Arrays.copyOf(implicit, 2 * size);
        }
        attributes[size] = attribute;
        forms[size] = form;
        implicit[size++] = constant;
      }
      if (--left < 0) {
        throw in.damaged("too many abbreviations");
      }
      table.put(
          code,
          new Abbreviation(
              tag,
              children,
              Arrays.copyOf(attributes, size),
              Arrays.copyOf(forms, size),
              Arrays.copyOf(implicit, size)));
    }
    return table;
  }

  /** Larger numbers are no known tag, attribute or form. */
  private static int small(long value) {
    return value >>> 16 == 0 ? (int) value : 0xffff;
  }
}
