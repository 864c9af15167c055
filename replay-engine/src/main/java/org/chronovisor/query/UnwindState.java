package org.chronovisor.query;

import java.util.OptionalLong;
import org.chronovisor.symbols.dwarf.MachineView;
import org.chronovisor.x86.CpuState;

/** The general registers of one frame, as far as they are known, by encoding number. */
final class UnwindState {
  static final int RSP = 4;
  static final int RBP = 5;

  /** Encoding numbers by DWARF number (System V psABI for AMD64, figure 3.36). */
  private static final int[] FROM_DWARF = {0, 2, 1, 3, 6, 7, 5, 4, 8, 9, 10, 11, 12, 13, 14, 15};

  /** Preserved by functions: rbx, rbp, r12 to r15 (psABI 3.2.1). */
  private static final int SAVED_WIDE = 1 << 3 | 1 << RBP | 0xf << 12;

  /** Preserved by functions of 32 bits: ebx, ebp, esi, edi. */
  private static final int SAVED_NARROW = 1 << 3 | 1 << RBP | 1 << 6 | 1 << 7;

  private final long[] values = new long[16];
  private int known;

  /** Linear address of the next instruction, or the return address. */
  long pc;

  /** Nothing was called at {@code pc}: it is where the code goes on, or would have begun. */
  boolean exact;

  /** A CPU's registers. */
  static UnwindState of(CpuState cpu, long pc) {
    UnwindState state = new UnwindState();
    for (int i = 0; i < 16; i++) {
      state.set(i, cpu.words[i]);
    }
    state.pc = pc;
    state.exact = true;
    return state;
  }

  /** A caller that has, until more is known, the registers that its callee preserves. */
  UnwindState caller(boolean wide) {
    UnwindState state = new UnwindState();
    int saved = wide ? SAVED_WIDE : SAVED_NARROW;
    for (int i = 0; i < 16; i++) {
      if ((saved >>> i & 1) != 0 && isKnown(i)) {
        state.set(i, values[i]);
      }
    }
    return state;
  }

  /** Address by which the function is found: a call may be its last instruction. */
  long lookup() {
    return exact ? pc : pc - 1;
  }

  boolean isKnown(int register) {
    return (known >>> register & 1) != 0;
  }

  long get(int register) {
    return values[register];
  }

  void set(int register, long value) {
    values[register] = value;
    known |= 1 << register;
  }

  void forget(int register) {
    known &= ~(1 << register);
  }

  /** Encoding number of a DWARF register, or -1 when it is no general one. */
  static int encoding(int dwarf, boolean wide) {
    if (dwarf < 0 || dwarf >= (wide ? 16 : 8)) {
      return -1;
    }
    // i386 numbers are the encoding's own.
    return wide ? FROM_DWARF[dwarf] : dwarf;
  }

  /** What DWARF expressions look at. */
  MachineView view(StackMemory memory, boolean wide) {
    return new MachineView() {
      @Override
      public OptionalLong register(int number) {
        int encoding = encoding(number, wide);
        return encoding >= 0 && isKnown(encoding)
            ? OptionalLong.of(get(encoding))
            : OptionalLong.empty();
      }

      @Override
      public OptionalLong memory(long address, int size) {
        return memory.value(address, size);
      }
    };
  }
}
