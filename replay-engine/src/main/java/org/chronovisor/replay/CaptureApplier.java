package org.chronovisor.replay;

import java.util.HexFormat;
import org.chronovisor.trace.MemoryEvent;
import org.chronovisor.trace.StateCapture;
import org.chronovisor.trace.Transfer;
import org.chronovisor.x86.CaptureSink;
import org.chronovisor.x86.CapturedInsn;
import org.chronovisor.x86.Cpu;
import org.chronovisor.x86.CpuState;
import org.chronovisor.x86.EndKind;
import org.chronovisor.x86.Flags;
import org.chronovisor.x86.Interpreter;
import org.chronovisor.x86.Mode;
import org.chronovisor.x86.Plan;
import org.chronovisor.x86.Registers;

/** Gives captured instructions their recorded effect, and compares models in check recordings. */
final class CaptureApplier implements CaptureSink {
  private final Interpreter interpreter;
  private final long[] values = new long[2 * Registers.COUNT];
  private EventCursor events;

  CaptureApplier(Interpreter interpreter) {
    this.interpreter = interpreter;
  }

  void use(EventCursor cursor) {
    events = cursor;
  }

  @Override
  public void captured(CapturedInsn insn, Cpu cpu) {
    Plan plan = insn.plan();
    long position = interpreter.positionOf(insn);
    if (plan.has(Plan.CAPTURE_STORES)) {
      for (MemoryEvent store; (store = events.store(position)) != null; ) {
        if (insn.model() == null) {
          cpu.mmu.storePhysical(store.physical(), store.data());
        } else {
          compare(store, cpu, position);
        }
      }
    }
    if (plan.has(Plan.CAPTURE)) {
      events.captures.next(plan, values);
      if (insn.model() == null) {
        applyStatus(plan, cpu);
      }
      int word = 0;
      for (byte register : plan.captureRegisters()) {
        if (insn.model() == null) {
          RegisterAccess.set(cpu, register, values, word);
        } else {
          compare(register, word, cpu, position, insn);
        }
        word += Registers.isWide(register) ? 2 : 1;
      }
    }
    if (plan.has(Plan.MONITOR)) {
      StateCapture state = events.state(position);
      if (state == null) {
        throw new ReplayException(position, "no recorded state after an instruction without model");
      }
      CpuState seen = state.state();
      load(isHandlers(seen, events.coming(position + 1)) ? before(seen, cpu) : seen, insn, cpu);
    }
  }

  /** The x87 status word first: it tells which register is which. */
  private void applyStatus(Plan plan, Cpu cpu) {
    int word = 0;
    for (byte register : plan.captureRegisters()) {
      if (register == Registers.FSTAT) {
        RegisterAccess.set(cpu, register, values, word);
      }
      word += Registers.isWide(register) ? 2 : 1;
    }
  }

  /**
   * Takes over a state from the monitor. In the middle of a QEMU block the flags shown are garbage,
   * up to bit 31 (QEMU 10.0 keeps cc_op in its translator there): those of the replay stay, and
   * rules know the instructions that write them. Behind a block's last instruction they are exact.
   * The monitor does not print kernel_gs_base and cr8 at all, nor the upper halves of ymm registers
   * while AVX is off, and only modelled ones change them.
   */
  private static void load(CpuState state, CapturedInsn insn, Cpu cpu) {
    final long linear = cpu.rip + cpu.segmentBase[1];
    boolean exact = insn.plan().end() == EndKind.SPECIAL || cpu.mode() == Mode.CODE16;
    long flags = exact ? state.words[CpuState.RFLAGS] : cpu.rflags();
    CpuState corrected = state.copy();
    corrected.words[CpuState.RFLAGS] = flags;
    corrected.words[CpuState.KERNEL_GS_BASE] = cpu.kernelGsBase;
    corrected.words[CpuState.CR8] = cpu.cr8;
    if (!corrected.hasAvx()) {
      CpuState old = cpu.save();
      System.arraycopy(old.ymmhLow, 0, corrected.ymmhLow, 0, 16);
      System.arraycopy(old.ymmhHigh, 0, corrected.ymmhHigh, 0, 16);
    }
    cpu.load(corrected);
    // The code segment may be another one: a transfer tells where that goes on.
    cpu.rip = linear - cpu.segmentBase[1];
    // QEMU clears RF at its block's end, a CPU when the instruction completes.
    cpu.systemFlags &= ~Flags.RF;
  }

  /** Whether an interrupt right behind the instruction was delivered before the state was taken. */
  private static boolean isHandlers(CpuState state, Transfer next) {
    return next != null
        && !next.special()
        && next.registers()[Registers.RSP] == state.words[Registers.RSP];
  }

  /** A handler's state without what delivery has changed; instructions without model do not. */
  private static CpuState before(CpuState state, Cpu cpu) {
    if (cpu.mode() == Mode.CODE16) {
      return state;
    }
    CpuState before = state.copy();
    before.words[Registers.RSP] = cpu.r[Registers.RSP];
    before.words[CpuState.RFLAGS] = cpu.rflags();
    before.words[CpuState.CR2] = cpu.cr2;
    before.segments[1] = cpu.segments[1];
    before.segments[2] = cpu.segments[2];
    return before;
  }

  private static void compare(MemoryEvent store, Cpu cpu, long position) {
    for (int i = 0; i < store.data().length; i++) {
      long linear = store.linear() + i;
      long physical = cpu.mmu.translate(linear);
      var page = cpu.mmu.memory().page(physical >>> 12);
      if (page != null && page.bytes[(int) physical & 4095] != store.data()[i]) {
        throw new ReplayException(
            position,
            String.format(
                "byte stored at 0x%x: recorded 0x%02x, modelled 0x%02x",
                linear, store.data()[i] & 0xff, page.bytes[(int) physical & 4095] & 0xff));
      }
    }
  }

  private void compare(int register, int word, Cpu cpu, long position, CapturedInsn insn) {
    long low = RegisterAccess.get(cpu, register, false);
    long high = Registers.isWide(register) ? RegisterAccess.get(cpu, register, true) : 0;
    boolean same = low == values[word] && (!Registers.isWide(register) || high == values[word + 1]);
    if (!same) {
      throw new ReplayException(
          position,
          String.format(
              "%s after %s: recorded 0x%x%s, modelled 0x%x%s",
              Registers.name(register),
              HexFormat.ofDelimiter(" ").formatHex(insn.bytes()),
              Registers.isWide(register) ? values[word + 1] : values[word],
              Registers.isWide(register) ? String.format("%016x", values[word]) : "",
              Registers.isWide(register) ? high : low,
              Registers.isWide(register) ? String.format("%016x", low) : ""));
    }
  }
}
