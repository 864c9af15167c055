package org.chronovisor.x86;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.chronovisor.memory.Page;
import org.chronovisor.memory.PhysicalMemory;

/**
 * Loads and stores by linear address: page walks (Intel SDM vol. 3, 4.3 to 4.5) behind
 * direct-mapped caches of virtual pages.
 *
 * <p>Permissions are not checked: whatever the guest was not allowed to do is in the recording as a
 * transfer. Accessed and dirty bits are not written: the recording has them as external writes.
 * Pages with {@link Page#flags} never enter the write cache, so watching a page costs nothing
 * elsewhere.
 */
public final class Mmu {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int ENTRIES = 1024;
  private static final int INDEX = ENTRIES - 1;
  private static final long PAGE_MASK = -4096L;
  private static final int OFFSET = 4095;
  private static final long INVALID = 1;
  private static final long FRAME_BITS = 0x000f_ffff_ffff_f000L;

  private final long[] readTag = new long[ENTRIES];
  private final byte[][] readPage = new byte[ENTRIES][];
  private final long[] writeTag = new long[ENTRIES];
  private final byte[][] writePage = new byte[ENTRIES][];
  private final PhysicalMemory memory;

  private boolean paging;
  private boolean longMode;
  private boolean pae;
  private boolean pse;
  private boolean la57;
  private long root;
  private long generation;
  private Bus bus;
  private StoreListener storeListener;
  private LoadListener loadListener;
  private CodeListener codeListener;
  private boolean ramOnly;

  /** Told of a store into bytes that belong to a decoded block. */
  interface CodeListener {
    void codeWritten(Page page);
  }

  public Mmu(PhysicalMemory memory) {
    this.memory = memory;
    flush();
  }

  public PhysicalMemory memory() {
    return memory;
  }

  public void setBus(Bus bus) {
    this.bus = bus;
  }

  public void setStoreListener(StoreListener listener) {
    storeListener = listener;
  }

  /** Pages with {@link Page#LOADS_WATCHED} never enter the read cache. */
  public void setLoadListener(LoadListener listener) {
    loadListener = listener;
  }

  void setCodeListener(CodeListener listener) {
    codeListener = listener;
  }

  /** Answers accesses outside RAM by {@link OutsideRam} instead of by the bus. */
  void setRamOnly(boolean on) {
    ramOnly = on;
  }

  /** An access outside RAM where none may be. */
  static final class OutsideRam extends RuntimeException {
    private static final long serialVersionUID = 1;
    static final OutsideRam INSTANCE = new OutsideRam();

    private OutsideRam() {
      super(null, null, false, false);
    }
  }

  private Bus bus() {
    if (ramOnly) {
      throw OutsideRam.INSTANCE;
    }
    return bus;
  }

  /** Changes whenever a translation or decoded code may have become stale. */
  public long generation() {
    return generation;
  }

  /** Takes the paging mode from control registers and forgets all translations. */
  public void configure(long cr0, long cr3, long cr4, long efer) {
    paging = (cr0 & 0x8000_0000L) != 0;
    longMode = (efer & 0x400) != 0;
    pae = (cr4 & 0x20) != 0;
    pse = (cr4 & 0x10) != 0;
    la57 = (cr4 & 0x1000) != 0;
    root = cr3;
    flush();
  }

  /** The same by the control registers of a state. */
  public void configure(CpuState state) {
    long[] words = state.words;
    configure(words[CpuState.CR0], words[CpuState.CR3], words[CpuState.CR4], words[CpuState.EFER]);
  }

  /** Forgets all translations. */
  public void flush() {
    Arrays.fill(readTag, INVALID);
    Arrays.fill(writeTag, INVALID);
    generation++;
  }

  /** Decoded code may be stale; translations are kept. */
  void codeChanged() {
    generation++;
  }

  /** Makes stores to pages whose flags have just been set take the slow path. */
  public void flushWrites() {
    Arrays.fill(writeTag, INVALID);
  }

  /**
   * Physical address of a linear one.
   *
   * @throws GuestFault when it is not mapped
   */
  public long translate(long linear) {
    long physical = walk(linear);
    if (physical < 0) {
      throw new GuestFault("page not present", linear);
    }
    return physical;
  }

  /** Physical address of a linear one, or -1 when it is not mapped. */
  public long walk(long linear) {
    if (!paging) {
      return longMode ? linear : linear & 0xffff_ffffL;
    }
    if (longMode) {
      long table = root & FRAME_BITS;
      for (int shift = la57 ? 48 : 39; ; shift -= 9) {
        long entry = physicalLong(table + (((linear >>> shift) & 511) << 3));
        if ((entry & 1) == 0) {
          return -1;
        }
        if (shift == 12 || ((entry & 0x80) != 0 && shift <= 30)) {
          long offset = (1L << shift) - 1;
          return (entry & FRAME_BITS & ~offset) | (linear & offset);
        }
        table = entry & FRAME_BITS;
      }
    }
    linear &= 0xffff_ffffL;
    if (pae) {
      long entry = physicalLong((root & 0xffff_ffe0L) + ((linear >>> 30) << 3));
      for (int shift = 21; (entry & 1) != 0; shift -= 9) {
        entry = physicalLong((entry & FRAME_BITS) + (((linear >>> shift) & 511) << 3));
        if ((entry & 1) != 0 && (shift == 12 || (entry & 0x80) != 0)) {
          long offset = (1L << shift) - 1;
          return (entry & FRAME_BITS & ~offset) | (linear & offset);
        }
      }
      return -1;
    }
    int directory = physicalInt((root & 0xffff_f000L) + ((linear >>> 22) << 2));
    if ((directory & 1) == 0) {
      return -1;
    }
    if (pse && (directory & 0x80) != 0) {
      // PSE-36: bits 13-20 are physical address bits 32-39.
      return (directory & 0xffc0_0000L) | ((directory & 0x1f_e000L) << 19) | (linear & 0x3f_ffff);
    }
    int entry = physicalInt((directory & 0xffff_f000L) + (((linear >>> 12) & 1023) << 2));
    return (entry & 1) == 0 ? -1 : (entry & 0xffff_f000L) | (linear & OFFSET);
  }

  /** The same for those who only look: -1 also when a page table lies outside RAM. */
  public long find(long linear) {
    try {
      return walk(linear);
    } catch (GuestFault pageTableOutsideRam) {
      return -1;
    }
  }

  /** Bytes at a linear address, as far as they are mapped and in RAM; no listener is told. */
  public byte[] peek(long linear, int length) {
    byte[] bytes = new byte[length];
    for (int at = 0; at < length; ) {
      long physical = find(linear + at);
      Page page = physical < 0 ? null : memory.page(physical >>> 12);
      if (page == null) {
        return Arrays.copyOf(bytes, at);
      }
      int offset = (int) physical & OFFSET;
      int part = Math.min(length - at, Page.SIZE - offset);
      System.arraycopy(page.bytes, offset, bytes, at, part);
      at += part;
    }
    return bytes;
  }

  private long physicalLong(long physical) {
    Page page = memory.page(physical >>> 12);
    if (page == null) {
      throw new GuestFault("page table outside RAM", physical);
    }
    return (long) LONG.get(page.bytes, (int) physical & OFFSET);
  }

  private int physicalInt(long physical) {
    Page page = memory.page(physical >>> 12);
    if (page == null) {
      throw new GuestFault("page table outside RAM", physical);
    }
    return (int) INT.get(page.bytes, (int) physical & OFFSET);
  }

  // ---- loads ---------------------------------------------------------------------------------

  /** Zero-extended byte. */
  public int load8(long linear) {
    int i = (int) (linear >>> 12) & INDEX;
    if ((linear & PAGE_MASK) == readTag[i]) {
      return readPage[i][(int) linear & OFFSET] & 0xff;
    }
    return (int) slowLoad(linear, 1);
  }

  /** Zero-extended 16 bits. */
  public int load16(long linear) {
    int i = (int) (linear >>> 12) & INDEX;
    if (((linear + 1) & PAGE_MASK) == readTag[i]) {
      return (short) SHORT.get(readPage[i], (int) linear & OFFSET) & 0xffff;
    }
    return (int) slowLoad(linear, 2);
  }

  public int load32(long linear) {
    int i = (int) (linear >>> 12) & INDEX;
    if (((linear + 3) & PAGE_MASK) == readTag[i]) {
      return (int) INT.get(readPage[i], (int) linear & OFFSET);
    }
    return (int) slowLoad(linear, 4);
  }

  public long load64(long linear) {
    int i = (int) (linear >>> 12) & INDEX;
    if (((linear + 7) & PAGE_MASK) == readTag[i]) {
      return (long) LONG.get(readPage[i], (int) linear & OFFSET);
    }
    return slowLoad(linear, 8);
  }

  private long slowLoad(long linear, int size) {
    if ((((linear + size - 1) ^ linear) & PAGE_MASK) != 0) {
      long value = 0;
      for (int i = 0; i < size; i++) {
        value |= (long) load8(linear + i) << (8 * i);
      }
      return value;
    }
    long physical = translate(linear);
    Page page = memory.page(physical >>> 12);
    if (page == null) {
      return bus().load(linear, physical, size);
    }
    if ((page.flags & Page.LOADS_WATCHED) != 0 && loadListener != null) {
      loadListener.loaded(page, (int) physical & OFFSET, size);
      return get(page.bytes, (int) physical & OFFSET, size);
    }
    int i = (int) (linear >>> 12) & INDEX;
    if (readTag[i] != (linear & PAGE_MASK)) {
      readTag[i] = linear & PAGE_MASK;
      readPage[i] = page.bytes;
    }
    return get(page.bytes, (int) physical & OFFSET, size);
  }

  // ---- stores --------------------------------------------------------------------------------

  // They return true when decoded code or a translation may have become stale.

  public boolean store8(long linear, int value) {
    int i = (int) (linear >>> 12) & INDEX;
    if ((linear & PAGE_MASK) == writeTag[i]) {
      writePage[i][(int) linear & OFFSET] = (byte) value;
      return false;
    }
    return slowStore(linear, 1, value);
  }

  public boolean store16(long linear, int value) {
    int i = (int) (linear >>> 12) & INDEX;
    if (((linear + 1) & PAGE_MASK) == writeTag[i]) {
      SHORT.set(writePage[i], (int) linear & OFFSET, (short) value);
      return false;
    }
    return slowStore(linear, 2, value);
  }

  public boolean store32(long linear, int value) {
    int i = (int) (linear >>> 12) & INDEX;
    if (((linear + 3) & PAGE_MASK) == writeTag[i]) {
      INT.set(writePage[i], (int) linear & OFFSET, value);
      return false;
    }
    return slowStore(linear, 4, value);
  }

  public boolean store64(long linear, long value) {
    int i = (int) (linear >>> 12) & INDEX;
    if (((linear + 7) & PAGE_MASK) == writeTag[i]) {
      LONG.set(writePage[i], (int) linear & OFFSET, value);
      return false;
    }
    return slowStore(linear, 8, value);
  }

  private boolean slowStore(long linear, int size, long value) {
    long before = generation;
    storeAnywhere(linear, size, value);
    return generation != before;
  }

  private void storeAnywhere(long linear, int size, long value) {
    if ((((linear + size - 1) ^ linear) & PAGE_MASK) != 0) {
      translate(linear + size - 1);
      for (int i = 0; i < size; i++) {
        store8(linear + i, (int) (value >>> (8 * i)));
      }
      return;
    }
    long physical = translate(linear);
    Page page = memory.page(physical >>> 12);
    if (page == null) {
      bus().store(linear, physical, size, value);
      return;
    }
    int offset = (int) physical & OFFSET;
    if (page.flags == 0) {
      int i = (int) (linear >>> 12) & INDEX;
      writeTag[i] = linear & PAGE_MASK;
      writePage[i] = page.bytes;
    }
    switch (size) {
      case 1 -> page.bytes[offset] = (byte) value;
      case 2 -> SHORT.set(page.bytes, offset, (short) value);
      case 4 -> INT.set(page.bytes, offset, (int) value);
      default -> LONG.set(page.bytes, offset, value);
    }
    if (page.flags != 0) {
      written(page, offset, size);
    }
  }

  // ---- many bytes at once --------------------------------------------------------------------

  /**
   * Copies ascending elements as long as that equals copying them one by one.
   *
   * @param length in bytes, a multiple of {@code element}; both ranges within one page each
   * @return the number of bytes copied: 0 when a page is not in the caches of plain RAM or the
   *     ranges overlap within one element
   */
  int copy(long from, long to, int length, int element) {
    int source = (int) (from >>> 12) & INDEX;
    int target = (int) (to >>> 12) & INDEX;
    if (readTag[source] != (from & PAGE_MASK) || writeTag[target] != (to & PAGE_MASK)) {
      return 0;
    }
    byte[] input = readPage[source];
    byte[] output = writePage[target];
    int start = (int) from & OFFSET;
    int destination = (int) to & OFFSET;
    if (input == output && destination > start) {
      // What is stored may be loaded again later: not beyond the first such element.
      length = Math.min(length, (destination - start) / element * element);
    }
    System.arraycopy(input, start, output, destination, length);
    return length;
  }

  /**
   * Stores the low bytes of a value again and again.
   *
   * @param length in bytes, a multiple of {@code element}, within one page
   * @return {@code length}, or 0 when the page is not in the cache of plain RAM
   */
  int fill(long to, int length, int element, long value) {
    int i = (int) (to >>> 12) & INDEX;
    if (writeTag[i] != (to & PAGE_MASK)) {
      return 0;
    }
    byte[] page = writePage[i];
    int offset = (int) to & OFFSET;
    if (element == 1 || isRepeatedByte(value, element)) {
      Arrays.fill(page, offset, offset + length, (byte) value);
      return length;
    }
    for (int end = offset + length; offset < end; offset += element) {
      switch (element) {
        case 2 -> SHORT.set(page, offset, (short) value);
        case 4 -> INT.set(page, offset, (int) value);
        default -> LONG.set(page, offset, value);
      }
    }
    return length;
  }

  private static boolean isRepeatedByte(long value, int size) {
    long repeated = (value & 0xff) * 0x0101_0101_0101_0101L;
    return (value ^ repeated) << (64 - 8 * size) == 0;
  }

  private void written(Page page, int offset, int size) {
    if ((page.flags & Page.CODE) != 0) {
      if ((page.codeGranules & Block.granules(offset, size)) != 0) {
        page.codeGranules = 0;
        page.flags &= ~Page.CODE;
        codeListener.codeWritten(page);
      }
    }
    if ((page.flags & Page.WATCHED) != 0 && storeListener != null) {
      storeListener.stored(page, offset, size);
    }
  }

  /** Stores bytes by physical address; nothing where there is no RAM. */
  public void storePhysical(long physical, byte[] data) {
    int length;
    for (int done = 0; done < data.length; done += length) {
      int offset = (int) (physical + done) & OFFSET;
      length = Math.min(data.length - done, Page.SIZE - offset);
      Page page = memory.page((physical + done) >>> 12);
      if (page == null) {
        continue;
      }
      System.arraycopy(data, done, page.bytes, offset, length);
      if (page.flags != 0) {
        written(page, offset, length);
      }
    }
  }

  private static long get(byte[] bytes, int offset, int size) {
    return switch (size) {
      case 1 -> bytes[offset] & 0xff;
      case 2 -> (short) SHORT.get(bytes, offset) & 0xffff;
      case 4 -> (int) INT.get(bytes, offset) & 0xffff_ffffL;
      default -> (long) LONG.get(bytes, offset);
    };
  }
}
