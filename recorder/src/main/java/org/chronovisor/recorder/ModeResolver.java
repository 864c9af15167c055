package org.chronovisor.recorder;

import java.io.IOException;
import java.util.HashMap;
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
    MonitorRegisters registers() throws IOException;
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

  Mode resolve(long cs, long cr0, long efer) throws IOException {
    boolean protectedMode = (cr0 & PROTECTED) != 0;
    boolean longActive = (efer & LONG_ACTIVE) != 0;
    Key key = new Key(cs, protectedMode, longActive);
    Mode mode = known.get(key);
    if (mode == null) {
      CpuState state;
      try {
        state = monitor.registers().state();
      } catch (QmpClient.StoppingException e) {
        // The last few blocks before QEMU stops: the mode will not have changed in between.
        if (last == null) {
          throw e;
        }
        return last;
      }
      mode = MonitorRegisters.mode(state);
      Mode widest = longActive ? Mode.CODE64 : protectedMode ? Mode.CODE32 : Mode.CODE16;
      if (mode == widest) {
        known.put(key, mode);
      }
    }
    last = mode;
    return mode;
  }
}
