package org.chronovisor.x86.lab;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.chronovisor.x86.Mode;

/** Finds what differs between QEMU's result of a case and the model's. */
final class CaseComparison {
  private static final String[] NAMES = {
    "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13",
    "r14", "r15"
  };
  private static final long RESUME_FLAG = 0x1_0000;

  private CaseComparison() {}

  /** Differences, one line each, or "". */
  static String differences(Mode mode, byte[] input, byte[] expected, byte[] found) {
    if (java.util.Arrays.equals(expected, 0, LabLayout.FAULT, found, 0, LabLayout.FAULT)
        && java.util.Arrays.equals(
            expected,
            LabLayout.XMM,
            LabLayout.RECORD_BYTES,
            found,
            LabLayout.XMM,
            LabLayout.RECORD_BYTES)) {
      return "";
    }
    ByteBuffer in = view(input);
    ByteBuffer e = view(expected);
    ByteBuffer f = view(found);
    StringBuilder text = new StringBuilder();
    long mask = mode == Mode.CODE32 ? 0xffff_ffffL : -1;
    for (int i = 0; i < (mode == Mode.CODE32 ? 8 : 16); i++) {
      int at = LabLayout.GENERAL + 8 * i;
      line(text, NAMES[i], in.getLong(at), e.getLong(at) & mask, f.getLong(at) & mask);
    }
    line(
        text,
        "rflags",
        in.getLong(LabLayout.RFLAGS),
        e.getLong(LabLayout.RFLAGS) & ~RESUME_FLAG,
        f.getLong(LabLayout.RFLAGS) & ~RESUME_FLAG);
    line(
        text,
        "mxcsr",
        in.getInt(LabLayout.MXCSR),
        e.getInt(LabLayout.MXCSR),
        f.getInt(LabLayout.MXCSR));
    for (int i = 0; i < 16; i++) {
      int at = LabLayout.XMM + 16 * i;
      line(text, "xmm" + i + " low", in.getLong(at), e.getLong(at), f.getLong(at));
      line(text, "xmm" + i + " high", in.getLong(at + 8), e.getLong(at + 8), f.getLong(at + 8));
      at = LabLayout.UPPER + 16 * i;
      line(text, "ymmh" + i + " low", in.getLong(at), e.getLong(at), f.getLong(at));
      line(text, "ymmh" + i + " high", in.getLong(at + 8), e.getLong(at + 8), f.getLong(at + 8));
    }
    for (int at = LabLayout.BLOCK; at < LabLayout.CASE_BYTES; at += 8) {
      line(
          text,
          "block" + (at - LabLayout.BLOCK - LabLayout.BLOCK_BYTES / 2),
          in.getLong(at),
          e.getLong(at),
          f.getLong(at));
    }
    return text.toString();
  }

  /** The inputs, for a message. */
  static String inputs(byte[] input) {
    ByteBuffer in = view(input);
    StringBuilder text = new StringBuilder("    in:");
    for (int i = 0; i < 16; i++) {
      text.append(String.format(" %s=%x", NAMES[i], in.getLong(LabLayout.GENERAL + 8 * i)));
    }
    text.append(
        String.format(
            " rflags=%x mxcsr=%x", in.getLong(LabLayout.RFLAGS), in.getInt(LabLayout.MXCSR)));
    for (int i = 0; i < 4; i++) {
      int at = LabLayout.XMM + 16 * i;
      int upper = LabLayout.UPPER + 16 * i;
      text.append(
          String.format(
              " ymm%d=%016x:%016x:%016x:%016x",
              i, in.getLong(upper + 8), in.getLong(upper), in.getLong(at + 8), in.getLong(at)));
    }
    int middle = LabLayout.BLOCK + LabLayout.BLOCK_BYTES / 2;
    text.append(String.format(" (rbx)=%016x:%016x", in.getLong(middle + 8), in.getLong(middle)));
    return text.append('\n').toString();
  }

  private static void line(StringBuilder text, String name, long in, long expected, long found) {
    if (expected != found) {
      text.append(String.format("    %s: in %x, QEMU %x, model %x%n", name, in, expected, found));
    }
  }

  private static ByteBuffer view(byte[] record) {
    return ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN);
  }
}
