package org.chronovisor.symbols.dwarf;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.chronovisor.symbols.dwarf.CallFrameEntry.Slice;
import org.chronovisor.trace.CallFrameSection;

/**
 * Finds the unwind rules of an address in one section, .eh_frame or .debug_frame.
 *
 * <p>The section may be hostile: entries that make no sense are left out, and so is everything
 * behind a damaged length. Immutable and thread-safe.
 */
public final class CallFrameTable {
  private static final int MAX_ENTRIES = 1 << 21;

  private static final int OMITTED = 0xff;
  private static final int PC_RELATIVE = 0x10;

  private final CallFrameSection section;
  private final Map<Long, CallFrameEntry> shared = new HashMap<>();

  /** In the section's order. */
  private final List<Described> entries = new ArrayList<>();

  private final RangeIndex index;

  /** A function, or a part of one, and its instructions (FDE). */
  private record Described(long start, long end, CallFrameEntry common, Slice program) {}

  public CallFrameTable(CallFrameSection section) {
    this.section = section;
    try {
      readAll();
    } catch (DwarfException e) {
      // What was read before stays: less is known, nothing wrong.
    }
    index = new RangeIndex(entries.size(), i -> entries.get(i).start(), i -> entries.get(i).end());
  }

  private DwarfInput input(long offset) {
    return DwarfInput.at(section.bytes(), "unwind information", offset);
  }

  private boolean isEhFrame() {
    return section.kind() == CallFrameSection.Kind.EH_FRAME;
  }

  private void readAll() {
    DwarfInput in = input(0);
    while (in.remaining() >= 4) {
      DwarfInput.Unit part = in.unit();
      DwarfInput body = part.body();
      int idAt = body.position();
      try {
        long id = id(part);
        if (!isCommon(id, part.wide())) {
          readEntry(body, isEhFrame() ? idAt - id : id);
        }
      } catch (DwarfException e) {
        // This entry is damaged, or empty, as where one input's part ends; its length led past it.
      }
    }
  }

  /** What tells shared entries from others, and these where the shared one is. */
  private long id(DwarfInput.Unit part) {
    return part.body().offset(part.wide() && !isEhFrame());
  }

  private boolean isCommon(long id, boolean wide) {
    return id == (isEhFrame() ? 0 : wide ? -1L : 0xffffffffL);
  }

  /** Reads a function's entry (FDE) behind its pointer to the shared one. */
  private void readEntry(DwarfInput in, long commonOffset) {
    CallFrameEntry entry = common(commonOffset);
    if (entry == null || entries.size() == MAX_ENTRIES) {
      return;
    }
    long start = pointer(section, in, entry.pointerEncoding(), entry.addressSize());
    long length = pointer(section, in, entry.pointerEncoding() & 0x0f, entry.addressSize());
    if (entry.augmented()) {
      in.skip(in.uleb());
    }
    long end = start + length;
    if (Long.compareUnsigned(start, end) < 0) {
      entries.add(new Described(start, end, entry, new Slice(in.position(), in.remaining())));
    }
  }

  /** The shared entry at an offset; null when it is none, or of an unknown kind. */
  private CallFrameEntry common(long offset) {
    if (!shared.containsKey(offset)) {
      CallFrameEntry entry = null;
      try {
        entry = readCommon(offset);
      } catch (DwarfException e) {
        // Those that share it cannot be understood.
      }
      shared.put(offset, entry);
    }
    return shared.get(offset);
  }

  private CallFrameEntry readCommon(long offset) {
    DwarfInput.Unit part = input(offset).unit();
    DwarfInput in = part.body();
    if (!isCommon(id(part), part.wide())) {
      return null;
    }
    int version = in.u8();
    if (version != 1 && version != 3 && version != 4) {
      return null;
    }
    StringBuilder augmentation = new StringBuilder();
    for (int c; (c = in.u8()) != 0; ) {
      augmentation.append((char) c);
    }
    int addressSize = section.addressSize();
    if (version == 4) {
      addressSize = in.u8();
      if ((addressSize != 4 && addressSize != 8) || in.u8() != 0) {
        return null;
      }
    }
    String text = augmentation.toString();
    if (text.startsWith("eh")) { // of GCC 2
      in.skip(addressSize);
      text = text.substring(2);
    }
    long codeFactor = in.uleb();
    long dataFactor = in.sleb();
    long column = version == 1 ? in.u8() : in.uleb();
    if (column < 0 || column >= CallFrameProgram.REGISTERS) {
      return null;
    }
    boolean augmented = text.startsWith("z");
    int encoding = 0;
    boolean signal = false;
    if (augmented) {
      DwarfInput data = in.take(in.uleb());
      for (char c : text.substring(1).toCharArray()) {
        switch (c) {
          case 'R' -> encoding = data.u8();
          case 'P' -> pointer(section, data, data.u8() & 0x7f, addressSize);
          case 'L' -> data.u8();
          case 'S' -> signal = true;
          case 'B', 'G' -> {} // of other machines, no data
          default -> {
            // Its data is passed over by the length, but what follows cannot be understood.
            return null;
          }
        }
      }
    } else if (text.equals("S")) { // GNU as writes it alone into .debug_frame
      signal = true;
    } else if (!text.isEmpty()) {
      return null;
    }
    Slice initial = new Slice(in.position(), in.remaining());
    // In .debug_frame addresses are plain, whatever the augmentation says.
    int pointers = isEhFrame() ? encoding : 0;
    return new CallFrameEntry(
        initial, codeFactor, dataFactor, (int) column, addressSize, pointers, augmented, signal);
  }

  /** An encoded pointer (Linux Standard Base, 10.5). */
  static long pointer(CallFrameSection section, DwarfInput in, int encoding, int addressSize) {
    if (encoding == OMITTED) {
      return 0;
    }
    long base =
        switch (encoding & 0x70) {
          case 0 -> 0;
          case PC_RELATIVE -> section.address() + in.position();
          default -> throw in.damaged("a pointer relative to what is not known");
        };
    if ((encoding & 0x80) != 0) {
      throw in.damaged("an indirect pointer");
    }
    long value =
        switch (encoding & 0x0f) {
          case 0x00 -> in.number(addressSize);
          case 0x01 -> in.uleb();
          case 0x02 -> in.u16();
          case 0x03 -> in.u32();
          case 0x04, 0x0c -> in.u64();
          case 0x08 -> addressSize == 4 ? (int) in.u32() : in.u64();
          case 0x09 -> in.sleb();
          case 0x0a -> (short) in.u16();
          case 0x0b -> (int) in.u32();
          default -> throw in.damaged("a pointer of an unknown form");
        };
    long address = base + value;
    return addressSize == 4 ? address & 0xffffffffL : address;
  }

  /** Number of functions, or parts of such, that are described. */
  public int size() {
    return entries.size();
  }

  /** The rules at an address; empty where nothing is known, or what is there is damaged. */
  public Optional<CallFrameRow> at(long address) {
    OptionalInt found = index.at(address).findFirst();
    try {
      return found.isPresent()
          ? Optional.of(row(entries.get(found.getAsInt()), address))
          : Optional.empty();
    } catch (DwarfException e) {
      return Optional.empty();
    }
  }

  private CallFrameRow row(Described entry, long address) {
    CallFrameProgram program = new CallFrameProgram(section, entry.common());
    program.run(slice(entry.common().initial()), entry.start(), -1L);
    program.rememberInitial();
    program.run(slice(entry.program()), entry.start(), address);
    return program.row();
  }

  private DwarfInput slice(Slice slice) {
    return input(slice.start()).take(slice.length());
  }
}
