package org.chronovisor.symbols.dwarf;

import org.chronovisor.trace.SourceLines;

/**
 * Reads the line tables of an ELF file: DWARF 2 to 5, 32 and 64 bits, compressed or not.
 *
 * <p>Paths are the table's own: joined with their directory when relative, and, from DWARF 5 on,
 * with the compiler's. Lines of code that the linker dropped are left out.
 */
public final class DwarfLines {
  private DwarfLines() {}

  /**
   * The line table of a linked ELF file; empty when it has none.
   *
   * @throws DwarfException when it is no ELF file, damaged, or of an unknown version
   */
  public static SourceLines read(byte[] file) {
    ElfSections elf = new ElfSections(file);
    byte[] section = elf.content(".debug_line");
    LineHeader.Strings strings =
        new LineHeader.Strings(section, elf.content(".debug_line_str"), elf.content(".debug_str"));
    SourceLines.Builder out = new SourceLines.Builder();
    SourcePaths paths = new SourcePaths(out);
    LineSequence sequence = new LineSequence();
    DwarfInput in = new DwarfInput(section, ".debug_line");
    try {
      while (in.remaining() > 0) {
        LineHeader header = new LineHeader(in.unit(), strings);
        new LineProgram(header, elf, paths, sequence, out).run();
      }
    } catch (IllegalArgumentException e) {
      throw new DwarfException(e.getMessage());
    }
    return out.build();
  }
}
