package org.chronovisor.replay;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.chronovisor.memory.Page;
import org.chronovisor.trace.MemoryEvent;
import org.chronovisor.trace.StateCapture;
import org.chronovisor.trace.Transfer;
import org.chronovisor.x86.CapturedInsn;
import org.chronovisor.x86.Cpu;
import org.chronovisor.x86.CpuState;
import org.chronovisor.x86.EndKind;
import org.chronovisor.x86.Flags;
import org.chronovisor.x86.GuestFault;
import org.chronovisor.x86.Insn;
import org.chronovisor.x86.Interpreter;
import org.chronovisor.x86.InterruptGate;
import org.chronovisor.x86.Mode;
import org.chronovisor.x86.Partial;
import org.chronovisor.x86.Plan;
import org.chronovisor.x86.Registers;
import org.chronovisor.x86.RepInsn;
import org.chronovisor.x86.SpecialInsn;
import org.chronovisor.x86.Transfers;

/**
 * Carries out recorded control transfers: interrupts, exceptions and special instructions.
 *
 * <p>What the replay can know before (general registers, saved rip and flags) is compared with the
 * recording, so each interrupt is also a check of the lazily computed flags.
 */
final class TransferApplier {
  private static final int LMA = 0x400;
  private static final int R11 = 11;
  private static final int DEBUG_EXCEPTION = 1;
  private static final int DR6 = CpuState.DR6 - CpuState.DR0;
  private static final int DR7 = DR6 + 1;

  /** In DR7: a breakpoint is enabled. */
  private static final int BREAKPOINTS = 0xff;

  private static final long SINGLE_STEP = 1L << 14;

  /** Bytes of the largest frame in 32-bit mode: error code, eip, cs, eflags, esp, ss. */
  private static final int LARGEST_FRAME = 24;

  private static final int KEPT = Flags.ARITHMETIC | Flags.DF;

  /** Flags that delivery pushes as they are: all but RF and those of virtual-8086 mode. */
  private static final int PUSHED = KEPT | 0x24_7300;

  private final Interpreter interpreter;
  private final Cpu cpu;

  TransferApplier(Interpreter interpreter, Cpu cpu) {
    this.interpreter = interpreter;
    this.cpu = cpu;
  }

  void apply(Transfer transfer, EventCursor events) {
    long[] registers = transfer.registers();
    if (transfer.stated()) {
      takeState(transfer, events);
      return;
    }
    if (transfer.special() && isCaptured(interpreter.last())) {
      // All registers are as the capture behind the instruction found them: those at the new pc.
      writeFrame(transfer);
      cpu.rip = transfer.pc() - cpu.segmentBase[1];
      interpreter.transfer(transfer.pc());
      return;
    }
    int cs = (int) registers[Registers.CS];
    int ss = (int) registers[Registers.SS];
    long rsp = registers[Registers.RSP];
    if (transfer.special()) {
      if (!(interpreter.last() instanceof SpecialInsn special)) {
        throw new ReplayException(
            transfer.position(),
            "the recording has a special transfer after an ordinary instruction");
      }
      if (special.kind() == SpecialInsn.Kind.INTERRUPT) {
        checkFrame(transfer);
      }
      long expected = special.stackPointer(cpu);
      int frame = interruptFrame(transfer, expected);
      if (frame < 0) {
        special.setSegments(cpu, cs, ss, rsp);
      } else {
        ByteBuffer pushed = frame(transfer);
        special.setSegments(
            cpu, (int) pushed.getLong(frame + 8), (int) pushed.getLong(frame + 32), expected);
        cpu.r[Registers.RSP] = expected;
        noteSingleStep(transfer);
        Transfers.interrupt(cpu, cs, ss, rsp);
      }
      checkRegisters(transfer, special.kind() == SpecialInsn.Kind.SYSCALL);
    } else {
      finishCutRep(transfer, events);
      finishFaulted(transfer);
      checkFrame(transfer);
      checkDataSegments(transfer);
      checkSystemFlags(transfer);
      noteSingleStep(transfer);
      Transfers.interrupt(cpu, cs, ss, rsp);
      checkRegisters(transfer, false);
    }
    checkControlRegisters(transfer);
    long flags = (registers[Registers.EFLAGS] & ~KEPT) | (cpu.rflags() & KEPT);
    cpu.r[Registers.RSP] = rsp;
    cpu.cr2 = registers[Registers.CR2];
    cpu.cr8 = registers[Registers.CR8];
    cpu.setRflags(flags);
    otherSegments(transfer);
    writeFrame(transfer);
    cpu.rip = transfer.pc() - cpu.segmentBase[1];
    interpreter.transfer(transfer.pc());
  }

  private static boolean isCaptured(Insn last) {
    return last instanceof CapturedInsn c && c.model() == null && c.plan().has(Plan.MONITOR);
  }

  private void takeState(Transfer transfer, EventCursor events) {
    StateCapture after = events.state(transfer.position());
    if (after == null) {
      throw new ReplayException(
          transfer.position(), "no recorded state after a transfer that needs one");
    }
    CpuState state = after.state().copy();
    state.words[CpuState.KERNEL_GS_BASE] = cpu.kernelGsBase;
    state.words[CpuState.CR8] = transfer.registers()[Registers.CR8];
    cpu.load(state);
    writeFrame(transfer);
    cpu.rip = transfer.pc() - cpu.segmentBase[1];
    interpreter.transfer(transfer.pc());
  }

  /** A rep instruction that was interrupted has done part of its work. */
  private void finishCutRep(Transfer transfer, EventCursor events) {
    long[] registers = transfer.registers();
    long position = transfer.position();
    long remaining = registers[Registers.RCX];
    if (cpu.r[Registers.RCX] != remaining) {
      Insn insn = next();
      if (model(insn) instanceof RepInsn rep) {
        rep.executeUntil(cpu, remaining);
      } else if (insn instanceof CapturedInsn c && c.plan().end() == EndKind.REP) {
        // INS, whose stores are recorded.
        cpu.r[Registers.RCX] = remaining;
        cpu.r[Registers.RDI] = registers[Registers.RDI];
      }
    }
    for (MemoryEvent store; (store = events.store(position)) != null; ) {
      cpu.mmu.storePhysical(store.physical(), store.data());
    }
  }

  private static Insn model(Insn insn) {
    return insn instanceof CapturedInsn c && c.model() != null ? c.model() : insn;
  }

  /** A page fault came after part of an instruction's work. */
  private void finishFaulted(Transfer transfer) {
    ByteBuffer frame = frame(transfer);
    boolean hasErrorCode =
        (transfer.registers()[Registers.EFER] & LMA) != 0
            && frame.capacity() >= 16
            && frame.getLong(0) != cpu.rip
            && frame.getLong(8) == cpu.rip;
    if (hasErrorCode && next() instanceof Partial partial) {
      partial.executeUntil(cpu, transfer.registers()[Registers.CR2]);
    }
  }

  /** The instruction at rip, or null where there is none to be fetched. */
  private Insn next() {
    try {
      return model(interpreter.peek());
    } catch (GuestFault e) {
      return null;
    }
  }

  /** Only the stack pointer changes, and what SYSCALL puts into rcx and r11. */
  private void checkRegisters(Transfer transfer, boolean syscall) {
    // Outside 64-bit code the recording has the low halves of the first eight.
    boolean all = cpu.mode() == Mode.CODE64;
    for (int i = 0; i < (all ? 16 : 8); i++) {
      long recorded = transfer.registers()[i];
      if (syscall && (i == Registers.RCX || i == R11)) {
        cpu.r[i] = recorded;
      } else if (i != Registers.RSP) {
        check(transfer, i, all ? cpu.r[i] : cpu.r[i] & 0xffff_ffffL, recorded);
      }
    }
  }

  /**
   * Where the frame of an interrupt that came right behind a special instruction lies in the
   * recorded stack bytes (64-bit mode), or -1 when there was none: the instruction's own stack
   * pointer is in the recording, or else in the frame.
   */
  private int interruptFrame(Transfer transfer, long expected) {
    long recorded = transfer.registers()[Registers.RSP];
    if (expected == -1 || recorded == expected) {
      return -1;
    }
    if ((transfer.registers()[Registers.EFER] & LMA) == 0) {
      if (recorded < expected && expected - recorded <= LARGEST_FRAME) {
        return -1;
      }
    } else {
      ByteBuffer frame = frame(transfer);
      for (int at = 0; at <= 8 && at + 40 <= frame.capacity(); at += 8) {
        if (frame.getLong(at + 24) == expected) {
          return at;
        }
      }
    }
    check(transfer, Registers.RSP, expected, recorded);
    return -1;
  }

  private static ByteBuffer frame(Transfer transfer) {
    return ByteBuffer.wrap(transfer.frame()).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * A single-step trap sets BS in DR6 (Intel SDM vol. 3, 18.2.3). Which breakpoints in the debug
   * registers a debug exception comes from is not known.
   */
  private void noteSingleStep(Transfer transfer) {
    if ((cpu.systemFlags & Flags.TF) == 0 && (cpu.debug[DR7] & BREAKPOINTS) != 0) {
      return;
    }
    boolean longMode = (cpu.efer & LMA) != 0;
    Long handler = InterruptGate.target(cpu.mmu, cpu.idtBase, DEBUG_EXCEPTION, longMode);
    if (handler != null && handler == transfer.pc()) {
      cpu.debug[DR6] |= SINGLE_STEP;
    }
  }

  /** Delivery clears TF, NT, RF and VM, and may clear IF (Intel SDM vol. 3, 6.12.1.3). */
  private void checkSystemFlags(Transfer transfer) {
    long expected = cpu.systemFlags & ~(0x0003_4100L);
    long recorded = transfer.registers()[Registers.EFLAGS] & ~KEPT;
    if ((recorded | cpu.systemFlags & Flags.IF) != expected) {
      check(transfer, Registers.EFLAGS, expected, recorded);
    }
  }

  private void checkDataSegments(Transfer transfer) {
    long[] registers = transfer.registers();
    for (int i : new int[] {Registers.ES, Registers.DS, Registers.FS, Registers.GS}) {
      check(transfer, i, cpu.segments[i - Registers.ES].selector(), registers[i]);
    }
    check(transfer, Registers.FS_BASE, cpu.segments[4].base(), registers[Registers.FS_BASE]);
    check(transfer, Registers.GS_BASE, cpu.segments[5].base(), registers[Registers.GS_BASE]);
  }

  private void checkControlRegisters(Transfer transfer) {
    long[] registers = transfer.registers();
    check(transfer, Registers.CR0, cpu.cr0, registers[Registers.CR0]);
    check(transfer, Registers.CR3, cpu.cr3, registers[Registers.CR3]);
    check(transfer, Registers.CR4, cpu.cr4, registers[Registers.CR4]);
    check(transfer, Registers.EFER, cpu.efer, registers[Registers.EFER]);
    check(
        transfer, Registers.KERNEL_GS_BASE, cpu.kernelGsBase, registers[Registers.KERNEL_GS_BASE]);
  }

  private static void check(Transfer transfer, int register, long replayed, long recorded) {
    if (replayed != recorded) {
      throw new ReplayException(
          transfer.position(),
          String.format(
              "%s at a control transfer: recorded 0x%x, replayed 0x%x",
              Registers.name(register), recorded, replayed));
    }
  }

  /** Bytes of each value that the delivery pushed. */
  private static int slot(Transfer transfer) {
    if ((transfer.registers()[Registers.EFER] & LMA) != 0) {
      return 8;
    }
    return (transfer.registers()[Registers.CR0] & 1) != 0 ? 4 : 2;
  }

  private void checkFrame(Transfer transfer) {
    ByteBuffer frame = frame(transfer);
    int slot = slot(transfer);
    int pushed = slot == 2 ? PUSHED & 0xffff : PUSHED;
    for (int at = 0; at <= slot && at + 3 * slot <= frame.capacity(); at += slot) {
      long rip =
          switch (slot) {
            case 8 -> frame.getLong(at);
            case 4 -> frame.getInt(at) & 0xffff_ffffL;
            default -> frame.getShort(at) & 0xffffL;
          };
      if (rip != cpu.rip) {
        continue;
      }
      long saved =
          slot == 2 ? frame.getShort(at + 4) & 0xffffL : frame.getInt(at + 2 * slot) & 0xffff_ffffL;
      long expected = cpu.rflags();
      if (((saved ^ expected) & pushed) != 0) {
        throw new ReplayException(
            transfer.position(),
            String.format(
                "flags saved by an interrupt or exception: recorded 0x%x, replayed 0x%x",
                saved, expected));
      }
      checkPushed(transfer, frame, at + slot, slot);
      if (at == 0 && !transfer.special()) {
        // Page faults, which set cr2, push an error code.
        check(transfer, Registers.CR2, cpu.cr2, transfer.registers()[Registers.CR2]);
      }
      return;
    }
    throw new ReplayException(
        transfer.position(),
        String.format(
            "control went to 0x%x, but no interrupt frame there names 0x%x",
            transfer.pc(), cpu.rip));
  }

  /** Compares what is pushed beside rip and flags: cs, and in long mode rsp and ss. */
  private void checkPushed(Transfer transfer, ByteBuffer frame, int at, int slot) {
    check(transfer, Registers.CS, cpu.segments[1].selector(), frame.getShort(at) & 0xffff);
    if (slot == 8 && at + 3 * slot + 8 <= frame.capacity()) {
      check(transfer, Registers.RSP, cpu.r[Registers.RSP], frame.getLong(at + 2 * slot));
      check(
          transfer,
          Registers.SS,
          cpu.segments[2].selector(),
          frame.getShort(at + 3 * slot) & 0xffff);
      long ss = transfer.registers()[Registers.SS];
      if ((ss & 0xfffc) != 0) {
        // Only another privilege level or stack replaces it, by a null selector.
        check(transfer, Registers.SS, cpu.segments[2].selector(), ss);
      }
    }
  }

  private void writeFrame(Transfer transfer) {
    byte[] frame = transfer.frame();
    for (int at = 0; at < frame.length; ) {
      long address = transfer.frameAddress() + at;
      int room = Page.SIZE - (int) (address & (Page.SIZE - 1));
      int end = Math.min(frame.length, at + room);
      cpu.mmu.storePhysical(cpu.mmu.translate(address), Arrays.copyOfRange(frame, at, end));
      at = end;
    }
  }

  private void otherSegments(Transfer transfer) {
    long[] registers = transfer.registers();
    for (int i = 0; i < 6; i++) {
      int selector = (int) registers[Registers.ES + i];
      if (cpu.segments[i].selector() != selector) {
        cpu.loadSegment(i, selector);
        if (i >= 4) {
          RegisterAccess.setBase(cpu, i, registers[Registers.FS_BASE + i - 4]);
        }
      }
    }
    check(transfer, Registers.FS_BASE, cpu.segments[4].base(), registers[Registers.FS_BASE]);
    check(transfer, Registers.GS_BASE, cpu.segments[5].base(), registers[Registers.GS_BASE]);
  }
}
