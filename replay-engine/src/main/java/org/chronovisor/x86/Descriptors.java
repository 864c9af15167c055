package org.chronovisor.x86;

/**
 * Segment descriptors in the guest's tables, and what QEMU keeps of them (10.0,
 * target/i386/tcg/seg_helper.c).
 */
final class Descriptors {
  static final int ACCESSED = 1 << 8;
  static final int READABLE = 1 << 9;
  static final int WRITABLE = 1 << 9;
  static final int CONFORMING = 1 << 10;
  static final int CODE = 1 << 11;
  static final int NOT_SYSTEM = 1 << 12;
  static final int PRESENT = 1 << 15;
  static final int LONG = 1 << 21;
  static final int BIG = 1 << 22;
  static final int GRANULARITY = 1 << 23;
  private static final int BUSY = 1 << 9;

  /** The bits of a descriptor's high word that {@link Segment#attributes} has. */
  private static final int ATTRIBUTES = 0x00ff_ff00;

  private Descriptors() {}

  /** A selector's descriptor is within its table. */
  static boolean exists(Cpu cpu, int selector) {
    boolean local = (selector & 4) != 0;
    Segment ldt = cpu.segments[CpuState.LDTR];
    long limit = local ? ldt.limit() : cpu.gdtLimit;
    int index = selector & 0xfff8;
    return index + 7 <= limit;
  }

  /** Linear address of a selector's descriptor. */
  static long address(Cpu cpu, int selector) {
    boolean local = (selector & 4) != 0;
    long base = local ? cpu.segments[CpuState.LDTR].base() : cpu.gdtBase;
    return base + (selector & 0xfff8);
  }

  static int privilege(int high) {
    return (high >> 13) & 3;
  }

  private static long base(int low, int high) {
    return low >>> 16 | (high & 0xff) << 16 | high & 0xff00_0000L;
  }

  static long limit(int low, int high) {
    long limit = low & 0xffff | high & 0xf_0000;
    return (high & GRANULARITY) != 0 ? limit << 12 | 0xfff : limit;
  }

  static Segment segment(int selector, int low, int high) {
    return new Segment(
        selector, base(low, high) & 0xffff_ffffL, limit(low, high), high & ATTRIBUTES);
  }

  /** The segment that a selector's descriptor describes; null when there is none. */
  static Segment read(Cpu cpu, int selector) {
    if (!exists(cpu, selector) || (selector & 0xfffc) == 0) {
      return null;
    }
    long address = address(cpu, selector);
    return segment(selector, cpu.mmu.load32(address), cpu.mmu.load32(address + 4));
  }

  /** MOV, POP and LxS to a segment register in protected mode: sets the accessed bit. */
  static void load(Cpu cpu, int index, int selector) {
    if ((selector & 0xfffc) == 0) {
      cpu.setSegment(index, new Segment(selector, 0, 0, 0));
      return;
    }
    if (!exists(cpu, selector)) {
      throw new GuestFault("selector outside its table", selector);
    }
    long address = address(cpu, selector);
    int low = cpu.mmu.load32(address);
    int high = cpu.mmu.load32(address + 4);
    if ((high & NOT_SYSTEM) == 0 || (high & PRESENT) == 0) {
      throw new GuestFault("segment not usable", selector);
    }
    if ((high & ACCESSED) == 0) {
      high |= ACCESSED;
      cpu.mmu.store32(address + 4, high);
    }
    cpu.setSegment(index, segment(selector, low, high));
  }

  /** LLDT and LTR. */
  static void loadSystem(Cpu cpu, int index, int selector) {
    Segment old = cpu.segments[index];
    boolean task = index == CpuState.TR;
    if ((selector & 0xfffc) == 0) {
      cpu.setSegment(index, new Segment(selector, 0, 0, task ? 0 : old.attributes()));
      return;
    }
    if (!exists(cpu, selector & ~4)) {
      throw new GuestFault("selector outside its table", selector);
    }
    long address = address(cpu, selector & ~4);
    int low = cpu.mmu.load32(address);
    int high = cpu.mmu.load32(address + 4);
    long base = base(low, high) & 0xffff_ffffL;
    if ((cpu.efer & 0x400) != 0) {
      base |= (long) cpu.mmu.load32(address + 8) << 32;
    }
    if (task) {
      // The cached attributes are those from before the descriptor was marked busy.
      cpu.mmu.store32(address + 4, high | BUSY);
    }
    cpu.setSegment(index, new Segment(selector, base, limit(low, high), high & ATTRIBUTES));
  }
}
