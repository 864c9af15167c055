package org.chronovisor.recorder;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.chronovisor.x86.CpuState;
import org.chronovisor.x86.Mode;
import org.chronovisor.x86.Segment;

/**
 * What the monitor's {@code info registers} prints (QEMU target/i386/cpu-dump.c), parsed.
 *
 * <p>Not in it: cr8, kernel_gs_base, the other model-specific registers and XCR0. In 16- and 32-bit
 * code only the low halves of the first eight general registers and the first eight xmm registers
 * are; the rest reads as zero.
 *
 * @param state FSW holds TOP; the x87 registers are the physical ones
 * @param widest bits of the widest vector registers shown: 128, 256 (AVX is switched on) or 512
 * @param halted the CPU waits for an interrupt
 */
record MonitorRegisters(CpuState state, int widest, boolean halted) {
  private static final Pattern CPU = Pattern.compile("^CPU#\\d+\\s*$", Pattern.MULTILINE);
  private static final Pattern NAMED = Pattern.compile("\\b([A-Z][A-Z0-9]*) ?=([0-9a-f]+)");
  private static final Pattern SEGMENT =
      Pattern.compile(
          "^(ES|CS|SS|DS|FS|GS|LDT|TR) *=([0-9a-f]{4}) ([0-9a-f]+) ([0-9a-f]{8}) ([0-9a-f]{8})",
          Pattern.MULTILINE);
  private static final Pattern TABLE =
      Pattern.compile("^(GDT|IDT)= +([0-9a-f]+) ([0-9a-f]{8})", Pattern.MULTILINE);
  private static final Pattern X87 = Pattern.compile("FPR([0-7])=([0-9a-f]{16}) ([0-9a-f]{4})");
  private static final Pattern VECTOR =
      Pattern.compile("([XYZ])MM([0-9]{2})=((?:[0-9a-f]{16} ?)+)");

  private static final List<String> SEGMENTS =
      List.of("ES", "CS", "SS", "DS", "FS", "GS", "LDT", "TR");
  private static final String[] GENERAL = {"AX", "CX", "DX", "BX", "SP", "BP", "SI", "DI"};

  /** Parses the text for all vCPUs ({@code info registers -a}), in order. */
  static List<MonitorRegisters> parseAll(String text) {
    List<MonitorRegisters> all = new ArrayList<>();
    for (String one : CPU.split(text)) {
      if (!one.isBlank()) {
        all.add(parse(one));
      }
    }
    require(!all.isEmpty(), "vCPU");
    return all;
  }

  /** Linear address of the next instruction. */
  long linearPc() {
    return state.words[CpuState.RIP] + (mode(state) == Mode.CODE64 ? 0 : state.segments[1].base());
  }

  /** Parses the text for one CPU. */
  static MonitorRegisters parse(String text) {
    Map<String, Long> named = new HashMap<>();
    Matcher matcher = NAMED.matcher(text);
    while (matcher.find()) {
      named.putIfAbsent(matcher.group(1), Long.parseUnsignedLong(matcher.group(2), 16));
    }
    CpuState state = new CpuState();
    String prefix = named.containsKey("RAX") ? "R" : "E";
    for (int i = 0; i < 8; i++) {
      state.words[i] = get(named, prefix + GENERAL[i]);
    }
    for (int i = 8; i < 16; i++) {
      state.words[i] = prefix.equals("R") ? get(named, "R" + i) : 0;
    }
    state.words[CpuState.RIP] = get(named, prefix + "IP");
    state.words[CpuState.RFLAGS] = get(named, prefix + "FL");
    state.words[CpuState.CR0] = get(named, "CR0");
    state.words[CpuState.CR2] = get(named, "CR2");
    state.words[CpuState.CR3] = get(named, "CR3");
    state.words[CpuState.CR4] = get(named, "CR4");
    state.words[CpuState.EFER] = get(named, "EFER");
    for (int i = 0; i < 4; i++) {
      state.words[CpuState.DR0 + i] = get(named, "DR" + i);
    }
    state.words[CpuState.DR6] = get(named, "DR6");
    state.words[CpuState.DR7] = get(named, "DR7");
    state.words[CpuState.FCW] = get(named, "FCW");
    state.words[CpuState.FSW] = get(named, "FSW");
    state.words[CpuState.FTW] = get(named, "FTW");
    state.words[CpuState.MXCSR] = get(named, "MXCSR");
    segments(text, state);
    tables(text, state);
    matcher = X87.matcher(text);
    while (matcher.find()) {
      int i = Integer.parseInt(matcher.group(1));
      state.stMantissa[i] = Long.parseUnsignedLong(matcher.group(2), 16);
      state.stExponent[i] = Long.parseUnsignedLong(matcher.group(3), 16);
    }
    int widest = vectors(text, state);
    return new MonitorRegisters(state, widest, named.getOrDefault("HLT", 0L) != 0);
  }

  private static void segments(String text, CpuState state) {
    Matcher matcher = SEGMENT.matcher(text);
    int found = 0;
    while (matcher.find()) {
      state.segments[SEGMENTS.indexOf(matcher.group(1))] =
          new Segment(
              Integer.parseInt(matcher.group(2), 16),
              Long.parseUnsignedLong(matcher.group(3), 16),
              Long.parseUnsignedLong(matcher.group(4), 16),
              Integer.parseUnsignedInt(matcher.group(5), 16));
      found++;
    }
    require(found >= SEGMENTS.size(), "segments");
  }

  private static void tables(String text, CpuState state) {
    Matcher matcher = TABLE.matcher(text);
    int found = 0;
    while (matcher.find()) {
      int word = matcher.group(1).equals("GDT") ? CpuState.GDT_BASE : CpuState.IDT_BASE;
      state.words[word] = Long.parseUnsignedLong(matcher.group(2), 16);
      state.words[word + 1] = Long.parseUnsignedLong(matcher.group(3), 16);
      found++;
    }
    require(found >= 2, "descriptor tables");
  }

  private static int vectors(String text, CpuState state) {
    Matcher matcher = VECTOR.matcher(text);
    int widest = 0;
    while (matcher.find()) {
      int i = Integer.parseInt(matcher.group(2));
      String[] quads = matcher.group(3).trim().split(" ");
      int last = quads.length - 1;
      widest = Math.max(widest, 64 * quads.length);
      if (i < 16 && last >= 1) {
        state.xmmHigh[i] = Long.parseUnsignedLong(quads[last - 1], 16);
        state.xmmLow[i] = Long.parseUnsignedLong(quads[last], 16);
      }
      if (i < 16 && last >= 3) {
        state.ymmhHigh[i] = Long.parseUnsignedLong(quads[last - 3], 16);
        state.ymmhLow[i] = Long.parseUnsignedLong(quads[last - 2], 16);
      }
    }
    return widest;
  }

  private static long get(Map<String, Long> named, String name) {
    Long value = named.get(name);
    require(value != null, name);
    return value;
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new RecordException(
          "QEMU's 'info registers' has no " + what + ": this QEMU version is not supported");
    }
  }

  /** How the code at rip is decoded. */
  static Mode mode(CpuState state) {
    Segment cs = state.segments[1];
    if (cs.isLong() && (state.words[CpuState.EFER] & (1 << 10)) != 0) {
      return Mode.CODE64;
    }
    return cs.isDefault32() ? Mode.CODE32 : Mode.CODE16;
  }
}
