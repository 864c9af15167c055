package org.chronovisor.symbols.dwarf;

import java.util.OptionalLong;

/** Reads one attribute's value after the other (forms: DWARF 5, 7.5.4 to 7.5.6). */
final class AttributeReader {
  /** What a value is. */
  enum Kind {
    ADDRESS,
    ADDRESS_INDEX,
    CONSTANT,
    SECTION_OFFSET,
    LIST_INDEX,
    STRING,
    STRING_INDEX,
    /** Offset in .debug_info. */
    REFERENCE,
    OTHER
  }

  private final DebugSections sections;
  private final DwarfInput in;
  private final DebugUnit unit;

  Kind kind;
  long value;

  /** Section that a string lies in; its offset is the value. */
  byte[] section;

  AttributeReader(DebugSections sections, DwarfInput in, DebugUnit unit) {
    this.sections = sections;
    this.in = in;
    this.unit = unit;
  }

  /**
   * Reads a value.
   *
   * @param implicit the abbreviation's own value
   */
  void read(int form, long implicit) {
    switch (form) {
      case Form.ADDR -> set(Kind.ADDRESS, in.number(unit.addressSize));
      case 0x03 -> skip(in.u16()); // block2
      case 0x04 -> skip(in.u32()); // block4
      case 0x05 -> set(Kind.CONSTANT, in.u16());
      // Before DWARF 4 an offset looks like a number.
      case 0x06 -> set(unit.version < 4 ? Kind.SECTION_OFFSET : Kind.CONSTANT, in.u32());
      case 0x07 -> set(unit.version < 4 ? Kind.SECTION_OFFSET : Kind.CONSTANT, in.u64());
      case Form.STRING -> string(sections.info(), in.skipString());
      case 0x09, 0x18 -> skip(in.uleb()); // block, exprloc
      case 0x0a -> skip(in.u8()); // block1
      case 0x0b -> set(Kind.CONSTANT, in.u8());
      case 0x0c -> set(Kind.OTHER, in.u8()); // flag
      case 0x0d -> set(Kind.CONSTANT, in.sleb());
      case Form.STRP -> string(sections.strings(), in.offset(unit.wide));
      case 0x0f -> set(Kind.CONSTANT, in.uleb());
      case Form.REF_ADDR ->
          set(
              Kind.REFERENCE,
              unit.version == 2 ? in.number(unit.addressSize) : in.offset(unit.wide));
      case 0x11 -> set(Kind.REFERENCE, unit.start + in.u8());
      case 0x12 -> set(Kind.REFERENCE, unit.start + in.u16());
      case 0x13 -> set(Kind.REFERENCE, unit.start + in.u32());
      case 0x14 -> set(Kind.REFERENCE, unit.start + in.u64());
      case 0x15 -> set(Kind.REFERENCE, unit.start + in.uleb());
      case Form.INDIRECT -> indirect();
      case Form.SEC_OFFSET -> set(Kind.SECTION_OFFSET, in.offset(unit.wide));
      case 0x19 -> set(Kind.OTHER, 1); // flag_present
      case Form.STRX, Form.GNU_STR_INDEX -> set(Kind.STRING_INDEX, in.uleb());
      case 0x25, 0x26, 0x27, 0x28 -> set(Kind.STRING_INDEX, in.number(form - 0x24)); // strx1 to 4
      case Form.ADDRX, Form.GNU_ADDR_INDEX -> set(Kind.ADDRESS_INDEX, in.uleb());
      case 0x29, 0x2a, 0x2b, 0x2c -> set(Kind.ADDRESS_INDEX, in.number(form - 0x28)); // addrx1 to 4
      case 0x1c -> skip(4); // ref_sup4
      case 0x1d, Form.GNU_REF_ALT, Form.GNU_STRP_ALT -> skip(unit.wide ? 8 : 4);
      case 0x1e -> skip(16); // data16
      case Form.LINE_STRP -> string(sections.lineStrings(), in.offset(unit.wide));
      case 0x20, 0x24 -> skip(8); // ref_sig8, ref_sup8
      case Form.IMPLICIT_CONST -> set(Kind.CONSTANT, implicit);
      case 0x22 -> set(Kind.OTHER, in.uleb()); // loclistx
      case Form.RNGLISTX -> set(Kind.LIST_INDEX, in.uleb());
      default -> throw in.damaged("form 0x" + Integer.toHexString(form) + " is not known");
    }
  }

  private void indirect() {
    long form = in.uleb();
    if (form == Form.INDIRECT || form == Form.IMPLICIT_CONST || form >>> 16 != 0) {
      throw in.damaged("an impossible indirect form");
    }
    read((int) form, 0);
  }

  private void set(Kind kind, long value) {
    this.kind = kind;
    this.value = value;
  }

  private void string(byte[] section, long offset) {
    set(Kind.STRING, offset);
    this.section = section;
  }

  private void skip(long length) {
    in.skip(length);
    set(Kind.OTHER, 0);
  }

  /** The address read last; {@code otherwise} when it is none, or an index without a table. */
  long address(long otherwise) {
    if (kind == Kind.ADDRESS) {
      return value;
    }
    return kind == Kind.ADDRESS_INDEX ? address(sections, unit, value, otherwise) : otherwise;
  }

  /** Entry of the unit's part of .debug_addr. */
  static long address(DebugSections sections, DebugUnit unit, long index, long otherwise) {
    return entry(sections.addresses(), unit.addressBase, index, unit.addressSize).orElse(otherwise);
  }

  /** A number in the table that begins at a base; empty when it lies outside its section. */
  static OptionalLong entry(byte[] section, long base, long index, int size) {
    int length = section.length;
    boolean good = base >= 0 && base <= length && index >= 0 && index < length / size;
    long at = base + index * size;
    return good && at + size <= length
        ? OptionalLong.of(DwarfInput.at(section, "a table", at).number(size))
        : OptionalLong.empty();
  }

  /** Resolves a string read last: section and offset, or null when that is not possible. */
  SourcePaths.Text text() {
    if (kind == Kind.STRING_INDEX) {
      OptionalLong offset =
          entry(sections.stringOffsets(), unit.stringOffsetsBase, value, unit.wide ? 8 : 4);
      if (offset.isEmpty()) {
        return null;
      }
      string(sections.strings(), offset.getAsLong());
    }
    return kind == Kind.STRING && value >= 0 && value < section.length
        ? new SourcePaths.Text(section, (int) value)
        : null;
  }
}
