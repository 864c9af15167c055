package org.chronovisor.x86;

/**
 * The live registers of one x86-64 CPU, laid out for speed. Not thread-safe.
 *
 * <p>{@link #load} and {@link #save} convert to and from {@link CpuState}.
 */
public final class Cpu {
  /** General registers in encoding order; index 16 stays zero: an absent base or index. */
  public final long[] r = new long[17];

  /**
   * Vector registers in lanes of 128 bits; lane i has its low half at 2 i, its high half at 2 i +
   * 1. Lanes 0-15 are the xmm registers, from {@link #UPPER} on the upper halves of the ymm
   * registers, from {@link #SCRATCH} on what AVX instructions need while they execute.
   */
  public final long[] xmm = new long[72];

  /** Lane of the upper half of ymm0. */
  public static final int UPPER = 16;

  /** The first of four lanes without a register. */
  static final int SCRATCH = 32;

  public final Mmu mmu;

  /**
   * Offset in the code segment. During a block: of what follows it, unless a control transfer has
   * set it.
   */
  public long rip;

  // Pending arithmetic flags, see Flags.
  public int flagsOperation = Flags.EXPLICIT;
  public long flagsA;
  public long flagsB;
  public long flagsResult;

  /** 1 when DF is clear, -1 when it is set. */
  public int direction = 1;

  /** All of rflags but the arithmetic flags and DF; bit 1 is set. */
  public long systemFlags = 2;

  /** es cs ss ds fs gs ldtr tr. Change them by {@link #setSegment}. */
  public final Segment[] segments = new Segment[CpuState.SEGMENTS];

  /**
   * Linear bases of the six segment registers, as memory operands use them (cs ds es ss: 0 in
   * 64-bit mode).
   */
  public final long[] segmentBase = new long[6];

  public long cr0;
  public long cr2;
  public long cr3;
  public long cr4;
  public long cr8;
  public long efer;
  public final long[] debug = new long[6];
  public long gdtBase;
  public long gdtLimit;
  public long idtBase;
  public long idtLimit;
  public long kernelGsBase;
  public long star;
  public long lstar;
  public long cstar;
  public long sfmask;
  public long sysenterCs;
  public long sysenterEsp;
  public long sysenterEip;
  public long tscAux;
  public long pat;
  public long xcr0;
  public int fcw;
  public int fsw;
  public int ftw;
  public int mxcsr;

  /** By physical number: st(i) is register TOP + i, modulo 8. */
  public final long[] stMantissa = new long[8];

  public final long[] stExponent = new long[8];

  /** The recorded CPU has TZCNT (QEMU 10.0: feature abm); else the encoding is BSF's. */
  public boolean hasTzcnt = true;

  /** See {@link QemuFaults#fullTurnClears}. */
  public boolean fullTurnClears;

  /** See {@link QemuFaults#operandPrefixWins}. */
  public boolean operandPrefixWins;

  /** See {@link QemuFaults#comparisonKeepsFlags}. */
  public boolean comparisonKeepsFlags;

  /** The recorded CPU has LZCNT (QEMU 10.0: feature bmi1); else the encoding is BSR's. */
  public boolean hasLzcnt = true;

  CaptureSink captureSink;
  private Mode mode = Mode.CODE32;

  public Cpu(Mmu mmu) {
    this.mmu = mmu;
    java.util.Arrays.fill(segments, Segment.NULL);
  }

  public void setCaptureSink(CaptureSink sink) {
    captureSink = sink;
  }

  public Mode mode() {
    return mode;
  }

  // ---- flags ---------------------------------------------------------------------------------

  public void flagsAdd(long a, long b, long result) {
    flagsOperation = Flags.ADD;
    flagsA = a;
    flagsB = b;
    flagsResult = result;
  }

  public void flagsSub(long a, long b, long result) {
    flagsOperation = Flags.SUB;
    flagsA = a;
    flagsB = b;
    flagsResult = result;
  }

  public void flagsLogic(long result) {
    flagsOperation = Flags.LOGIC;
    flagsResult = result;
  }

  /** SF, ZF, PF from the sign-extended result; {@code carryAuxOverflow} holds CF, AF and OF. */
  public void flagsResult(long result, int carryAuxOverflow) {
    flagsOperation = Flags.RESULT;
    flagsA = carryAuxOverflow;
    flagsResult = result;
  }

  /** Sets all six arithmetic flags. */
  public void flagsExplicit(int flags) {
    flagsOperation = Flags.EXPLICIT;
    flagsA = flags & Flags.ARITHMETIC;
  }

  /** The six arithmetic flags. */
  public int arithmeticFlags() {
    return Flags.compute(flagsOperation, flagsA, flagsB, flagsResult);
  }

  /** CF as 0 or 1. */
  int carry() {
    return switch (flagsOperation) {
      case Flags.ADD -> Long.compareUnsigned(flagsResult, flagsA) < 0 ? 1 : 0;
      case Flags.SUB -> Long.compareUnsigned(flagsA, flagsB) < 0 ? 1 : 0;
      case Flags.LOGIC -> 0;
      default -> (int) flagsA & Flags.CF;
    };
  }

  /** Condition B: CF. */
  boolean isBelow() {
    return flagsOperation == Flags.SUB ? Long.compareUnsigned(flagsA, flagsB) < 0 : carry() != 0;
  }

  /** Condition Z: ZF. */
  boolean isZero() {
    return flagsOperation < Flags.EXPLICIT ? flagsResult == 0 : (flagsA & Flags.ZF) != 0;
  }

  /** Condition S: SF. */
  boolean isNegative() {
    return flagsOperation < Flags.EXPLICIT ? flagsResult < 0 : (flagsA & Flags.SF) != 0;
  }

  /** Condition BE: CF or ZF. */
  boolean isBelowOrEqual() {
    return flagsOperation == Flags.SUB
        ? Long.compareUnsigned(flagsA, flagsB) <= 0
        : isZero() || carry() != 0;
  }

  /** Condition L: SF differs from OF. */
  boolean isLess() {
    return switch (flagsOperation) {
      case Flags.SUB -> flagsA < flagsB;
      case Flags.LOGIC -> flagsResult < 0;
      default -> Flags.test(12, arithmeticFlags());
    };
  }

  /** Condition LE: ZF, or SF differs from OF. */
  boolean isLessOrEqual() {
    return switch (flagsOperation) {
      case Flags.SUB -> flagsA <= flagsB;
      case Flags.LOGIC -> flagsResult <= 0;
      default -> Flags.test(14, arithmeticFlags());
    };
  }

  /** Condition code 0-15 (SDM vol. 1, appendix B). */
  public boolean condition(int code) {
    boolean value =
        switch (code >> 1) {
          case 1 -> isBelow();
          case 2 -> isZero();
          case 3 -> isBelowOrEqual();
          case 4 -> isNegative();
          case 6 -> isLess();
          case 7 -> isLessOrEqual();
          default -> Flags.test(code & ~1, arithmeticFlags());
        };
    return value ^ ((code & 1) != 0);
  }

  public long rflags() {
    return systemFlags | arithmeticFlags() | (direction < 0 ? Flags.DF : 0);
  }

  public void setRflags(long value) {
    flagsExplicit((int) value);
    direction = (value & Flags.DF) != 0 ? -1 : 1;
    systemFlags = (value & ~(Flags.ARITHMETIC | Flags.DF)) | 2;
  }

  /** Current privilege level: as in QEMU, that of the stack segment. */
  int privilege() {
    return (segments[2].attributes() >> 13) & 3;
  }

  // ---- segments and mode ---------------------------------------------------------------------

  /** Sets a segment register with its hidden part; index as in {@link CpuState}. */
  public void setSegment(int index, Segment segment) {
    segments[index] = segment;
    updateMode();
  }

  /**
   * Loads a segment register as MOV does: from the descriptor table, or in real mode from the
   * selector alone.
   *
   * @param index es cs ss ds fs gs
   * @throws GuestFault when the selector names no usable descriptor
   */
  public void loadSegment(int index, int selector) {
    if ((cr0 & 1) == 0 || (systemFlags & Flags.VM) != 0) {
      Segment old = segments[index];
      setSegment(index, new Segment(selector, selector << 4, old.limit(), old.attributes()));
    } else {
      Descriptors.load(this, index, selector);
    }
  }

  /** To be called after a change of cr0, cr3, cr4 or efer: new mode, no cached translations. */
  public void controlChanged() {
    mmu.configure(cr0, cr3, cr4, efer);
    updateMode();
  }

  private void updateMode() {
    Segment cs = segments[1];
    boolean longActive = (efer & 0x400) != 0;
    if (longActive && cs.isLong()) {
      mode = Mode.CODE64;
    } else {
      // In real mode, too: the size stays what the segment's last descriptor said.
      mode = cs.isDefault32() ? Mode.CODE32 : Mode.CODE16;
    }
    for (int i = 0; i < 6; i++) {
      segmentBase[i] = mode == Mode.CODE64 && i < 4 ? 0 : segments[i].base();
    }
  }

  // ---- conversion ----------------------------------------------------------------------------

  public void load(CpuState state) {
    long[] w = state.words;
    System.arraycopy(w, 0, r, 0, 16);
    rip = w[CpuState.RIP];
    setRflags(w[CpuState.RFLAGS]);
    cr0 = w[CpuState.CR0];
    cr2 = w[CpuState.CR2];
    cr3 = w[CpuState.CR3];
    cr4 = w[CpuState.CR4];
    cr8 = w[CpuState.CR8];
    efer = w[CpuState.EFER];
    gdtBase = w[CpuState.GDT_BASE];
    gdtLimit = w[CpuState.GDT_LIMIT];
    idtBase = w[CpuState.IDT_BASE];
    idtLimit = w[CpuState.IDT_LIMIT];
    System.arraycopy(w, CpuState.DR0, debug, 0, 6);
    kernelGsBase = w[CpuState.KERNEL_GS_BASE];
    star = w[CpuState.STAR];
    lstar = w[CpuState.LSTAR];
    cstar = w[CpuState.CSTAR];
    sfmask = w[CpuState.SFMASK];
    sysenterCs = w[CpuState.SYSENTER_CS];
    sysenterEsp = w[CpuState.SYSENTER_ESP];
    sysenterEip = w[CpuState.SYSENTER_EIP];
    tscAux = w[CpuState.TSC_AUX];
    pat = w[CpuState.PAT];
    fcw = (int) w[CpuState.FCW];
    fsw = (int) w[CpuState.FSW];
    ftw = (int) w[CpuState.FTW];
    mxcsr = (int) w[CpuState.MXCSR];
    xcr0 = w[CpuState.XCR0];
    System.arraycopy(state.segments, 0, segments, 0, segments.length);
    for (int i = 0; i < 16; i++) {
      xmm[2 * i] = state.xmmLow[i];
      xmm[2 * i + 1] = state.xmmHigh[i];
      xmm[2 * (UPPER + i)] = state.ymmhLow[i];
      xmm[2 * (UPPER + i) + 1] = state.ymmhHigh[i];
    }
    System.arraycopy(state.stMantissa, 0, stMantissa, 0, 8);
    System.arraycopy(state.stExponent, 0, stExponent, 0, 8);
    controlChanged();
  }

  public CpuState save() {
    CpuState state = new CpuState();
    long[] w = state.words;
    System.arraycopy(r, 0, w, 0, 16);
    w[CpuState.RIP] = rip;
    w[CpuState.RFLAGS] = rflags();
    w[CpuState.CR0] = cr0;
    w[CpuState.CR2] = cr2;
    w[CpuState.CR3] = cr3;
    w[CpuState.CR4] = cr4;
    w[CpuState.CR8] = cr8;
    w[CpuState.EFER] = efer;
    w[CpuState.GDT_BASE] = gdtBase;
    w[CpuState.GDT_LIMIT] = gdtLimit;
    w[CpuState.IDT_BASE] = idtBase;
    w[CpuState.IDT_LIMIT] = idtLimit;
    System.arraycopy(debug, 0, w, CpuState.DR0, 6);
    w[CpuState.KERNEL_GS_BASE] = kernelGsBase;
    w[CpuState.STAR] = star;
    w[CpuState.LSTAR] = lstar;
    w[CpuState.CSTAR] = cstar;
    w[CpuState.SFMASK] = sfmask;
    w[CpuState.SYSENTER_CS] = sysenterCs;
    w[CpuState.SYSENTER_ESP] = sysenterEsp;
    w[CpuState.SYSENTER_EIP] = sysenterEip;
    w[CpuState.TSC_AUX] = tscAux;
    w[CpuState.PAT] = pat;
    w[CpuState.FCW] = fcw;
    w[CpuState.FSW] = fsw;
    w[CpuState.FTW] = ftw;
    w[CpuState.MXCSR] = mxcsr & 0xffff_ffffL;
    w[CpuState.XCR0] = xcr0;
    System.arraycopy(segments, 0, state.segments, 0, segments.length);
    for (int i = 0; i < 16; i++) {
      state.xmmLow[i] = xmm[2 * i];
      state.xmmHigh[i] = xmm[2 * i + 1];
      state.ymmhLow[i] = xmm[2 * (UPPER + i)];
      state.ymmhHigh[i] = xmm[2 * (UPPER + i) + 1];
    }
    System.arraycopy(stMantissa, 0, state.stMantissa, 0, 8);
    System.arraycopy(stExponent, 0, state.stExponent, 0, 8);
    return state;
  }
}
