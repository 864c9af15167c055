package org.chronovisor.x86;

/** Models of SSE and x87 instructions. */
final class SseDecoder {
  private SseDecoder() {}

  /**
   * Decodes an opcode; the context stands behind it (before ModRM).
   *
   * @param map 1 for 0F, 2 for 0F 38, 3 for 0F 3A, 0 for the one-byte x87 opcodes D8-DF and WAIT
   * @return null when there is no model
   */
  static Insn decode(DecodeContext c, int map, int opcode) {
    return null;
  }
}
