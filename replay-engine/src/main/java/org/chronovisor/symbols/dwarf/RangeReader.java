package org.chronovisor.symbols.dwarf;

import org.chronovisor.trace.Functions;

/** Reads the lists of code ranges (DWARF 5, 2.17.3; DWARF 4, 2.17.3), within a budget. */
final class RangeReader {
  /** Receives ranges that are not empty. */
  @FunctionalInterface
  interface Sink {
    void range(long start, long end);
  }

  private final DebugSections sections;

  /** Entries that may still be read: hostile lists can be named again and again. */
  private int left = 4 * Functions.MAX_RANGES;

  RangeReader(DebugSections sections) {
    this.sections = sections;
  }

  /** The list at an offset of the section that the unit's version has. */
  void read(DebugUnit unit, long offset, Sink sink) {
    if (unit.version < 5) {
      readPairs(unit, offset, sink);
    } else {
      readList(unit, offset, sink);
    }
  }

  /** The list that an index names. */
  void readIndexed(DebugUnit unit, long index, Sink sink) {
    long base = unit.rangeListsBase;
    AttributeReader.entry(sections.rangeLists(), base, index, unit.wide ? 8 : 4)
        .ifPresent(offset -> readList(unit, base + offset, sink));
  }

  private void count(DwarfInput in) {
    if (--left < 0) {
      throw in.damaged("too many ranges");
    }
  }

  private static void add(long start, long end, Sink sink) {
    if (Long.compareUnsigned(start, end) < 0) {
      sink.range(start, end);
    }
  }

  private void readPairs(DebugUnit unit, long offset, Sink sink) {
    DwarfInput in = DwarfInput.at(sections.ranges(), ".debug_ranges", offset);
    long base = unit.lowPc;
    long selector = unit.addressSize == 8 ? -1L : 0xffffffffL;
    while (true) {
      count(in);
      long start = in.number(unit.addressSize);
      long end = in.number(unit.addressSize);
      if (start == 0 && end == 0) {
        return;
      }
      if (start == selector) {
        base = end;
      } else {
        add(base + start, base + end, sink);
      }
    }
  }

  private void readList(DebugUnit unit, long offset, Sink sink) {
    DwarfInput in = DwarfInput.at(sections.rangeLists(), ".debug_rnglists", offset);
    long base = unit.lowPc;
    while (true) {
      count(in);
      int kind = in.u8();
      switch (kind) { // DWARF 5, 7.25
        case 0 -> { // end_of_list
          return;
        }
        case 1 -> base = indexed(unit, in); // base_addressx
        case 2 -> { // startx_endx
          long start = indexed(unit, in);
          add(start, indexed(unit, in), sink);
        }
        case 3 -> { // startx_length
          long start = indexed(unit, in);
          add(start, start + in.uleb(), sink);
        }
        case 4 -> { // offset_pair
          long start = base + in.uleb();
          add(start, base + in.uleb(), sink);
        }
        case 5 -> base = in.number(unit.addressSize); // base_address
        case 6 -> { // start_end
          long start = in.number(unit.addressSize);
          add(start, in.number(unit.addressSize), sink);
        }
        case 7 -> { // start_length
          long start = in.number(unit.addressSize);
          add(start, start + in.uleb(), sink);
        }
        default -> throw in.damaged("range list entry " + kind + " is not known");
      }
    }
  }

  /** An address by its index; 0, where no code is loaded, when there is no such entry. */
  private long indexed(DebugUnit unit, DwarfInput in) {
    return AttributeReader.address(sections, unit, in.uleb(), 0);
  }
}
