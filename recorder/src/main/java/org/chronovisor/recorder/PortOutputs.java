package org.chronovisor.recorder;

import org.chronovisor.trace.PortOutput;
import org.chronovisor.x86.Mode;

/** Reads {@code out} instructions (Intel SDM vol. 2, OUT) from their bytes and registers. */
final class PortOutputs {
  private PortOutputs() {}

  /**
   * The output of an instruction, or null when it is no {@code out} with a register operand.
   *
   * @param rax its value
   * @param rdx its value
   */
  static PortOutput of(long position, byte[] bytes, Mode mode, long rax, long rdx) {
    boolean operandSize = false;
    int at = 0;
    while (at < bytes.length && isPrefix(bytes[at] & 0xff, mode)) {
      operandSize |= bytes[at] == 0x66;
      at++;
    }
    if (at == bytes.length) {
      return null;
    }
    int opcode = bytes[at] & 0xff;
    int size = (opcode & 1) == 0 ? 1 : (mode == Mode.CODE16) != operandSize ? 2 : 4;
    int port;
    if (opcode == 0xe6 || opcode == 0xe7) {
      if (at + 1 >= bytes.length) {
        return null;
      }
      port = bytes[at + 1] & 0xff;
    } else if (opcode == 0xee || opcode == 0xef) {
      port = (int) rdx & 0xffff;
    } else {
      return null;
    }
    long value = size == 4 ? rax & 0xffffffffL : rax & ((1L << (8 * size)) - 1);
    return new PortOutput(position, port, size, value);
  }

  private static boolean isPrefix(int b, Mode mode) {
    return switch (b) {
      case 0x66, 0x67, 0x2e, 0x36, 0x3e, 0x26, 0x64, 0x65, 0xf0, 0xf2, 0xf3 -> true;
      default -> mode == Mode.CODE64 && b >= 0x40 && b <= 0x4f;
    };
  }
}
