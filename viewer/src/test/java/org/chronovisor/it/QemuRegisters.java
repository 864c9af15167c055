package org.chronovisor.it;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.chronovisor.x86.CpuState;
import org.chronovisor.x86.Segment;

/**
 * A stopped guest's registers as QEMU tells them, twice: the monitor's {@code info registers}
 * (target/i386/cpu-dump.c) and the GDB stub's {@code g} packet (gdb-xml/i386-64bit.xml).
 */
record QemuRegisters(String text, byte[] packet) {
  private static final Pattern NAMED = Pattern.compile("\\b([A-Z][A-Z0-9]*) ?=([0-9a-f]+)");
  private static final Pattern SEGMENT =
      Pattern.compile(
          "(?m)^(ES|CS|SS|DS|FS|GS|LDT|TR) *=([0-9a-f]{4}) ([0-9a-f]+) ([0-9a-f]{8})"
              + " ([0-9a-f]{8})");
  private static final Pattern TABLE =
      Pattern.compile("(?m)^(GDT|IDT)= +([0-9a-f]+) ([0-9a-f]{8})");
  private static final Pattern X87 = Pattern.compile("FPR([0-7])=([0-9a-f]{16}) ([0-9a-f]{4})");
  private static final Pattern XMM = Pattern.compile("XMM([0-9]{2})=([0-9a-f]{16}) ([0-9a-f]{16})");

  private static final List<String> GENERAL =
      List.of(
          "AX", "CX", "DX", "BX", "SP", "BP", "SI", "DI", "8", "9", "10", "11", "12", "13", "14",
          "15", "IP", "FL");
  private static final List<String> SEGMENTS =
      List.of("ES", "CS", "SS", "DS", "FS", "GS", "LDT", "TR");
  private static final List<String> CONTROL = List.of("CR0", "CR2", "CR3", "CR4");

  /** Order of the general registers in the packet as numbers of the encoding order. */
  private static final int[] PACKET_ORDER = {
    0, 3, 1, 2, 6, 7, 5, 4, 8, 9, 10, 11, 12, 13, 14, 15, CpuState.RIP
  };

  static QemuRegisters of(GdbStub stub) throws java.io.IOException {
    return new QemuRegisters(stub.monitor("info registers"), stub.registers());
  }

  /** Where a replayed state differs, one line each. */
  List<String> differences(CpuState state) {
    Differences differences = new Differences();
    boolean code64 = text.contains("RAX=");
    named(state, code64, differences);
    segments(state, differences);
    vectors(state, differences);
    packet(state, differences);
    if (differences.compared < (code64 ? 125 : 110)) {
      throw new IllegalStateException("only " + differences.compared + " values in\n" + text);
    }
    return differences.lines;
  }

  private static final class Differences {
    final List<String> lines = new ArrayList<>();
    int compared;

    void compare(String name, long qemu, long replayed) {
      compared++;
      if (qemu != replayed) {
        lines.add(String.format("%s: QEMU 0x%x, replay 0x%x", name, qemu, replayed));
      }
    }
  }

  private void named(CpuState state, boolean code64, Differences differences) {
    Matcher matcher = NAMED.matcher(text);
    while (matcher.find()) {
      String name = matcher.group(1);
      int word = word(name);
      if (word >= 0) {
        long qemu = Long.parseUnsignedLong(matcher.group(2), 16);
        boolean half = !code64 && word <= CpuState.RFLAGS;
        differences.compare(
            name, qemu, half ? state.words[word] & 0xffff_ffffL : state.words[word]);
      }
    }
  }

  private static int word(String name) {
    if (name.startsWith("R") || name.startsWith("E")) {
      int general = GENERAL.indexOf(name.substring(1));
      if (general >= 0) {
        return general;
      }
    }
    return switch (name) {
      case "CR0" -> CpuState.CR0;
      case "CR2" -> CpuState.CR2;
      case "CR3" -> CpuState.CR3;
      case "CR4" -> CpuState.CR4;
      case "DR0", "DR1", "DR2", "DR3" -> CpuState.DR0 + name.charAt(2) - '0';
      case "DR6" -> CpuState.DR6;
      case "DR7" -> CpuState.DR7;
      case "EFER" -> CpuState.EFER;
      case "FCW" -> CpuState.FCW;
      case "FSW" -> CpuState.FSW;
      case "FTW" -> CpuState.FTW;
      case "MXCSR" -> CpuState.MXCSR;
      default -> -1;
    };
  }

  private void segments(CpuState state, Differences differences) {
    Matcher matcher = SEGMENT.matcher(text);
    while (matcher.find()) {
      String name = matcher.group(1);
      Segment segment = state.segments[SEGMENTS.indexOf(name)];
      differences.compare(name, Long.parseLong(matcher.group(2), 16), segment.selector());
      differences.compare(
          name + " base", Long.parseUnsignedLong(matcher.group(3), 16), segment.base());
      differences.compare(name + " limit", Long.parseLong(matcher.group(4), 16), segment.limit());
      differences.compare(
          name + " flags",
          Long.parseLong(matcher.group(5), 16),
          Integer.toUnsignedLong(segment.attributes()));
    }
    matcher = TABLE.matcher(text);
    while (matcher.find()) {
      int word = matcher.group(1).equals("GDT") ? CpuState.GDT_BASE : CpuState.IDT_BASE;
      differences.compare(
          matcher.group(1), Long.parseUnsignedLong(matcher.group(2), 16), state.words[word]);
      differences.compare(
          matcher.group(1) + " limit", Long.parseLong(matcher.group(3), 16), state.words[word + 1]);
    }
  }

  private void vectors(CpuState state, Differences differences) {
    Matcher matcher = X87.matcher(text);
    while (matcher.find()) {
      int i = Integer.parseInt(matcher.group(1));
      differences.compare(
          "st" + i, Long.parseUnsignedLong(matcher.group(2), 16), state.stMantissa[i]);
      differences.compare(
          "st" + i + " exponent", Long.parseLong(matcher.group(3), 16), state.stExponent[i]);
    }
    matcher = XMM.matcher(text);
    while (matcher.find()) {
      int i = Integer.parseInt(matcher.group(1));
      differences.compare(
          "xmm" + i + " high", Long.parseUnsignedLong(matcher.group(2), 16), state.xmmHigh[i]);
      differences.compare(
          "xmm" + i + " low", Long.parseUnsignedLong(matcher.group(3), 16), state.xmmLow[i]);
    }
  }

  private void packet(CpuState state, Differences differences) {
    ByteBuffer in = ByteBuffer.wrap(packet).order(ByteOrder.LITTLE_ENDIAN);
    for (int word : PACKET_ORDER) {
      differences.compare("gdb's " + CpuState.wordName(word), in.getLong(), state.words[word]);
    }
    differences.compare("gdb's eflags", in.getInt() & 0xffff_ffffL, state.words[CpuState.RFLAGS]);
    for (int segment : new int[] {1, 2, 3, 0, 4, 5}) {
      differences.compare(
          "gdb's " + CpuState.segmentName(segment),
          in.getInt(),
          state.segments[segment].selector());
    }
    differences.compare("gdb's fs_base", in.getLong(), state.segments[4].base());
    differences.compare("gdb's gs_base", in.getLong(), state.segments[5].base());
    differences.compare("gdb's k_gs_base", in.getLong(), state.words[CpuState.KERNEL_GS_BASE]);
    for (String name : CONTROL) {
      differences.compare("gdb's " + name, in.getLong(), state.words[word(name)]);
    }
    differences.compare("gdb's cr8", in.getLong(), state.words[CpuState.CR8]);
    differences.compare("gdb's efer", in.getLong(), state.words[CpuState.EFER]);
  }
}
