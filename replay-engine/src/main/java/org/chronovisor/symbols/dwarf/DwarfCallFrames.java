package org.chronovisor.symbols.dwarf;

import java.util.ArrayList;
import java.util.List;
import org.chronovisor.trace.CallFrameSection;

/** Takes the unwind information out of an ELF file. */
public final class DwarfCallFrames {
  private DwarfCallFrames() {}

  /**
   * The sections .debug_frame and .eh_frame of a linked ELF file, as far as it has them.
   *
   * @throws DwarfException when it is no ELF file, or damaged
   */
  public static List<CallFrameSection> read(byte[] file) {
    ElfSections elf = new ElfSections(file);
    List<CallFrameSection> sections = new ArrayList<>();
    add(elf, CallFrameSection.Kind.DEBUG_FRAME, ".debug_frame", sections);
    add(elf, CallFrameSection.Kind.EH_FRAME, ".eh_frame", sections);
    return sections;
  }

  private static void add(
      ElfSections elf, CallFrameSection.Kind kind, String name, List<CallFrameSection> sections) {
    byte[] bytes = elf.content(name);
    if (bytes.length > 0) {
      sections.add(new CallFrameSection(kind, elf.address(name), elf.isWide() ? 8 : 4, bytes));
    }
  }
}
