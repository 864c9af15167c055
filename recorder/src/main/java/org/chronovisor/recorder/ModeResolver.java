package org.chronovisor.recorder;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.chronovisor.x86.CpuState;
import org.chronovisor.x86.Mode;

/**
 * Finds how a block's code is decoded when QEMU translates it.
 *
 * <p>The hidden part of cs decides, and only the monitor shows it. An answer is kept per (selector,
 * CR0.PE, EFER.LMA) once it is the widest that such a CPU can be in (in real mode: 16 bits), until
 * the guest loads another GDT: a boot loader goes from 32-bit to 64-bit code with the same selector
 * and a new GDT.
 */
final class ModeResolver {
  /** Takes the registers from the monitor while the plugin waits. */
  @FunctionalInterface
  interface Monitor {
    /** Those of all vCPUs. */
    List<MonitorRegisters> registers() throws IOException;
  }

  private static final long PROTECTED = 1;
  private static final long LONG_ACTIVE = 1 << 10;

  private record Key(long cs, boolean protectedMode, boolean longActive) {}

  private final Monitor monitor;
  private final Map<Key, Mode> known = new HashMap<>();
  private Mode last;

  ModeResolver(Monitor monitor) {
    this.monitor = monitor;
  }

  /** The guest has loaded a GDT: selectors may mean something else now. */
  void forget() {
    known.clear();
  }

  /**
   * The mode of the vCPU that translates.
   *
   * @param pc linear address of the block
   */
  Mode resolve(long pc, long cs, long cr0, long efer) throws IOException {
    boolean protectedMode = (cr0 & PROTECTED) != 0;
    boolean longActive = (efer & LONG_ACTIVE) != 0;
    Key key = new Key(cs, protectedMode, longActive);
    Mode mode = known.get(key);
    if (mode == null) {
      List<MonitorRegisters> all;
      try {
        all = monitor.registers();
      } catch (QmpClient.StoppingException e) {
        // The last few blocks before QEMU stops: the mode will not have changed in between.
        if (last == null) {
          throw e;
        }
        return last;
      }
      mode = MonitorRegisters.mode(translating(all, pc, cs, cr0, efer).state());
      Mode widest = longActive ? Mode.CODE64 : protectedMode ? Mode.CODE32 : Mode.CODE16;
      if (mode == widest) {
        known.put(key, mode);
      }
    }
    last = mode;
    return mode;
  }

  /** QEMU does not tell plugins which vCPU translates: it is one that stands at the block. */
  private static MonitorRegisters translating(
      List<MonitorRegisters> all, long pc, long cs, long cr0, long efer) {
    MonitorRegisters found = null;
    for (MonitorRegisters registers : all) {
      CpuState state = registers.state();
      if (state.segments[1].selector() == cs
          && state.words[CpuState.CR0] == cr0
          && state.words[CpuState.EFER] == efer
          && (found == null || registers.linearPc() == pc)) {
        found = registers;
      }
    }
    return found == null ? all.get(0) : found;
  }
}
