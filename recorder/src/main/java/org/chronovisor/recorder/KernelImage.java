package org.chronovisor.recorder;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import net.fornwall.jelf.ElfException;
import net.fornwall.jelf.ElfFile;
import net.fornwall.jelf.ElfSegment;
import net.fornwall.jelf.ElfSymbol;
import net.fornwall.jelf.ElfSymbolTableSection;
import org.chronovisor.symbols.dwarf.DwarfCallFrames;
import org.chronovisor.symbols.dwarf.DwarfFunctions;
import org.chronovisor.symbols.dwarf.DwarfLines;
import org.chronovisor.trace.CallFrameSection;
import org.chronovisor.trace.Functions;
import org.chronovisor.trace.SourceLines;
import org.chronovisor.trace.Symbol;

/**
 * A guest kernel: where QEMU enters it, and its symbols.
 *
 * <p>QEMU's {@code -kernel} takes a multiboot header first, then the PVH note (hw/i386/multiboot.c,
 * hw/i386/x86-common.c).
 */
final class KernelImage {
  private static final long MAX_SIZE = 1L << 30;
  private static final int MULTIBOOT_MAGIC = 0x1BADB002;
  private static final int MULTIBOOT_WITHIN = 8192;
  private static final int MULTIBOOT_HAS_ADDRESS = 0x10000;

  /** XEN_ELFNOTE_PHYS32_ENTRY (Xen, public/elfnote.h). */
  private static final int XEN_PHYS32_ENTRY = 18;

  private final OptionalLong entry;
  private final List<Symbol> symbols;

  /** Null when it is no ELF file. */
  private final byte[] elf;

  private KernelImage(OptionalLong entry, List<Symbol> symbols, byte[] elf) {
    this.entry = entry;
    this.symbols = symbols;
    this.elf = elf;
  }

  static KernelImage read(Path path) {
    byte[] bytes;
    try {
      if (Files.size(path) > MAX_SIZE) {
        throw RecordException.refused(path + " is too large for a kernel");
      }
      bytes = Files.readAllBytes(path);
    } catch (IOException e) {
      throw RecordException.refused("cannot read " + path + ": name an existing file", e);
    }
    return of(path, bytes);
  }

  private static KernelImage of(Path path, byte[] bytes) {
    OptionalLong multiboot = multibootEntry(bytes);
    boolean elf =
        bytes.length > 52
            && ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(0) == 0x464c457f;
    if (!elf) {
      return new KernelImage(multiboot, List.of(), null);
    }
    try {
      ElfFile file = ElfFile.from(bytes);
      OptionalLong entry = multiboot;
      if (entry.isEmpty() && hasMultibootHeader(bytes)) {
        entry = OptionalLong.of(file.e_entry & 0xffffffffL);
      }
      if (entry.isEmpty()) {
        entry = pvhEntry(file, bytes);
      }
      return new KernelImage(entry, symbols(file), bytes);
    } catch (ElfException | IndexOutOfBoundsException | IllegalArgumentException e) {
      throw new RecordException(path + " is a damaged ELF file: " + e.getMessage(), e);
    }
  }

  private static int multibootHeader(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i + 48 <= Math.min(bytes.length, MULTIBOOT_WITHIN); i += 4) {
      if (in.getInt(i) == MULTIBOOT_MAGIC
          && in.getInt(i) + in.getInt(i + 4) + in.getInt(i + 8) == 0) {
        return i;
      }
    }
    return -1;
  }

  private static boolean hasMultibootHeader(byte[] bytes) {
    return multibootHeader(bytes) >= 0;
  }

  private static OptionalLong multibootEntry(byte[] bytes) {
    int at = multibootHeader(bytes);
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (at < 0 || (in.getInt(at + 4) & MULTIBOOT_HAS_ADDRESS) == 0) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(in.getInt(at + 28) & 0xffffffffL);
  }

  private static OptionalLong pvhEntry(ElfFile file, byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (ElfSegment segment : file.segmentsOfType(ElfSegment.PT_NOTE)) {
      int alignment = segment.p_align == 8 ? 8 : 4;
      long at = segment.p_offset;
      long end = Math.min(bytes.length, segment.p_offset + segment.p_filesz);
      while (at >= 0 && at + 12 <= end) {
        int nameSize = in.getInt((int) at);
        int size = in.getInt((int) at + 4);
        int type = in.getInt((int) at + 8);
        if (nameSize < 0 || size < 0) {
          break;
        }
        long content = align(at + 12 + nameSize, alignment);
        if (type == XEN_PHYS32_ENTRY
            && size >= 4
            && content + 4 <= end
            && isXen(in, at, nameSize)) {
          return OptionalLong.of(in.getInt((int) content) & 0xffffffffL);
        }
        at = align(content + size, alignment);
      }
    }
    return OptionalLong.empty();
  }

  private static boolean isXen(ByteBuffer in, long at, int nameSize) {
    return nameSize == 4 && in.getInt((int) at + 12) == 0x006e6558;
  }

  private static long align(long value, int alignment) {
    return (value + alignment - 1) / alignment * alignment;
  }

  private static List<Symbol> symbols(ElfFile file) {
    List<Symbol> symbols = new ArrayList<>();
    ElfSymbolTableSection table = file.getSymbolTableSection();
    if (table == null) {
      return symbols;
    }
    for (ElfSymbol symbol : table.symbols) {
      int type = symbol.getType();
      boolean wanted =
          type == ElfSymbol.STT_FUNC
              || type == ElfSymbol.STT_OBJECT
              || (type == ElfSymbol.STT_NOTYPE && symbol.st_shndx != 0);
      String name = wanted ? symbol.getName() : null;
      if (name != null && !name.isEmpty()) {
        symbols.add(new Symbol(name, symbol.st_value, symbol.st_size, type == ElfSymbol.STT_FUNC));
      }
    }
    return symbols;
  }

  /** Where QEMU enters the kernel, if it can be known. */
  OptionalLong entry() {
    return entry;
  }

  /** Its addresses say nothing about where it runs (ET_DYN). */
  boolean isRelocatable() {
    return elf != null && elf[16] == 3;
  }

  /** Where the ELF header says that it begins; 0 when it is none. */
  long elfEntry() {
    return elf == null ? 0 : ElfFile.from(elf).e_entry;
  }

  /** The code in the file. */
  List<BiasFinder.Text> code() {
    List<BiasFinder.Text> texts = new ArrayList<>();
    if (elf == null) {
      return texts;
    }
    for (ElfSegment segment : ElfFile.from(elf).segmentsOfType(ElfSegment.PT_LOAD)) {
      boolean executable = (segment.p_flags & 1) != 0;
      long end = segment.p_offset + segment.p_filesz;
      if (executable && segment.p_offset >= 0 && end > segment.p_offset && end <= elf.length) {
        texts.add(
            new BiasFinder.Text(
                segment.p_vaddr,
                java.util.Arrays.copyOfRange(elf, (int) segment.p_offset, (int) end)));
      }
    }
    return texts;
  }

  List<Symbol> symbols() {
    return symbols;
  }

  /**
   * Its line table, read anew at each call; empty when it has none.
   *
   * @throws org.chronovisor.symbols.dwarf.DwarfException when it cannot be read
   */
  SourceLines lines() {
    return elf == null ? new SourceLines.Builder().build() : DwarfLines.read(elf);
  }

  /**
   * Its functions, read anew at each call; empty when it has no debug information.
   *
   * @throws org.chronovisor.symbols.dwarf.DwarfException when they cannot be read
   */
  Functions functions() {
    return elf == null ? new Functions.Builder().build() : DwarfFunctions.read(elf);
  }

  /**
   * Its call-frame information, read anew at each call.
   *
   * @throws org.chronovisor.symbols.dwarf.DwarfException when it cannot be read
   */
  List<CallFrameSection> callFrames() {
    return elf == null ? List.of() : DwarfCallFrames.read(elf);
  }

  /** Address of a symbol; the message of the error names similar ones. */
  static long find(List<Symbol> symbols, String name) {
    for (Symbol symbol : symbols) {
      if (symbol.name().equals(name)) {
        return symbol.address();
      }
    }
    List<String> near =
        symbols.stream()
            .map(Symbol::name)
            .distinct()
            .filter(s -> distance(s, name) <= Math.max(2, name.length() / 3))
            .sorted(Comparator.comparingInt((String s) -> distance(s, name)))
            .limit(3)
            .toList();
    throw RecordException.refused(
        symbols.isEmpty()
            ? "unknown symbol '"
                + name
                + "': the kernel has no symbols; add --symbols ELF or"
                + " write --start 0xADDRESS"
            : near.isEmpty()
                ? "unknown symbol '" + name + "': see them with nm, or write --start 0xADDRESS"
                : "unknown symbol '" + name + "': did you mean " + String.join(", ", near) + "?");
  }

  /** Edit distance (Levenshtein). */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int cost = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int best = Math.min(Math.min(row[j] + 1, row[j - 1] + 1), diagonal + cost);
        diagonal = row[j];
        row[j] = best;
      }
    }
    return row[b.length()];
  }
}
