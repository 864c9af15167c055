package org.chronovisor.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.chronovisor.x86.CpuState;

/** All registers of a CPU under GDB's names, in GDB's order, as hexadecimal strings. */
final class RegisterView {
  private static final List<String> GENERAL =
      List.of(
          "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12",
          "r13", "r14", "r15", "rip", "eflags");
  private static final int[] SEGMENTS = {1, 2, 3, 0, 4, 5}; // cs ss ds es fs gs
  private static final int FS = 4;
  private static final int GS = 5;
  private static final String FLAGS = "c.p.a.zstido..n";

  private RegisterView() {}

  static Map<String, String> all(CpuState cpu) {
    Map<String, String> map = new LinkedHashMap<>();
    for (String name : GENERAL) {
      map.put(name, Json.hex(word(cpu, name)));
    }
    for (int segment : SEGMENTS) {
      map.put(CpuState.segmentName(segment), Json.hex(cpu.segments[segment].selector()));
    }
    map.put("fs_base", Json.hex(cpu.segments[FS].base()));
    map.put("gs_base", Json.hex(cpu.segments[GS].base()));
    map.put("k_gs_base", Json.hex(cpu.words[CpuState.KERNEL_GS_BASE]));
    for (int i = CpuState.CR0; i <= CpuState.EFER; i++) {
      map.put(CpuState.wordName(i), Json.hex(cpu.words[i]));
    }
    for (int i = 0; i < 8; i++) {
      int st = cpu.physical(i);
      map.put(
          "st" + i, String.format("0x%04x%016x", cpu.stExponent[st] & 0xffff, cpu.stMantissa[st]));
    }
    for (int i = CpuState.FCW; i <= CpuState.FTW; i++) {
      map.put(CpuState.wordName(i), Json.hex(cpu.words[i]));
    }
    for (int i = 0; i < 16; i++) {
      map.put("xmm" + i, String.format("0x%016x%016x", cpu.xmmHigh[i], cpu.xmmLow[i]));
    }
    for (int i = 0; i < 16; i++) {
      map.put("ymm" + i + "h", String.format("0x%016x%016x", cpu.ymmhHigh[i], cpu.ymmhLow[i]));
    }
    map.put("mxcsr", Json.hex(cpu.words[CpuState.MXCSR]));
    map.put("ldtr", Json.hex(cpu.segments[CpuState.LDTR].selector()));
    map.put("tr", Json.hex(cpu.segments[CpuState.TR].selector()));
    for (int i = CpuState.GDT_BASE; i < CpuState.FCW; i++) {
      if (i != CpuState.KERNEL_GS_BASE) {
        map.put(CpuState.wordName(i), Json.hex(cpu.words[i]));
      }
    }
    map.put("xcr0", Json.hex(cpu.words[CpuState.XCR0]));
    return map;
  }

  private static long word(CpuState cpu, String name) {
    for (int i = 0; i < CpuState.WORDS; i++) {
      if (CpuState.wordName(i).equals(name)) {
        return cpu.words[i];
      }
    }
    throw new IllegalArgumentException(name);
  }

  /** The flags that are set, by letter: {@code c p a z s t i d o n}. */
  static String flags(long eflags) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < FLAGS.length(); i++) {
      char letter = FLAGS.charAt(i);
      if (letter != '.' && (eflags >>> i & 1) != 0) {
        text.append(text.length() == 0 ? "" : " ").append(letter).append('f');
      }
    }
    return text.toString();
  }

  /**
   * A table for people.
   *
   * @param before registers to compare with, whose changes get a {@code *}; may be null
   * @param full vector, x87 and system registers too
   */
  static String table(CpuState cpu, CpuState before, boolean full) {
    Map<String, String> now = all(cpu);
    Map<String, String> old = before == null ? now : all(before);
    StringBuilder out = new StringBuilder();
    int column = 0;
    for (Map.Entry<String, String> entry : now.entrySet()) {
      String name = entry.getKey();
      boolean wide = name.matches("[xy]mm.*|st[0-7]");
      if (!full && !GENERAL.contains(name)) {
        continue;
      }
      String mark = entry.getValue().equals(old.get(name)) ? " " : "*";
      String cell = String.format("%s%-9s %-19s", mark, name, entry.getValue());
      if (name.equals("eflags")) {
        cell += "[" + flags(cpu.words[CpuState.RFLAGS]) + "]";
      }
      out.append(cell.stripTrailing());
      column++;
      if (column == 3 || wide || name.equals("eflags")) {
        out.append(System.lineSeparator());
        column = 0;
      } else {
        out.append(" ".repeat(Math.max(1, 31 - cell.stripTrailing().length())));
      }
    }
    String text = out.toString().stripTrailing();
    return text + System.lineSeparator();
  }
}
