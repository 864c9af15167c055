package org.chronovisor.x86;

import java.util.List;

/**
 * How QEMU's translator keeps the flags between two instructions of one block, as far as the
 * results of BT, BTS, BTR and BTC depend on it.
 *
 * <p>The flags that these leave undefined are kept by QEMU 10.0 when it knows only the flags
 * themselves (at a block's start, after CLC, rotates ...), but recomputed as if for a shift when it
 * knows the last operation (target/i386/tcg/emit.c.inc, gen_bt_flags; translate.c, gen_prepare_cc).
 * {@link #link} tells each bit test which case it is.
 */
final class FlagsEffect {
  /** Flags are neither written nor brought into another form. */
  static final int KEEP = 0;

  /** QEMU holds plain flag bits afterwards, or does not know their form. */
  static final int EXPLICIT = 1;

  static final int BIT_TEST = 2;

  /** Plus the condition code, 0-15: evaluates a condition. */
  static final int CONDITION = 0x10;

  // Plus the operand size in bytes: writes all flags from a result.
  static final int SUB = 0x20;
  static final int LOGIC = 0x30;
  static final int MUL = 0x40;
  static final int POPCNT = 0x58;
  static final int OTHER = 0x60;

  private static final int SIZE = 0xf;

  private FlagsEffect() {}

  /** Links the instructions of one QEMU block, in order. */
  static void link(List<? extends Insn> block) {
    int state = EXPLICIT;
    for (Insn insn : block) {
      Insn model = insn instanceof CapturedInsn captured ? captured.model() : insn;
      if (model == null) {
        if (((CapturedInsn) insn).setsFlags()) {
          state = EXPLICIT;
        }
        continue;
      }
      int effect = model.flagsEffect();
      if (effect == BIT_TEST) {
        int size = state == EXPLICIT ? 0 : state & SIZE;
        ((BitTests.BitTest) model).setFlagsSize(size);
        state = size == 0 ? EXPLICIT : OTHER + size;
      } else if (effect >= CONDITION && effect < SUB) {
        state = afterCondition(state, (effect - CONDITION) >> 1);
      } else if (effect != KEEP) {
        state = effect;
      }
    }
  }

  /** Some conditions make QEMU compute the flag bits, and it goes on with those. */
  private static int afterCondition(int state, int condition) {
    int kind = state & ~SIZE;
    boolean kept =
        switch (condition) {
          case 0 -> kind == LOGIC || kind == MUL || state == POPCNT;
          case 1, 2, 4 -> true;
          case 5 -> false;
          default -> kind == SUB || kind == LOGIC;
        };
    return kept ? state : EXPLICIT;
  }
}
