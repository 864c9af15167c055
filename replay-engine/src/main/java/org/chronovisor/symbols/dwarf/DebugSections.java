package org.chronovisor.symbols.dwarf;

/** The sections that describe a program's functions; an absent one is empty. */
@SuppressWarnings("ArrayRecordComponent") // bytes are what it is about
record DebugSections(
    byte[] info,
    byte[] abbreviations,
    byte[] strings,
    byte[] lineStrings,
    byte[] stringOffsets,
    byte[] addresses,
    byte[] ranges,
    byte[] rangeLists,
    byte[] lines) {
  static DebugSections of(ElfSections elf) {
    return new DebugSections(
        elf.content(".debug_info"),
        elf.content(".debug_abbrev"),
        elf.content(".debug_str"),
        elf.content(".debug_line_str"),
        elf.content(".debug_str_offsets"),
        elf.content(".debug_addr"),
        elf.content(".debug_ranges"),
        elf.content(".debug_rnglists"),
        elf.content(".debug_line"));
  }
}
