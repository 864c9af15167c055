package org.chronovisor.x86;

/**
 * A VEX prefix (Intel SDM vol. 2, 2.3.5).
 *
 * @param map as the opcode maps: 1 for 0F, 2 for 0F 38, 3 for 0F 3A
 * @param prefix the mandatory prefix it stands for: 0, 0x66, 0xf2 or 0xf3
 * @param register register named by vvvv
 * @param wide VEX.L: 256 bits
 * @param w VEX.W, in 32-bit mode, too
 */
record Vex(int map, int prefix, int register, boolean wide, boolean w) {
  private static final int THREE_BYTES = 0xc4;

  /**
   * C4 and C5 are VEX prefixes; outside 64-bit mode only where LES and LDS would name a register.
   */
  static boolean isNext(DecodeContext c) {
    return c.is64() || (c.peek() & 0xc0) == 0xc0;
  }

  /**
   * Reads the prefix behind its first byte, and leaves what it says about registers as a REX
   * prefix.
   *
   * @param form C4 or C5
   */
  static Vex read(DecodeContext c, int form) {
    int first = c.u8();
    int last = first;
    int map = 1;
    int rex = (~first & 0x80) >> 5;
    if (form == THREE_BYTES) {
      map = first & 31;
      rex = (~first & 0xe0) >> 5;
      last = c.u8();
      rex |= (last & 0x80) >> 4;
    }
    c.rex = c.is64() ? 0x40 | rex : 0;
    int prefix =
        switch (last & 3) {
          case 1 -> 0x66;
          case 2 -> 0xf3;
          case 3 -> 0xf2;
          default -> 0;
        };
    int register = (~last >> 3) & (c.is64() ? 15 : 7);
    return new Vex(map, prefix, register, (last & 4) != 0, (rex & 8) != 0);
  }

  /** Instructions that use no such register demand all ones in vvvv, which is inverted. */
  boolean hasNoRegister() {
    return register == 0;
  }
}
