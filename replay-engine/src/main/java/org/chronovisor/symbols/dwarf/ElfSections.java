package org.chronovisor.symbols.dwarf;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** The sections of a linked little-endian ELF file (System V gABI, chapters 4 and 5). */
final class ElfSections {
  private static final int RELOCATABLE = 1;
  private static final int NO_BITS = 8;
  private static final long ALLOCATED = 2;
  private static final long COMPRESSED = 0x800;
  private static final int ZLIB = 1;
  private static final int ZSTD = 2;

  private static final int MAX_SECTIONS = 1 << 17;

  /** Largest size after decompression. */
  private static final int MAX_BYTES = 1 << 28;

  /** More than zlib (1032) and zstd (32768, RFC 8878) can reach. */
  private static final int MAX_RATIO = 1 << 15;

  private record Section(String name, int type, long flags, long address, long offset, long size) {}

  private final byte[] file;
  private final boolean wide;
  private final List<Section> sections = new ArrayList<>();

  /** Ends of the parts that are loaded, by where they begin; none overlap. */
  private final TreeMap<Long, Long> loaded = new TreeMap<>(Long::compareUnsigned);

  /**
   * @throws DwarfException when it is no such file, or damaged
   */
  ElfSections(byte[] file) {
    this.file = file;
    DwarfInput in = new DwarfInput(file, "the ELF file");
    if (in.u32() != 0x464c457f) {
      throw new DwarfException("not an ELF file");
    }
    int elfClass = in.u8();
    if (elfClass < 1 || elfClass > 2 || in.u8() != 1) {
      throw new DwarfException("not a little-endian ELF file of 32 or 64 bits");
    }
    wide = elfClass == 2;
    in.skip(10);
    if (in.u16() == RELOCATABLE) {
      throw new DwarfException("an object file has no addresses: link it first");
    }
    in.skip(wide ? 22 : 14);
    long table = in.offset(wide);
    in.skip(10);
    readTable(table, in.u16(), in.u16(), in.u16());
    findLoaded();
  }

  private void readTable(long table, int entrySize, int count, int names) {
    if (table == 0) {
      return;
    }
    if (entrySize < (wide ? 64 : 40)) {
      throw new DwarfException("the ELF file is damaged: impossible section header size");
    }
    // More than 65279 sections are counted in the first header (gABI, section header 0).
    DwarfInput first = at(table);
    Section zero = header(first, null);
    long number = count == 0 ? zero.size() : count;
    if (number < 0 || number > Math.min(MAX_SECTIONS, file.length / entrySize)) {
      throw new DwarfException("the ELF file is damaged: impossible number of sections");
    }
    List<Long> nameOffsets = new ArrayList<>();
    List<Section> unnamed = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      DwarfInput in = at(table + (long) i * entrySize);
      nameOffsets.add(at(table + (long) i * entrySize).u32());
      unnamed.add(header(in, null));
    }
    if (names >= unnamed.size()) {
      return;
    }
    Section strings = unnamed.get(names);
    for (int i = 0; i < unnamed.size(); i++) {
      Section s = unnamed.get(i);
      long name = nameOffsets.get(i);
      String text = name < strings.size() ? name(strings.offset() + name) : "";
      sections.add(new Section(text, s.type(), s.flags(), s.address(), s.offset(), s.size()));
    }
  }

  private DwarfInput at(long offset) {
    DwarfInput in = new DwarfInput(file, "the ELF file");
    in.skip(offset);
    return in;
  }

  private Section header(DwarfInput in, String name) {
    in.skip(4);
    int type = (int) in.u32();
    long flags = in.offset(wide);
    long address = in.offset(wide);
    long offset = in.offset(wide);
    return new Section(name, type, flags, address, offset, in.offset(wide));
  }

  /** Names longer than any that is looked for are cut. */
  private String name(long offset) {
    if (offset < 0 || offset >= file.length) {
      return "";
    }
    int start = (int) offset;
    int end = start;
    while (end < file.length && end < start + 32 && file[end] != 0) {
      end++;
    }
    return new String(file, start, end - start, StandardCharsets.ISO_8859_1);
  }

  /** Whether a section that is loaded contains an address. */
  boolean isLoaded(long address) {
    Map.Entry<Long, Long> part = loaded.floorEntry(address);
    return part != null && Long.compareUnsigned(address, part.getValue()) < 0;
  }

  /** Where in the file bytes stand that are loaded to an address; -1 when they do not. */
  long fileOffset(long address, int length) {
    for (Section section : sections) {
      long from = address - section.address();
      if ((section.flags() & ALLOCATED) != 0
          && section.type() != NO_BITS
          && from >= 0
          && from <= section.size() - length) {
        long offset = section.offset() + from;
        return offset >= 0 && offset <= file.length - length ? offset : -1;
      }
    }
    return -1;
  }

  private void findLoaded() {
    List<Section> ascending = new ArrayList<>(sections);
    ascending.sort((a, b) -> Long.compareUnsigned(a.address(), b.address()));
    for (Section section : ascending) {
      if ((section.flags() & ALLOCATED) == 0) {
        continue;
      }
      long end = section.address() + section.size();
      if (Long.compareUnsigned(end, section.address()) < 0) {
        end = -1L;
      }
      Map.Entry<Long, Long> before = loaded.lastEntry();
      if (before == null || Long.compareUnsigned(before.getValue(), section.address()) < 0) {
        loaded.put(section.address(), end);
      } else if (Long.compareUnsigned(before.getValue(), end) < 0) {
        loaded.put(before.getKey(), end);
      }
    }
  }

  /**
   * Content of a section, decompressed; empty when there is none.
   *
   * @throws DwarfException when it is damaged or too large
   */
  byte[] content(String name) {
    for (Section section : sections) {
      if (section.name().equals(name) && section.type() != NO_BITS) {
        return content(section);
      }
    }
    return new byte[0];
  }

  /** Where a section is loaded, 0 when there is none. */
  long address(String name) {
    return sections.stream()
        .filter(section -> section.name().equals(name))
        .mapToLong(Section::address)
        .findFirst()
        .orElse(0);
  }

  /** Whether it is a file of 64 bits. */
  boolean isWide() {
    return wide;
  }

  private byte[] content(Section section) {
    DwarfInput in = at(section.offset()).take(section.size());
    if ((section.flags() & COMPRESSED) == 0) {
      if (in.remaining() > MAX_BYTES) {
        throw new DwarfException(section.name() + " is too large");
      }
      return Arrays.copyOfRange(file, in.position(), in.position() + in.remaining());
    }
    int kind = (int) in.u32();
    in.skip(wide ? 4 : 0);
    long size = in.offset(wide);
    in.offset(wide);
    if (size < 0 || size > MAX_BYTES || size > (long) in.remaining() * MAX_RATIO) {
      throw new DwarfException(section.name() + " claims an impossible size");
    }
    byte[] raw = new byte[(int) size];
    if (!decompress(kind, in, raw)) {
      throw new DwarfException(section.name() + " does not decompress");
    }
    return raw;
  }

  private boolean decompress(int kind, DwarfInput in, byte[] raw) {
    switch (kind) {
      case ZLIB -> {
        Inflater inflater = new Inflater();
        try {
          inflater.setInput(file, in.position(), in.remaining());
          int done = 0;
          while (done < raw.length) {
            int more = inflater.inflate(raw, done, raw.length - done);
            if (more == 0) {
              return false;
            }
            done += more;
          }
          return true;
        } catch (DataFormatException e) {
          return false;
        } finally {
          inflater.end();
        }
      }
      case ZSTD -> {
        try {
          long length =
              Zstd.decompressByteArray(raw, 0, raw.length, file, in.position(), in.remaining());
          return length == raw.length;
        } catch (ZstdException e) {
          return false;
        }
      }
      default -> {
        return false;
      }
    }
  }
}
