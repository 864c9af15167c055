package org.chronovisor.x86;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Every architectural register of one x86-64 CPU as plain data: a keyframe's registers.
 *
 * <p>Encoded in {@link #BYTES} bytes, little endian, in the order of {@link #encode}: words[{@link
 * #WORDS}] of 64 bits (see the constants), 8 segments of {selector u32, attributes u32, base u64,
 * limit u64} in the order es cs ss ds fs gs ldtr tr, 8 x87 registers of {mantissa u64, sign and
 * exponent u64}, 16 xmm registers of {low u64, high u64}, the same for the upper halves of the ymm
 * registers.
 */
public final class CpuState {
  /** Words 0-15 are the general registers in encoding order. */
  public static final int RIP = 16;

  public static final int RFLAGS = 17;
  public static final int CR0 = 18;
  public static final int CR2 = 19;
  public static final int CR3 = 20;
  public static final int CR4 = 21;
  public static final int CR8 = 22;
  public static final int EFER = 23;
  public static final int GDT_BASE = 24;
  public static final int GDT_LIMIT = 25;
  public static final int IDT_BASE = 26;
  public static final int IDT_LIMIT = 27;

  /** DR0-DR3, DR6, DR7 are words 28-33. */
  public static final int DR0 = 28;

  public static final int DR6 = 32;
  public static final int DR7 = 33;
  public static final int KERNEL_GS_BASE = 34;
  public static final int STAR = 35;
  public static final int LSTAR = 36;
  public static final int CSTAR = 37;
  public static final int SFMASK = 38;
  public static final int SYSENTER_CS = 39;
  public static final int SYSENTER_ESP = 40;
  public static final int SYSENTER_EIP = 41;
  public static final int TSC_AUX = 42;
  public static final int PAT = 43;
  public static final int FCW = 44;
  public static final int FSW = 45;

  /** Abridged tag word as FXSAVE stores it: bit i set = physical register i is not empty. */
  public static final int FTW = 46;

  public static final int MXCSR = 47;
  public static final int XCR0 = 48;
  public static final int WORDS = 49;

  public static final int SEGMENTS = 8;
  public static final int LDTR = 6;
  public static final int TR = 7;
  public static final int BYTES = WORDS * 8 + SEGMENTS * 24 + 8 * 16 + 2 * 16 * 16;

  /** In XCR0: the state of SSE and AVX is switched on. */
  private static final long AVX_STATE = 6;

  private static final List<String> WORD_NAMES =
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
          "rip",
          "eflags",
          "cr0",
          "cr2",
          "cr3",
          "cr4",
          "cr8",
          "efer",
          "gdt_base",
          "gdt_limit",
          "idt_base",
          "idt_limit",
          "dr0",
          "dr1",
          "dr2",
          "dr3",
          "dr6",
          "dr7",
          "k_gs_base",
          "star",
          "lstar",
          "cstar",
          "sfmask",
          "sysenter_cs",
          "sysenter_esp",
          "sysenter_eip",
          "tsc_aux",
          "pat",
          "fctrl",
          "fstat",
          "ftag",
          "mxcsr",
          "xcr0");
  private static final List<String> SEGMENT_NAMES =
      List.of("es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr");

  public final long[] words = new long[WORDS];
  public final Segment[] segments = new Segment[SEGMENTS];

  /** By physical number, whatever TOP says: see {@link #physical}. */
  public final long[] stMantissa = new long[8];

  public final long[] stExponent = new long[8];
  public final long[] xmmLow = new long[16];
  public final long[] xmmHigh = new long[16];

  /** Bits 128 to 191 of the ymm registers. */
  public final long[] ymmhLow = new long[16];

  /** Bits 192 to 255 of the ymm registers. */
  public final long[] ymmhHigh = new long[16];

  public CpuState() {
    Arrays.fill(segments, Segment.NULL);
  }

  /** A copy that shares nothing. */
  /** The physical number of st(i): bits 11 to 13 of the status word are TOP. */
  public int physical(int i) {
    return (int) (words[FSW] >> 11) + i & 7;
  }

  public CpuState copy() {
    ByteBuffer buffer = ByteBuffer.allocate(BYTES);
    encode(buffer);
    return decode(buffer.flip());
  }

  /**
   * True when AVX is switched on. While it is not, nothing changes the upper halves of the ymm
   * registers, and QEMU's monitor does not show them.
   */
  public boolean hasAvx() {
    return (words[XCR0] & AVX_STATE) == AVX_STATE;
  }

  /** Name of a word as GDB (or, where GDB has none, the SDM) calls it. */
  public static String wordName(int word) {
    return WORD_NAMES.get(word);
  }

  /** Name of a segment register. */
  public static String segmentName(int segment) {
    return SEGMENT_NAMES.get(segment);
  }

  /** Writes {@link #BYTES} bytes. The buffer's order is set to little endian. */
  public void encode(ByteBuffer out) {
    out.order(java.nio.ByteOrder.LITTLE_ENDIAN);
    for (long word : words) {
      out.putLong(word);
    }
    for (Segment s : segments) {
      out.putInt(s.selector()).putInt(s.attributes()).putLong(s.base()).putLong(s.limit());
    }
    for (int i = 0; i < 8; i++) {
      out.putLong(stMantissa[i]).putLong(stExponent[i]);
    }
    for (int i = 0; i < 16; i++) {
      out.putLong(xmmLow[i]).putLong(xmmHigh[i]);
    }
    for (int i = 0; i < 16; i++) {
      out.putLong(ymmhLow[i]).putLong(ymmhHigh[i]);
    }
  }

  /** Reads {@link #BYTES} bytes. The buffer's order is set to little endian. */
  public static CpuState decode(ByteBuffer in) {
    in.order(java.nio.ByteOrder.LITTLE_ENDIAN);
    CpuState state = new CpuState();
    for (int i = 0; i < WORDS; i++) {
      state.words[i] = in.getLong();
    }
    for (int i = 0; i < SEGMENTS; i++) {
      int selector = in.getInt();
      int attributes = in.getInt();
      state.segments[i] = new Segment(selector, in.getLong(), in.getLong(), attributes);
    }
    for (int i = 0; i < 8; i++) {
      state.stMantissa[i] = in.getLong();
      state.stExponent[i] = in.getLong();
    }
    for (int i = 0; i < 16; i++) {
      state.xmmLow[i] = in.getLong();
      state.xmmHigh[i] = in.getLong();
    }
    for (int i = 0; i < 16; i++) {
      state.ymmhLow[i] = in.getLong();
      state.ymmhHigh[i] = in.getLong();
    }
    return state;
  }

  /** A register that differs between two states, values in hexadecimal. */
  public record Difference(String register, String expected, String found) {}

  /**
   * Differences of {@code found} from this state, empty when equal. Upper halves of ymm registers
   * count only while AVX is switched on.
   */
  public List<Difference> differences(CpuState found) {
    List<Difference> list = new ArrayList<>();
    for (int i = 0; i < WORDS; i++) {
      if (words[i] != found.words[i]) {
        list.add(difference(wordName(i), words[i], found.words[i]));
      }
    }
    for (int i = 0; i < SEGMENTS; i++) {
      if (!segments[i].equals(found.segments[i])) {
        list.add(
            new Difference(segmentName(i), segments[i].toString(), found.segments[i].toString()));
      }
    }
    for (int i = 0; i < 8; i++) {
      if (stMantissa[i] != found.stMantissa[i] || stExponent[i] != found.stExponent[i]) {
        list.add(
            new Difference(
                "fpr" + i,
                Long.toHexString(stExponent[i]) + ":" + Long.toHexString(stMantissa[i]),
                Long.toHexString(found.stExponent[i])
                    + ":"
                    + Long.toHexString(found.stMantissa[i])));
      }
    }
    differences(list, "xmm%d", xmmHigh, xmmLow, found.xmmHigh, found.xmmLow);
    if (hasAvx()) {
      differences(list, "ymm%dh", ymmhHigh, ymmhLow, found.ymmhHigh, found.ymmhLow);
    }
    return list;
  }

  private static Difference difference(String name, long expected, long found) {
    return new Difference(name, "0x" + Long.toHexString(expected), "0x" + Long.toHexString(found));
  }

  private static void differences(
      List<Difference> list,
      String name,
      long[] high,
      long[] low,
      long[] foundHigh,
      long[] foundLow) {
    for (int i = 0; i < 16; i++) {
      if (low[i] != foundLow[i] || high[i] != foundHigh[i]) {
        list.add(
            new Difference(
                String.format(name, i),
                hex128(high[i], low[i]),
                hex128(foundHigh[i], foundLow[i])));
      }
    }
  }

  private static String hex128(long high, long low) {
    return String.format("0x%016x%016x", high, low);
  }
}
