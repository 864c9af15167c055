package org.chronovisor.symbols.dwarf;

/** The header of a unit in .debug_info (DWARF 5, 7.5.1), and where its attributes' tables begin. */
final class DebugUnit {
  private static final int TYPE = 2;
  private static final int SKELETON = 4;
  private static final int SPLIT_COMPILE = 5;
  private static final int SPLIT_TYPE = 6;

  /** Offset of the unit in its section: some references are relative to it. */
  final long start;

  final int version;
  final boolean wide;
  final int addressSize;
  final long abbreviations;

  // From the unit's own entry; -1 when it has none.
  long stringOffsetsBase = -1;
  long addressBase = -1;
  long rangeListsBase = -1;
  long lowPc;
  long lineTable = -1;

  /**
   * @param unit its body is left before the first entry
   */
  DebugUnit(DwarfInput.Unit unit, long start) {
    DwarfInput in = unit.body();
    this.start = start;
    wide = unit.wide();
    version = in.u16();
    if (!isKnown()) {
      addressSize = 0;
      abbreviations = 0;
      return;
    }
    if (version == 5) {
      int type = in.u8();
      addressSize = in.u8();
      abbreviations = in.offset(wide);
      if (type == SKELETON || type == SPLIT_COMPILE) {
        in.skip(8);
      } else if (type == TYPE || type == SPLIT_TYPE) {
        in.skip(8);
        in.offset(wide);
      }
    } else {
      abbreviations = in.offset(wide);
      addressSize = in.u8();
    }
    if (addressSize != 4 && addressSize != 8) {
      throw in.damaged("addresses of " + addressSize + " bytes");
    }
  }

  boolean isKnown() {
    return version >= 2 && version <= 5;
  }
}
