package org.chronovisor.symbols.dwarf;

import java.util.Arrays;
import org.chronovisor.trace.SourceLines;

/** Runs one unit's line number program (DWARF 5, 6.2.5). */
final class LineProgram {
  private static final int UNRESOLVED = -2;
  private static final int UNKNOWN = -1;

  private final LineHeader header;
  private final ElfSections elf;
  private final SourcePaths paths;
  private final SourceLines.Builder out;
  private final LineSequence sequence;

  /** Index in the result by file number. */
  private int[] indexes = new int[0];

  private long address;
  private long file;
  private long line;
  private boolean statement;

  /**
   * @param sequence to work with; whatever it holds is forgotten
   */
  LineProgram(
      LineHeader header,
      ElfSections elf,
      SourcePaths paths,
      LineSequence sequence,
      SourceLines.Builder out) {
    this.header = header;
    this.elf = elf;
    this.paths = paths;
    this.sequence = sequence;
    this.out = out;
    begin();
  }

  private void begin() {
    address = 0;
    file = 1;
    line = 1;
    statement = header.defaultIsStatement;
    sequence.clear();
  }

  void run() {
    DwarfInput in = header.program;
    while (in.remaining() > 0) {
      int opcode = in.u8();
      if (opcode >= header.opcodeBase) {
        special(in, opcode);
      } else if (opcode == 0) {
        extended(in.take(in.uleb()));
      } else {
        standard(in, opcode);
      }
    }
  }

  private void special(DwarfInput in, int opcode) {
    int adjusted = opcode - header.opcodeBase;
    advance(adjusted / range(in));
    line += header.lineBase + adjusted % range(in);
    row(in);
  }

  private int range(DwarfInput in) {
    if (header.lineRange == 0) {
      throw in.damaged("line range 0");
    }
    return header.lineRange;
  }

  private void advance(long operations) {
    address += header.minInstructionLength * operations;
  }

  private void standard(DwarfInput in, int opcode) {
    switch (opcode) {
      case 1 -> row(in); // copy
      case 2 -> advance(in.uleb()); // advance_pc
      case 3 -> line += (int) in.sleb(); // advance_line
      case 4 -> file = in.uleb(); // set_file
      case 5 -> in.uleb(); // set_column
      case 6 -> statement = !statement; // negate_stmt
      case 8 -> advance((255 - header.opcodeBase) / range(in)); // const_add_pc
      case 9 -> address += in.u16(); // fixed_advance_pc
      case 7, 10, 11 -> {} // basic_block, prologue_end, epilogue_begin
      case 12 -> in.uleb(); // set_isa
      default -> {
        for (int i = header.operands[opcode]; i > 0; i--) {
          in.uleb();
        }
      }
    }
  }

  private void extended(DwarfInput in) {
    if (in.remaining() == 0) {
      return;
    }
    switch (in.u8()) {
      case 1 -> { // end_sequence
        sequence.finish(address, elf, out);
        begin();
      }
      case 2 -> { // set_address
        int size = in.remaining();
        if (size != 4 && size != 8) {
          throw in.damaged("an address of " + size + " bytes");
        }
        address = in.number(size);
      }
      case 3 -> header.defineFile(in);
      default -> {} // set_discriminator, and others' extensions
    }
  }

  private void row(DwarfInput in) {
    if (line < 0 || line > Integer.MAX_VALUE) {
      throw in.damaged("a line number is out of range");
    }
    int index = index();
    boolean known = index != UNKNOWN;
    sequence.add(address, known ? index : paths.index(""), known ? (int) line : 0, statement);
  }

  private int index() {
    if (file < 0 || file >= header.fileCount()) {
      return UNKNOWN;
    }
    int number = (int) file;
    if (number >= indexes.length) {
      int old = indexes.length;
      indexes = Arrays.copyOf(indexes, Math.max(header.fileCount(), 2 * old));
      Arrays.fill(indexes, old, indexes.length, UNRESOLVED);
    }
    if (indexes[number] == UNRESOLVED) {
      String path = header.path(number, paths);
      indexes[number] = path == null ? UNKNOWN : paths.index(path);
    }
    return indexes[number];
  }
}
