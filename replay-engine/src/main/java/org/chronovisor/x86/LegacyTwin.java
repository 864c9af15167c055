package org.chronovisor.x86;

import java.util.Arrays;

/**
 * The SSE instruction that sets the same flags as a VEX-encoded one: VPTEST of xmm registers,
 * VUCOMISS, VUCOMISD, VCOMISS and VCOMISD, and the string comparisons VPCMPESTRI and so on.
 */
final class LegacyTwin {
  private final byte[] code;
  private final Mode mode;

  /** How much longer the VEX encoding is; negative when it is shorter. */
  private final int shift;

  private LegacyTwin(byte[] code, Mode mode, int shift) {
    this.code = code;
    this.mode = mode;
    this.shift = shift;
  }

  /** The twin of an instruction, or null when it has none. */
  static LegacyTwin of(byte[] bytes, PlannerSyntax s) {
    boolean compare = s.map == 1 && (s.opcode == 0x2e || s.opcode == 0x2f);
    boolean test = s.map == 2 && s.opcode == 0x17 && !s.wide;
    boolean strings = s.map == 3 && s.opcode >= 0x60 && s.opcode <= 0x63;
    if (!s.vex || !(compare || test || strings)) {
      return null;
    }
    int vex = 0;
    while ((bytes[vex] & 0xfe) != 0xc4) {
      vex++;
    }
    int opcode = vex + ((bytes[vex] & 0xff) == 0xc4 ? 3 : 2);
    byte[] code = new byte[bytes.length + 4];
    // Segment and address size prefixes stay.
    int n = vex;
    System.arraycopy(bytes, 0, code, 0, vex);
    if (s.prefix != 0) {
      code[n++] = (byte) s.prefix;
    }
    if (s.mode == Mode.CODE64) {
      // Not REX.W: VEX.W is ignored in these.
      code[n++] = (byte) (s.fields.rex & ~8);
    }
    code[n++] = 0x0f;
    if (s.map > 1) {
      code[n++] = (byte) (s.map == 2 ? 0x38 : 0x3a);
    }
    int rest = bytes.length - opcode;
    System.arraycopy(bytes, opcode, code, n, rest);
    return new LegacyTwin(Arrays.copyOf(code, n + rest), s.mode, bytes.length - n - rest);
  }

  /**
   * The arithmetic flags that the instruction will leave.
   *
   * @param pc its address
   */
  int flags(Cpu cpu, long pc) {
    // Ends where the other ends: operands may be relative to that.
    Insn insn = Decoder.decode(code, 0, code.length, pc + shift, mode);
    int mxcsr = cpu.mxcsr;
    insn.execute(cpu);
    cpu.mxcsr = mxcsr;
    return cpu.arithmeticFlags();
  }
}
