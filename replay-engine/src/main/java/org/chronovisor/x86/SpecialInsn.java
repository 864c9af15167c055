package org.chronovisor.x86;

/**
 * An instruction whose control transfer is recorded: IRET, SYSCALL, INT n, far transfers and the
 * like.
 *
 * <p>{@link #execute} does only what the recorded registers cannot tell: arithmetic flags, DF, and
 * stores that are part of the instruction. Then {@link #setSegments} has to be called, then the
 * recorded registers applied.
 */
public final class SpecialInsn extends Insn {
  /** Which one. */
  public enum Kind {
    IRET,
    SYSCALL,
    SYSRET,
    SYSENTER,
    SYSEXIT,
    /** INT n, INT3, INT1, INTO: the recorded transfer is that of an interrupt. */
    INTERRUPT,
    FAR_CALL,
    FAR_JUMP,
    FAR_RETURN
  }

  private final Kind kind;
  private final int size;
  private final boolean is64;
  private final Operand selector;

  /**
   * @param size operand size in bytes
   * @param selector of a far call, or null
   */
  SpecialInsn(DecodeContext c, Kind kind, int size, Operand selector) {
    this.kind = kind;
    this.size = size;
    this.is64 = c.is64();
    this.selector = selector;
  }

  public Kind kind() {
    return kind;
  }

  @Override
  public boolean endsBlock() {
    return true;
  }

  @Override
  public void execute(Cpu cpu) {
    switch (kind) {
      case IRET -> setFlags(cpu, Stack.peek(cpu, 2L * size, size, is64));
      case SYSCALL -> syscall(cpu);
      case SYSRET -> {
        if (longActive(cpu)) {
          setFlags(cpu, cpu.r[11]);
        }
      }
      case FAR_CALL -> farCall(cpu);
      default -> {}
    }
  }

  /**
   * Sets the hidden parts of cs and ss (and revoked data segments) from the recorded selectors; rip
   * and the registers are left alone.
   *
   * @param rsp recorded stack pointer after the transfer
   */
  public void setSegments(Cpu cpu, int cs, int ss, long rsp) {
    switch (kind) {
      case IRET -> Transfers.iret(cpu, cs, ss);
      case SYSCALL -> Transfers.syscall(cpu, cs, ss);
      case SYSRET -> Transfers.sysret(cpu, cs, ss, size == 8);
      case SYSENTER -> Transfers.sysenter(cpu, cs, ss);
      case SYSEXIT -> Transfers.sysexit(cpu, cs, ss, size == 8);
      case INTERRUPT -> Transfers.interrupt(cpu, cs, ss, rsp);
      default -> Transfers.far(cpu, cs, ss);
    }
  }

  /**
   * The stack pointer that the instruction leaves when no interrupt follows at once, or -1 when
   * that is not known. To be asked before {@link #setSegments}.
   */
  public long stackPointer(Cpu cpu) {
    return switch (kind) {
      case SYSCALL, SYSRET, FAR_JUMP -> cpu.r[4];
      case IRET -> is64 ? Stack.peek(cpu, 3L * size, size, true) : -1;
      default -> -1;
    };
  }

  private static boolean longActive(Cpu cpu) {
    return (cpu.efer & 0x400) != 0;
  }

  private static void setFlags(Cpu cpu, long value) {
    cpu.flagsExplicit((int) value);
    cpu.direction = (value & Flags.DF) != 0 ? -1 : 1;
  }

  private static void syscall(Cpu cpu) {
    if (longActive(cpu)) {
      // QEMU 10.0 clears the arithmetic flags and DF whatever FMASK says.
      setFlags(cpu, 0);
    }
  }

  /** Pushes cs and the return address unless the call goes through a gate. */
  private void farCall(Cpu cpu) {
    if ((cpu.cr0 & 1) != 0) {
      Segment target = Descriptors.read(cpu, (int) selector.load(cpu) & 0xffff);
      if (target == null || (target.attributes() & Descriptors.NOT_SYSTEM) == 0) {
        return;
      }
    }
    Stack.poke(cpu, -size, size, is64, cpu.segments[DecodeContext.CS].selector());
    Stack.poke(
        cpu, -2L * size, size, is64, Branches.offset(cpu, next(), is64 ? -1L : 0xffff_ffffL));
  }
}
