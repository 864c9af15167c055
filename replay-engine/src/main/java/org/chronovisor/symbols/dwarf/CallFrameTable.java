package org.chronovisor.symbols.dwarf;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  // By start.
  private long[] starts = new long[64];
  private long[] ends = new long[64];
  private long[] furthest;
  private Slice[] programs = new Slice[64];
  private CallFrameEntry[] entries = new CallFrameEntry[64];
  private int size;

  public CallFrameTable(CallFrameSection section) {
    this.section = section;
    try {
      readAll();
    } catch (DwarfException e) {
      // What was read before stays: less is known, nothing wrong.
    }
    sort();
  }

  private DwarfInput input(long offset) {
    DwarfInput in = new DwarfInput(section.bytes(), "unwind information");
    in.skip(offset);
    return in;
  }

  private boolean isEhFrame() {
    return section.kind() == CallFrameSection.Kind.EH_FRAME;
  }

  private void readAll() {
    DwarfInput in = input(0);
    while (in.remaining() >= 4) {
      long length = in.u32();
      if (length == 0 && isEhFrame()) {
        // The end of one input's part; linkers leave it at the end only, others do not.
        continue;
      }
      boolean wide = length == 0xffffffffL;
      DwarfInput body = in.take(wide ? in.u64() : length);
      int idAt = body.position();
      try {
        long id = body.offset(wide && !isEhFrame());
        long common = isEhFrame() ? idAt - id : id;
        boolean isCommon = isEhFrame() ? id == 0 : id == (wide ? -1L : 0xffffffffL);
        if (!isCommon) {
          readEntry(body, common);
        }
      } catch (DwarfException e) {
        // This entry is damaged; its length has led past it.
      }
    }
  }

  /** Reads a function's entry (FDE) behind its pointer to the shared one. */
  private void readEntry(DwarfInput in, long commonOffset) {
    CallFrameEntry entry = common(commonOffset);
    if (entry == null || size == MAX_ENTRIES) {
      return;
    }
    long start;
    long length;
    if (isEhFrame()) {
      start = pointer(in, entry.pointerEncoding(), entry.addressSize());
      length = pointer(in, entry.pointerEncoding() & 0x0f, entry.addressSize());
    } else {
      start = in.number(entry.addressSize());
      length = in.number(entry.addressSize());
    }
    if (entry.augmented()) {
      in.skip(in.uleb());
    }
    long end = start + length;
    if (Long.compareUnsigned(start, end) >= 0) {
      return;
    }
    if (size == starts.length) {
      starts = Arrays.copyOf(starts, 2 * size);
      ends = Arrays.copyOf(ends, 2 * size);
      programs = Arrays.copyOf(programs, 2 * size);
      entries = Arrays.copyOf(entries, 2 * size);
    }
    starts[size] = start;
    ends[size] = end;
    programs[size] = new Slice(in.position(), in.remaining());
    entries[size++] = entry;
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
    DwarfInput in = input(offset);
    long length = in.u32();
    boolean wide = length == 0xffffffffL;
    in = in.take(wide ? in.u64() : length);
    long id = in.offset(wide && !isEhFrame());
    if (id != (isEhFrame() ? 0 : wide ? -1L : 0xffffffffL)) {
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
          case 'P' -> pointer(data, data.u8() & 0x7f, addressSize);
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
    return new CallFrameEntry(
        initial, codeFactor, dataFactor, (int) column, addressSize, encoding, augmented, signal);
  }

  /** An encoded pointer (Linux Standard Base, 10.5). */
  private long pointer(DwarfInput in, int encoding, int addressSize) {
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

  private void sort() {
    List<Integer> order = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      order.add(i);
    }
    order.sort((a, b) -> Long.compareUnsigned(starts[a], starts[b]));
    long[] sortedStarts = new long[size];
    long[] sortedEnds = new long[size];
    Slice[] sortedPrograms = new Slice[size];
    CallFrameEntry[] sortedEntries = new CallFrameEntry[size];
    furthest = new long[size];
    long end = 0;
    for (int i = 0; i < size; i++) {
      int from = order.get(i);
      sortedStarts[i] = starts[from];
      sortedEnds[i] = ends[from];
      sortedPrograms[i] = programs[from];
      sortedEntries[i] = entries[from];
      end = Long.compareUnsigned(ends[from], end) > 0 ? ends[from] : end;
      furthest[i] = end;
    }
    starts = sortedStarts;
    ends = sortedEnds;
    programs = sortedPrograms;
    entries = sortedEntries;
  }

  /** Number of functions, or parts of such, that are described. */
  public int size() {
    return size;
  }

  /** The rules at an address; empty where nothing is known, or what is there is damaged. */
  public Optional<CallFrameRow> at(long address) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(starts[middle], address) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    for (int i = low - 1; i >= 0 && Long.compareUnsigned(furthest[i], address) > 0; i--) {
      if (Long.compareUnsigned(address, ends[i]) < 0) {
        try {
          return Optional.of(row(i, address));
        } catch (DwarfException e) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }

  private CallFrameRow row(int index, long address) {
    CallFrameEntry entry = entries[index];
    CallFrameProgram program = new CallFrameProgram(section, entry);
    program.run(slice(entry.initial()), starts[index], -1L);
    program.rememberInitial();
    program.run(slice(programs[index]), starts[index], address);
    return program.row();
  }

  private DwarfInput slice(Slice slice) {
    return input(slice.start()).take(slice.length());
  }
}
