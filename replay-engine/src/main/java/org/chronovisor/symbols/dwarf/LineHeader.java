package org.chronovisor.symbols.dwarf;

import java.util.ArrayList;
import java.util.List;

/** The header of one unit's line table (DWARF 5, 6.2.4; DWARF 2 to 4, 6.2.4). */
final class LineHeader {
  private static final int MAX_ENTRIES = 1 << 20;

  // DW_LNCT_* (DWARF 5, table 7.27).
  private static final int CONTENT_PATH = 1;
  private static final int CONTENT_DIRECTORY = 2;

  /** A file or directory; {@code name} is null when it cannot be known. */
  private record Entry(SourcePaths.Text name, long directory) {}

  /** Sections that strings lie in. */
  record Strings(byte[] line, byte[] lineStrings, byte[] strings) {}

  final int minInstructionLength;
  final boolean defaultIsStatement;
  final int lineBase;
  final int lineRange;
  final int opcodeBase;

  /** Number of LEB128 operands, by opcode. */
  final int[] operands;

  private final int version;
  private final boolean wide;
  private final Strings strings;
  private final List<Entry> directories = new ArrayList<>();
  private final List<Entry> files = new ArrayList<>();

  /** The line number program. */
  final DwarfInput program;

  LineHeader(DwarfInput.Unit part, Strings strings) {
    DwarfInput unit = part.body();
    wide = part.wide();
    this.strings = strings;
    version = unit.u16();
    if (version < 2 || version > 5) {
      throw unit.damaged("line table version " + version + " is not known");
    }
    if (version == 5) {
      int addressSize = unit.u8();
      int selectorSize = unit.u8();
      if ((addressSize != 4 && addressSize != 8) || selectorSize != 0) {
        throw unit.damaged("segmented addresses, or addresses of " + addressSize + " bytes");
      }
    }
    DwarfInput in = unit.take(unit.offset(wide));
    program = unit;
    minInstructionLength = in.u8();
    int operationsPerInstruction = version >= 4 ? in.u8() : 1;
    if (operationsPerInstruction > 1) {
      throw in.damaged("a VLIW machine's line table");
    }
    defaultIsStatement = in.u8() != 0;
    lineBase = in.s8();
    lineRange = in.u8();
    opcodeBase = in.u8();
    if (opcodeBase == 0) {
      throw in.damaged("opcode base 0");
    }
    operands = new int[opcodeBase];
    for (int i = 1; i < opcodeBase; i++) {
      operands[i] = in.u8();
    }
    if (version == 5) {
      readTable(in, directories);
      readTable(in, files);
    } else {
      readOldTables(in);
    }
  }

  private void readOldTables(DwarfInput in) {
    // Numbers begin at 1; directory 0 is the compiler's, which only .debug_info names.
    directories.add(null);
    files.add(new Entry(null, 0));
    while (true) {
      int name = in.skipString();
      if (in.position() - name == 1) {
        break;
      }
      add(in, directories, new Entry(new SourcePaths.Text(strings.line, name), 0));
    }
    while (true) {
      int name = in.skipString();
      if (in.position() - name == 1) {
        break;
      }
      addFile(in, name);
    }
  }

  /** Reads the rest of a file entry of DWARF 2 to 4: directory, time, length. */
  private void addFile(DwarfInput in, int name) {
    long directory = in.uleb();
    in.uleb();
    in.uleb();
    add(in, files, new Entry(new SourcePaths.Text(strings.line, name), directory));
  }

  /** DW_LNE_define_file. */
  void defineFile(DwarfInput in) {
    addFile(in, in.skipString());
  }

  private static void add(DwarfInput in, List<Entry> entries, Entry entry) {
    if (entries.size() == MAX_ENTRIES) {
      throw in.damaged("too many files or directories");
    }
    entries.add(entry);
  }

  private void readTable(DwarfInput in, List<Entry> entries) {
    int formats = in.u8();
    long[] contents = new long[formats];
    long[] forms = new long[formats];
    for (int i = 0; i < formats; i++) {
      contents[i] = in.uleb();
      forms[i] = in.uleb();
    }
    long count = in.uleb();
    // Every form takes a byte or more.
    if (count < 0
        || count > MAX_ENTRIES
        || count * formats > in.remaining()
        || (formats == 0 && count > 0)) {
      throw in.damaged("a list is longer than its data");
    }
    for (long i = 0; i < count; i++) {
      SourcePaths.Text name = null;
      long directory = 0;
      for (int f = 0; f < formats; f++) {
        if (contents[f] == CONTENT_PATH) {
          name = text(in, forms[f]);
        } else if (contents[f] == CONTENT_DIRECTORY) {
          directory = number(in, forms[f]);
        } else {
          skip(in, forms[f]);
        }
      }
      entries.add(new Entry(name, directory));
    }
  }

  /** A string's place (forms: DWARF 5, table 7.6); null when other sections would be needed. */
  private SourcePaths.Text text(DwarfInput in, long form) {
    if (form == 0x08) { // string
      return new SourcePaths.Text(strings.line, in.skipString());
    }
    if (form != 0x0e && form != 0x1f) { // strp, line_strp
      skip(in, form);
      return null;
    }
    byte[] section = form == 0x0e ? strings.strings : strings.lineStrings;
    long offset = in.offset(wide);
    return offset >= 0 && offset < section.length
        ? new SourcePaths.Text(section, (int) offset)
        : null;
  }

  private static long number(DwarfInput in, long form) {
    return switch (small(form)) {
      case 0x0b -> in.u8(); // data1
      case 0x05 -> in.u16(); // data2
      case 0x06 -> in.u32(); // data4
      case 0x07 -> in.u64(); // data8
      case 0x0f -> in.uleb(); // udata
      default -> throw unknown(in, form);
    };
  }

  private void skip(DwarfInput in, long form) {
    switch (small(form)) {
      case 0x08 -> in.skipString(); // string
      case 0x0b, 0x0c, 0x25 -> in.skip(1); // data1, flag, strx1
      case 0x05, 0x26 -> in.skip(2); // data2, strx2
      case 0x27 -> in.skip(3); // strx3
      case 0x06, 0x28 -> in.skip(4); // data4, strx4
      case 0x07 -> in.skip(8); // data8
      case 0x1e -> in.skip(16); // data16, an MD5 sum
      case 0x0e, 0x1f, 0x1d, 0x17 -> in.offset(wide); // strp, line_strp, strp_sup, sec_offset
      case 0x0d, 0x0f, 0x1a -> in.uleb(); // sdata, udata, strx
      case 0x09 -> in.skip(in.uleb()); // block
      case 0x0a -> in.skip(in.u8()); // block1
      case 0x03 -> in.skip(in.u16()); // block2
      case 0x04 -> in.skip(in.u32()); // block4
      default -> throw unknown(in, form);
    }
  }

  /** Form 0 is none. */
  private static int small(long form) {
    return form >>> 16 == 0 ? (int) form : 0;
  }

  private static DwarfException unknown(DwarfInput in, long form) {
    return in.damaged("form 0x" + Long.toHexString(form) + " is not known in a line table");
  }

  /** Number of files that have been named; file numbers are below it. */
  int fileCount() {
    return files.size();
  }

  /** Path of a file, or null when it is not known. */
  String path(int number, SourcePaths paths) {
    Entry file = files.get(number);
    String name = file.name() == null ? null : paths.text(file.name());
    if (name == null || name.isEmpty() || name.startsWith("/")) {
      return name == null || name.isEmpty() ? null : name;
    }
    if (file.directory() < 0 || file.directory() >= directories.size()) {
      return null;
    }
    String path = inDirectory((int) file.directory(), name, paths);
    // Directories are relative to the first, the compiler's (DWARF 5, 6.2.4.1).
    return path == null || path.startsWith("/") || file.directory() == 0
        ? path
        : inDirectory(0, path, paths);
  }

  private String inDirectory(int number, String name, SourcePaths paths) {
    if (version < 5 && number == 0) {
      return SourcePaths.join("", name);
    }
    SourcePaths.Text text = directories.get(number).name();
    String directory = text == null ? null : paths.text(text);
    return directory == null ? null : SourcePaths.join(directory, name);
  }
}
