package org.chronovisor.symbols.dwarf;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.chronovisor.symbols.dwarf.AttributeReader.Kind;
import org.chronovisor.trace.Functions;
import org.chronovisor.trace.SourceLines;

/**
 * Reads the functions of an ELF file, and what was inlined where: DWARF 2 to 5, 32 and 64 bits.
 *
 * <p>Functions of split debug information (.dwo files) are not found, nor names in a file that dwz
 * made.
 */
public final class DwarfFunctions {
  private static final int SUBPROGRAM = 0x2e;
  private static final int INLINED_SUBROUTINE = 0x1d;
  private static final int MAX_DEPTH = 4096;

  private final ElfSections elf;
  private final DebugSections sections;
  private final Abbreviations abbreviations;
  private final RangeReader rangeReader;
  private final Functions.Builder out = new Functions.Builder();
  private final FunctionNames names = new FunctionNames(out);
  private final SourceLines.Builder paths = new SourceLines.Builder();
  private final SourcePaths sourcePaths = new SourcePaths(paths);

  /** Functions and calls found, in the file's order. */
  private final List<Found> found = new ArrayList<>();

  /** Ranges of the entry being read. */
  private long[] ranges = new long[16];

  private int rangeCount;

  /**
   * A function with code, or an inlined call.
   *
   * @param parent index of another, or -1
   * @param ranges starts and ends in turn
   */
  @SuppressWarnings("ArrayRecordComponent") // columns
  private record Found(long offset, int parent, String callFile, int callLine, long[] ranges) {}

  private DwarfFunctions(byte[] file) {
    elf = new ElfSections(file);
    sections = DebugSections.of(elf);
    abbreviations = new Abbreviations(sections.abbreviations());
    rangeReader = new RangeReader(sections);
  }

  /**
   * The functions of a linked ELF file; empty when it has no debug information.
   *
   * @throws DwarfException when it is no ELF file, or damaged
   */
  public static Functions read(byte[] file) {
    try {
      return new DwarfFunctions(file).read();
    } catch (IllegalArgumentException e) {
      throw new DwarfException(e.getMessage());
    }
  }

  private Functions read() {
    DwarfInput in = new DwarfInput(sections.info(), ".debug_info");
    while (in.remaining() > 0) {
      long start = in.position();
      DwarfInput.Unit part = in.unit();
      DebugUnit unit = new DebugUnit(part, start);
      if (unit.isKnown()) {
        readUnit(unit, part.body());
      }
    }
    for (Found one : found) {
      int file = one.callFile == null ? Functions.NONE : out.file(one.callFile);
      out.entry(one.parent, names.resolve(one.offset), file, one.callLine);
      for (int i = 0; i < one.ranges.length; i += 2) {
        out.range(one.ranges[i], one.ranges[i + 1]);
      }
    }
    return out.build();
  }

  private void readUnit(DebugUnit unit, DwarfInput in) {
    Map<Long, Abbreviations.Abbreviation> table = abbreviations.at(unit.abbreviations);
    AttributeReader reader = new AttributeReader(sections, in, unit);
    LineHeader lines = null;
    // The function each open entry lies in, as an index into what was found.
    int[] owner = new int[64];
    int depth = 0;
    int current = -1;
    boolean first = true;
    while (in.remaining() > 0) {
      long offset = in.position();
      long code = in.uleb();
      if (code == 0) {
        if (--depth <= 0) {
          return;
        }
        current = owner[depth];
        continue;
      }
      Abbreviations.Abbreviation shape = table.get(code);
      if (shape == null) {
        throw in.damaged("abbreviation " + code + " does not exist");
      }
      int inner = current;
      if (first) {
        readUnitEntry(unit, shape, reader);
        lines = lineHeader(unit);
        first = false;
      } else if (shape.tag() == SUBPROGRAM || shape.tag() == INLINED_SUBROUTINE) {
        inner = readFunction(unit, offset, shape, reader, lines, current);
      } else {
        for (int i = 0; i < shape.forms().length; i++) {
          reader.read(shape.forms()[i], 0);
        }
      }
      if (shape.children()) {
        if (depth == MAX_DEPTH) {
          throw in.damaged("entries are nested too deeply");
        }
        if (depth + 1 >= owner.length) {
          owner = Arrays.copyOf(owner, 2 * owner.length);
        }
        owner[depth++] = current;
        owner[depth] = inner;
        current = inner;
      } else if (depth == 0) {
        return;
      }
    }
  }

  /** Attributes that give others their meaning may come behind them: the tables are found first. */
  private void readUnitEntry(
      DebugUnit unit, Abbreviations.Abbreviation shape, AttributeReader reader) {
    boolean lowKnown = false;
    long lowIndex = -1;
    for (int i = 0; i < shape.forms().length; i++) {
      reader.read(shape.forms()[i], shape.implicit()[i]);
      switch (shape.attributes()[i]) {
        case 0x10 -> unit.lineTable = reader.value; // stmt_list
        case 0x11 -> { // low_pc
          lowKnown = reader.kind == Kind.ADDRESS;
          unit.lowPc = lowKnown ? reader.value : 0;
          lowIndex = reader.kind == Kind.ADDRESS_INDEX ? reader.value : -1;
        }
        case 0x72 -> unit.stringOffsetsBase = reader.value;
        case 0x73, 0x2133 -> unit.addressBase = reader.value; // addr_base, GNU_addr_base
        case 0x74 -> unit.rangeListsBase = reader.value;
        default -> {}
      }
    }
    if (!lowKnown && lowIndex >= 0) {
      unit.lowPc = AttributeReader.address(sections, unit, lowIndex, 0);
    }
  }

  /** The unit's line table header, whose files calls are in; null when it has none. */
  private LineHeader lineHeader(DebugUnit unit) {
    if (unit.lineTable < 0 || unit.lineTable >= sections.lines().length) {
      return null;
    }
    try {
      return new LineHeader(
          DwarfInput.at(sections.lines(), ".debug_line", unit.lineTable).unit(),
          new LineHeader.Strings(sections.lines(), sections.lineStrings(), sections.strings()));
    } catch (DwarfException e) {
      // The line table's reader reports it; the functions are none the worse.
      return null;
    }
  }

  /** Reads a function's entry; the index of what is inside it, -1 for nothing that has code. */
  private int readFunction(
      DebugUnit unit,
      long offset,
      Abbreviations.Abbreviation shape,
      AttributeReader reader,
      LineHeader lines,
      int current) {
    SourcePaths.Text name = null;
    SourcePaths.Text linkage = null;
    long origin = -1;
    boolean hasLow = false;
    long low = 0;
    Kind highKind = null;
    long high = 0;
    Kind rangesKind = null;
    long rangesAt = 0;
    long callFile = -1;
    long callLine = 0;
    for (int i = 0; i < shape.forms().length; i++) {
      reader.read(shape.forms()[i], shape.implicit()[i]);
      switch (shape.attributes()[i]) {
        case 0x03 -> name = reader.text();
        case 0x6e, 0x2007 -> linkage = reader.text(); // linkage_name, MIPS_linkage_name
        case 0x31, 0x47 -> { // abstract_origin, specification
          origin = reader.kind == Kind.REFERENCE ? reader.value : -1;
        }
        case 0x11 -> { // low_pc
          hasLow = reader.kind == Kind.ADDRESS || reader.kind == Kind.ADDRESS_INDEX;
          low = reader.address(0);
        }
        case 0x12 -> { // high_pc
          highKind = reader.kind;
          high = reader.kind == Kind.ADDRESS_INDEX ? reader.address(0) : reader.value;
        }
        case 0x55 -> { // ranges
          rangesKind = reader.kind;
          rangesAt = reader.value;
        }
        case 0x58 -> callFile = reader.kind == Kind.CONSTANT ? reader.value : -1;
        case 0x59 -> callLine = reader.kind == Kind.CONSTANT ? reader.value : 0;
        default -> {}
      }
    }
    names.add(offset, linkage != null ? linkage : name, origin);
    rangeCount = 0;
    if (rangesKind == Kind.LIST_INDEX) {
      rangeReader.readIndexed(unit, rangesAt, this::addRange);
    } else if (rangesKind != null) {
      rangeReader.read(unit, rangesAt, this::addRange);
    } else if (hasLow && highKind != null) {
      boolean absolute = highKind == Kind.ADDRESS || highKind == Kind.ADDRESS_INDEX;
      long end = absolute ? high : low + high;
      if (Long.compareUnsigned(low, end) < 0) {
        addRange(low, end);
      }
    }
    boolean inlined = shape.tag() == INLINED_SUBROUTINE;
    if (rangeCount == 0 || (inlined && current < 0)) {
      // An abstract instance, a declaration, or a call of which no code is left.
      return inlined ? current : -1;
    }
    if (found.size() == Functions.MAX_ENTRIES) {
      throw new DwarfException(".debug_info has too many functions");
    }
    String path = inlined ? path(lines, callFile) : null;
    boolean good = inlined && callLine > 0 && callLine <= Integer.MAX_VALUE;
    found.add(
        new Found(
            offset,
            inlined ? current : -1,
            path,
            good ? (int) callLine : 0,
            Arrays.copyOf(ranges, rangeCount)));
    return found.size() - 1;
  }

  private String path(LineHeader lines, long file) {
    return lines == null || file < 0 || file >= lines.fileCount()
        ? null
        : lines.path((int) file, sourcePaths);
  }

  /** A linker that drops a function leaves its entry behind, at address 0. */
  private void addRange(long start, long end) {
    if (!elf.isLoaded(start)) {
      return;
    }
    if (rangeCount + 2 > ranges.length) {
      ranges = Arrays.copyOf(ranges, 2 * ranges.length);
    }
    ranges[rangeCount++] = start;
    ranges[rangeCount++] = end;
  }
}
