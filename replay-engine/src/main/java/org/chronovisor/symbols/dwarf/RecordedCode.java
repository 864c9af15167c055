package org.chronovisor.symbols.dwarf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import org.chronovisor.trace.CodeBlock;

/** Says whether an ELF file is the one whose code was recorded. */
public final class RecordedCode {
  private RecordedCode() {}

  /** How the code of a file compares with what was executed. */
  public enum Match {
    /** What was executed of it stands in the file. */
    SAME,
    /** Another build, or another program. */
    DIFFERENT,
    /** Nothing that was executed has an address in the file. */
    ELSEWHERE,
    /** Too large for an ELF file that anybody debugs. */
    TOO_LARGE
  }

  private static final long LARGEST_FILE = 1L << 30;

  /** A guest may patch some of its own code; a file of another build differs nearly everywhere. */
  private static final double PATCHED = 0.02;

  /**
   * Compares executed instructions with the bytes that a file has at their addresses.
   *
   * @throws DwarfException when it is no ELF file, or damaged
   */
  public static Match compare(Path elf, Collection<CodeBlock> blocks) throws IOException {
    return Files.size(elf) > LARGEST_FILE
        ? Match.TOO_LARGE
        : compare(Files.readAllBytes(elf), blocks);
  }

  private static Match compare(byte[] elf, Collection<CodeBlock> blocks) {
    ElfSections sections = new ElfSections(elf);
    long compared = 0;
    long different = 0;
    for (CodeBlock block : blocks) {
      for (CodeBlock.Instruction instruction : block.instructions()) {
        byte[] bytes = instruction.bytes();
        long at = sections.fileOffset(instruction.pc(), bytes.length);
        if (at >= 0) {
          compared++;
          for (int i = 0; i < bytes.length; i++) {
            if (elf[(int) at + i] != bytes[i]) {
              different++;
              break;
            }
          }
        }
      }
    }
    if (compared == 0) {
      return Match.ELSEWHERE;
    }
    return different <= PATCHED * compared ? Match.SAME : Match.DIFFERENT;
  }
}
