package org.chronovisor.x86;

/**
 * Hidden parts of the segment registers after control transfers whose selectors are recorded, as
 * QEMU 10.0 sets them (target/i386/tcg/seg_helper.c).
 *
 * <p>To be called when the other recorded registers have not been applied yet: the state is that
 * before the transfer.
 */
public final class Transfers {
  private static final int CS = 1;
  private static final int SS = 2;
  private static final long FLAT_LIMIT = 0xffff_ffffL;
  private static final int FLAT =
      Descriptors.GRANULARITY
          | Descriptors.PRESENT
          | Descriptors.NOT_SYSTEM
          | Descriptors.READABLE
          | Descriptors.ACCESSED;

  private Transfers() {}

  /** Interrupts and exceptions, INT n among them. */
  public static void interrupt(Cpu cpu, int cs, int ss, long rsp) {
    if ((cpu.cr0 & 1) == 0) {
      cpu.loadSegment(CS, cs);
      return;
    }
    int privilege = cs & 3;
    if ((cpu.efer & 0x400) != 0) {
      // Without a switch of stacks five or six words are pushed to the aligned stack.
      long pushed = (cpu.r[4] & ~15L) - rsp;
      if (ss != cpu.segments[SS].selector() || pushed != 40 && pushed != 48) {
        cpu.setSegment(SS, new Segment(ss, 0, 0, privilege << 13));
      }
    } else if (ss != cpu.segments[SS].selector()) {
      setFromTable(cpu, SS, ss);
    }
    setFromTable(cpu, CS, cs);
  }

  /** Far jumps, calls and returns, and IRET. */
  public static void far(Cpu cpu, int cs, int ss) {
    if ((cpu.cr0 & 1) == 0) {
      cpu.loadSegment(CS, cs);
      return;
    }
    boolean outward = (cs & 3) > cpu.privilege();
    int privilege = cs & 3;
    boolean from64 = cpu.mode() == Mode.CODE64;
    if (ss != cpu.segments[SS].selector() || outward) {
      setStack(cpu, ss, privilege);
    }
    setFromTable(cpu, CS, cs);
    if (outward || from64) {
      for (int index : new int[] {0, 3, 4, 5}) {
        revoke(cpu, index, privilege);
      }
    }
  }

  /** IRET; it loads ss in 64-bit mode even when nothing changes. */
  static void iret(Cpu cpu, int cs, int ss) {
    if (cpu.mode() == Mode.CODE64) {
      setStack(cpu, ss, cs & 3);
    }
    far(cpu, cs, ss);
  }

  private static void setStack(Cpu cpu, int ss, int privilege) {
    if ((ss & 0xfffc) == 0 && (cpu.efer & 0x400) != 0) {
      int attributes = FLAT | Descriptors.BIG | privilege << 13;
      cpu.setSegment(SS, new Segment(ss, 0, FLAT_LIMIT, attributes));
    } else {
      setFromTable(cpu, SS, ss);
    }
  }

  /** A data segment that the new privilege level must not use loses its selector. */
  private static void revoke(Cpu cpu, int index, int privilege) {
    Segment s = cpu.segments[index];
    if (index >= 4 && (s.selector() & 0xfffc) == 0) {
      return;
    }
    int conforming = Descriptors.CODE | Descriptors.CONFORMING;
    if ((s.attributes() & conforming) != conforming
        && Descriptors.privilege(s.attributes()) < privilege) {
      int attributes = s.attributes() & ~Descriptors.PRESENT;
      cpu.setSegment(index, new Segment(0, s.base(), s.limit(), attributes));
    }
  }

  private static void setFromTable(Cpu cpu, int index, int selector) {
    if ((cpu.cr0 & 1) == 0) {
      cpu.loadSegment(index, selector);
      return;
    }
    // The index and table of a selector decide, not its privilege bits.
    Segment segment = Descriptors.read(cpu, selector);
    if (segment != null) {
      cpu.setSegment(index, segment);
    }
  }

  private static void setFlat(Cpu cpu, int cs, int ss, boolean long64, int privilege) {
    int common = FLAT | privilege << 13;
    int size = long64 ? Descriptors.LONG : Descriptors.BIG;
    cpu.setSegment(CS, new Segment(cs, 0, FLAT_LIMIT, common | Descriptors.CODE | size));
    cpu.setSegment(SS, new Segment(ss, 0, FLAT_LIMIT, common | Descriptors.BIG));
  }

  static void syscall(Cpu cpu, int cs, int ss) {
    setFlat(cpu, cs, ss, (cpu.efer & 0x400) != 0, 0);
  }

  static void sysret(Cpu cpu, int cs, int ss, boolean to64) {
    setFlat(cpu, cs, ss, to64, 3);
  }

  static void sysenter(Cpu cpu, int cs, int ss) {
    boolean longActive = (cpu.efer & 0x400) != 0;
    setFlat(cpu, cs, ss, false, 0);
    if (longActive) {
      Segment s = cpu.segments[CS];
      int attributes = s.attributes() | Descriptors.LONG;
      cpu.setSegment(CS, new Segment(cs, 0, FLAT_LIMIT, attributes));
    }
  }

  static void sysexit(Cpu cpu, int cs, int ss, boolean to64) {
    setFlat(cpu, cs, ss, to64, 3);
  }
}
