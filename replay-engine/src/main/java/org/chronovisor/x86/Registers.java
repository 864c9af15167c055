package org.chronovisor.x86;

import java.util.List;

/** Register numbers shared by plans, captures and transfers (docs/ring-protocol.md). */
public final class Registers {
  public static final int RAX = 0;
  public static final int RCX = 1;
  public static final int RDX = 2;
  public static final int RBX = 3;
  public static final int RSP = 4;
  public static final int RBP = 5;
  public static final int RSI = 6;
  public static final int RDI = 7;
  public static final int EFLAGS = 16;
  public static final int ES = 17;
  public static final int CS = 18;
  public static final int SS = 19;
  public static final int DS = 20;
  public static final int FS = 21;
  public static final int GS = 22;
  public static final int FS_BASE = 23;
  public static final int GS_BASE = 24;
  public static final int KERNEL_GS_BASE = 25;
  public static final int CR0 = 26;
  public static final int CR2 = 27;
  public static final int CR3 = 28;
  public static final int CR4 = 29;
  public static final int CR8 = 30;
  public static final int EFER = 31;
  public static final int XMM0 = 32;
  public static final int MXCSR = 48;
  public static final int ST0 = 49;
  public static final int FCTRL = 57;
  public static final int FSTAT = 58;
  public static final int FTAG = 59;

  /** Number of register numbers; every number is in [0, COUNT). */
  public static final int COUNT = 60;

  private static final List<String> NAMES =
      List.of(
          "rax",
          "rcx",
          "rdx",
          "rbx",
          "rsp",
          "rbp",
          "rsi",
          "rdi",
          "r8",
          "r9",
          "r10",
          "r11",
          "r12",
          "r13",
          "r14",
          "r15",
          "eflags",
          "es",
          "cs",
          "ss",
          "ds",
          "fs",
          "gs",
          "fs_base",
          "gs_base",
          "k_gs_base",
          "cr0",
          "cr2",
          "cr3",
          "cr4",
          "cr8",
          "efer",
          "xmm0",
          "xmm1",
          "xmm2",
          "xmm3",
          "xmm4",
          "xmm5",
          "xmm6",
          "xmm7",
          "xmm8",
          "xmm9",
          "xmm10",
          "xmm11",
          "xmm12",
          "xmm13",
          "xmm14",
          "xmm15",
          "mxcsr",
          "st0",
          "st1",
          "st2",
          "st3",
          "st4",
          "st5",
          "st6",
          "st7",
          "fctrl",
          "fstat",
          "ftag");

  private Registers() {}

  /** GDB's name of a register number. */
  public static String name(int register) {
    return NAMES.get(register);
  }

  /** Number of the register with GDB's name, or -1. */
  public static int number(String name) {
    return NAMES.indexOf(name);
  }

  /** True for registers that take two 64-bit words in a record (xmm, st). */
  public static boolean isWide(int register) {
    return (register >= XMM0 && register < MXCSR) || (register >= ST0 && register < FCTRL);
  }
}
