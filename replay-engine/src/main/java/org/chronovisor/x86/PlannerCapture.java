package org.chronovisor.x86;

import java.util.Arrays;

/**
 * Collects what the recording must keep of one instruction (register numbers: {@link Registers}).
 */
final class PlannerCapture {
  private int flags;
  private byte[] registers = {};
  private byte[] notified = {};

  int flags() {
    return flags;
  }

  byte[] registers() {
    return registers;
  }

  byte[] notified() {
    return notified;
  }

  boolean isEmpty() {
    return flags == 0;
  }

  private void capture(int... numbers) {
    flags |= Plan.CAPTURE;
    registers = append(registers, numbers);
  }

  private void captureRange(int first, int count) {
    for (int i = 0; i < count; i++) {
      capture(first + i);
    }
  }

  private void notify(int... numbers) {
    flags |= Plan.NOTIFY;
    notified = append(notified, numbers);
  }

  private static byte[] append(byte[] array, int... numbers) {
    byte[] result = Arrays.copyOf(array, array.length + numbers.length);
    for (int i = 0; i < numbers.length; i++) {
      result[array.length + i] = (byte) numbers[i];
    }
    return result;
  }

  /** The whole register state from QEMU's monitor. */
  private void monitor() {
    flags = flags & ~Plan.CAPTURE | Plan.MONITOR | Plan.CAPTURE_STORES;
    registers = new byte[0];
  }

  private void stores() {
    flags |= Plan.CAPTURE_STORES;
  }

  // ---- what every plan tells -----------------------------------------------------------------

  /** Port output, and whatever makes address translations stale. */
  void notifications(PlannerSyntax s) {
    if (s.vex) {
      return;
    }
    int opcode = s.opcode;
    if (s.map == 0) {
      if (opcode == 0xe6 || opcode == 0xe7 || opcode == 0xee || opcode == 0xef) {
        notify(Registers.RDX, Registers.RAX);
      } else if (opcode == 0x6e || opcode == 0x6f) {
        // outs: what goes out is what it loads.
        notify(Registers.RDX);
        flags |= Plan.LOADS;
      }
    } else if (s.map == 1) {
      if (opcode == 0x30) {
        notify(Registers.RCX, Registers.RAX, Registers.RDX);
        flags |= Plan.FLUSH | Plan.WRMSR;
      } else if (opcode == 0x22) {
        int control = s.fields.reg;
        if (control == 0 || control == 3 || control == 4) {
          flags |= Plan.FLUSH;
        }
      } else if (opcode == 0x01) {
        int extension = s.fields.extension();
        // lmsw; invlpg
        if (extension == 2 && s.isMemory()) {
          // lgdt: the recorder learns that selectors may mean something else.
          notify(Registers.RAX);
        } else if (extension == 6 || (extension == 7 && s.isMemory())) {
          flags |= Plan.FLUSH;
        } else if (extension == 7 && !s.isMemory() && (s.fields.rm & 7) == 0) {
          flags |= Plan.SWAPGS;
        } else if (extension == 2 && !s.isMemory() && (s.fields.rm & 7) == 1) {
          // xsetbv: no later look at QEMU shows XCR0.
          notify(Registers.RCX, Registers.RAX, Registers.RDX);
        }
      }
    } else if (s.map == 2 && opcode == 0x82) {
      flags |= Plan.FLUSH;
    }
  }

  // ---- check recording -----------------------------------------------------------------------

  void everything(PlannerSyntax s) {
    // In 32-bit code QEMU's GDB stub has no r8 to r15.
    int count = s.mode == Mode.CODE64 ? 16 : 8;
    captureRange(Registers.RAX, count);
    if (s.isVector() || isControlOfVectors(s)) {
      captureRange(Registers.XMM0, count);
      capture(Registers.MXCSR);
    }
    if (s.isX87() || isRestore(s)) {
      captureRange(Registers.ST0, 8);
      capture(Registers.FCTRL, Registers.FSTAT);
    }
    if (s.mayStore()) {
      stores();
    }
  }

  /** ldmxcsr, stmxcsr and the others of their group. */
  private static boolean isControlOfVectors(PlannerSyntax s) {
    return s.map == 1 && s.opcode == 0xae && s.isMemory();
  }

  /** fxrstor, xrstor. */
  private static boolean isRestore(PlannerSyntax s) {
    return isControlOfVectors(s) && (s.fields.extension() & 3) == 1 && !s.vex;
  }

  // ---- without a model -----------------------------------------------------------------------

  void unmodelled(PlannerSyntax s, EndKind end) {
    if (s.vex || end == EndKind.SPECIAL) {
      monitor();
    } else if (s.isX87()) {
      x87(s);
    } else {
      switch (s.map) {
        case 0 -> oneByte(s, end);
        case 1 -> twoByte(s);
        case 2 -> map2(s);
        default -> map3(s);
      }
    }
    if (s.mayStore()) {
      stores();
    }
  }

  private void oneByte(PlannerSyntax s, EndKind end) {
    switch (s.opcode) {
      case 0xe4, 0xe5, 0xec, 0xed -> capture(Registers.RAX);
      case 0x6c, 0x6d -> capture(Registers.RDI, Registers.RCX);
      case 0x6e, 0x6f -> capture(Registers.RSI, Registers.RCX);
      // Port output changes no register; hlt neither. rax keeps the capture from being empty.
      case 0xe6, 0xe7, 0xee, 0xef, 0xf4 -> capture(Registers.RAX);
      default -> {
        if (end != EndKind.SPECIAL) {
          monitor();
        } else if (s.opcode == 0xcf) {
          // The popped flags are nowhere else.
          monitor();
        }
      }
    }
  }

  private void twoByte(PlannerSyntax s) {
    int rm = s.fields.rm;
    int extension = s.fields.extension();
    boolean memory = s.isMemory();
    switch (s.opcode) {
      case 0x31, 0x32, 0x33 -> capture(Registers.RAX, Registers.RDX);
      case 0xa2 -> capture(Registers.RAX, Registers.RBX, Registers.RCX, Registers.RDX);
      // wrmsr: the notification says all. sysenter and the like end in a transfer.
      case 0x30, 0x05, 0x07, 0x34, 0x35 -> {}
      case 0x01 -> group7(extension, rm, memory);
      // mov from cr, mov from dr
      case 0x20, 0x21 -> capture(rm);
      case 0xc7 -> {
        if (!memory && (extension == 6 || extension == 7)) {
          // rdrand, rdseed, rdpid. PlannerRule knows the flags.
          capture(rm);
        } else if (memory && (extension == 4 || extension == 5)) {
          // xsavec, xsaves
          stores();
        } else {
          monitor();
        }
      }
      case 0xae -> group15(s, extension, rm, memory);
      case 0x18, 0x0d, 0x1f -> capture(Registers.RAX);
      default -> {
        if (s.isVector()) {
          vector(s);
        } else {
          monitor();
        }
      }
    }
  }

  private void group7(int extension, int rm, boolean memory) {
    if (!memory && extension == 7 && rm == 1) {
      // rdtscp
      capture(Registers.RAX, Registers.RCX, Registers.RDX);
    } else if (!memory && extension == 2 && rm == 0) {
      // xgetbv
      capture(Registers.RAX, Registers.RDX);
    } else if (extension == 4) {
      // smsw
      if (memory) {
        stores();
      } else {
        capture(rm);
      }
    } else {
      monitor();
    }
  }

  private void group15(PlannerSyntax s, int extension, int rm, boolean memory) {
    if (memory) {
      switch (extension) {
        // fxsave, stmxcsr, xsave, xsaveopt
        case 0, 3, 4, 6 -> stores();
        // ldmxcsr
        case 2 -> capture(Registers.MXCSR);
        // clflush
        case 7 -> capture(Registers.RAX);
        default -> monitor();
      }
    } else if (s.fields.repeat == 0xf3 && extension < 2) {
      // rdfsbase, rdgsbase
      capture(rm);
    } else if (s.fields.repeat == 0xf3 && extension < 4) {
      // wrfsbase, wrgsbase
      capture(extension == 2 ? Registers.FS_BASE : Registers.GS_BASE);
    } else if (extension >= 5) {
      // fences
      capture(Registers.RAX);
    } else {
      monitor();
    }
  }

  /** Two-byte SSE and MMX opcodes. */
  private void vector(PlannerSyntax s) {
    int reg = s.fields.reg;
    switch (s.opcode) {
      // ucomis, comis
      case 0x2e, 0x2f -> monitor();
      case 0x2a -> {
        if (s.prefix == 0 || s.prefix == 0x66) {
          mmx();
        }
        xmm(reg);
      }
      case 0x2c, 0x2d -> {
        if (s.prefix == 0 || s.prefix == 0x66) {
          mmx();
          capture(Registers.MXCSR);
        } else {
          capture(reg, Registers.MXCSR);
        }
      }
      case 0x50 -> capture(reg);
      case 0xc5, 0xd7 -> {
        capture(reg);
        if (s.prefix == 0) {
          mmx();
        }
      }
      case 0x11, 0x13, 0x17, 0x29, 0x2b, 0xe7 -> destination(s, s.fields.rm);
      case 0x7f -> destination(s, s.fields.rm);
      case 0x7e -> {
        if (s.prefix == 0xf3) {
          xmm(reg);
        } else {
          if (!s.isMemory()) {
            capture(s.fields.rm);
          }
          if (s.prefix == 0) {
            mmx();
          }
        }
      }
      case 0xd6 -> {
        if (s.prefix == 0xf2 || s.prefix == 0xf3) {
          mmx();
        }
        if (s.prefix == 0xf3) {
          xmm(reg);
        } else if (s.prefix == 0x66 && !s.isMemory()) {
          xmm(s.fields.rm);
        }
      }
      case 0xf7 -> {
        if (s.prefix == 0) {
          mmx();
        }
        stores();
      }
      // SSE4a extrq, insertq are before vmread in the same column; shifts name rm.
      case 0x71, 0x72, 0x73 -> destination(s, s.fields.rm);
      default -> {
        if (X87Tags.isMmx(s)) {
          mmx();
        } else {
          xmm(reg);
        }
      }
    }
  }

  /** The operand in ModRM's rm field is written. */
  private void destination(PlannerSyntax s, int rm) {
    if (X87Tags.isMmx(s)) {
      mmx();
    } else if (s.isMemory()) {
      stores();
    } else {
      xmm(rm);
    }
  }

  private void map2(PlannerSyntax s) {
    switch (s.opcode) {
      // ptest writes flags.
      case 0x17 -> monitor();
      case 0xf0, 0xf1 -> {
        if (s.prefix == 0xf2 || s.opcode == 0xf0) {
          // crc32, movbe
          capture(s.fields.reg);
        } else {
          stores();
        }
      }
      // movdir64b, movdiri
      case 0xf8, 0xf9 -> stores();
      default -> {
        if (!s.isVector()) {
          monitor();
        } else if (X87Tags.isMmx(s)) {
          mmx();
        } else {
          xmm(s.fields.reg);
        }
      }
    }
  }

  private void map3(PlannerSyntax s) {
    switch (s.opcode) {
      case 0x14, 0x15, 0x16, 0x17 -> {
        if (s.isMemory()) {
          stores();
        } else {
          capture(s.fields.rm);
        }
      }
      default -> {
        if (X87Tags.isMmx(s)) {
          mmx();
        } else {
          xmm(s.fields.reg);
        }
      }
    }
  }

  private void xmm(int number) {
    capture(Registers.XMM0 + number, Registers.MXCSR);
  }

  /** The eight registers and TOP; {@link X87Tags} knows the tags. */
  private void mmx() {
    captureRange(Registers.ST0, 8);
    capture(Registers.FSTAT);
  }

  private void x87(PlannerSyntax s) {
    if (s.isMemory() && isEnvironmentLoad(s)) {
      // Tags come from memory.
      monitor();
      return;
    }
    captureRange(Registers.ST0, 8);
    capture(Registers.FCTRL, Registers.FSTAT);
    if (s.opcode == 0xdf && !s.isMemory() && s.fields.extension() == 4) {
      capture(Registers.RAX);
    }
  }

  private static boolean isEnvironmentLoad(PlannerSyntax s) {
    // fldenv, frstor
    return s.fields.extension() == 4 && (s.opcode == 0xd9 || s.opcode == 0xdd);
  }
}
