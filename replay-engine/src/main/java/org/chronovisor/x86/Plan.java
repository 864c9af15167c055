package org.chronovisor.x86;

import java.util.Arrays;

/**
 * What recording asks of one instruction encoding: modelled by the replay, or captured after it.
 *
 * <p>A pure function of the instruction's bytes and mode, except {@code target}, the absolute
 * address of a direct jump, branch or call (0 when there is none).
 *
 * @param modelled the replay executes it; captures of a modelled instruction are checks
 * @param flags the plugin's plan flags, {@link #CAPTURE} and so on
 * @param captureRegisters numbers of {@link Registers} read after it retires, in order
 * @param notifyRegisters numbers of registers reported to the recorder after it retires, in order
 * @param end how the block ends when this is its last instruction
 * @param endRegister the register of {@link EndKind#REG}; {@link #IRET} for one, which is special
 */
public record Plan(
    boolean modelled,
    int flags,
    byte[] captureRegisters,
    byte[] notifyRegisters,
    EndKind end,
    int endRegister,
    long target) {
  /** The end register that tells an IRET from other special instructions. */
  public static final int IRET = 1;

  public static final int CAPTURE = 1;
  public static final int CAPTURE_STORES = 2;
  public static final int NOTIFY = 4;
  public static final int FLUSH = 8;
  public static final int MONITOR = 16;

  /** The values it loads are reported to the recorder. */
  public static final int LOADS = 32;

  /** swapgs: kernel_gs_base becomes gs_base. */
  public static final int SWAPGS = 64;

  /** wrmsr, which may write kernel_gs_base. */
  public static final int WRMSR = 128;

  private static final byte[] NONE = {};

  /** A modelled instruction that the plugin need not look at. */
  public static final Plan MODELLED = new Plan(true, 0, NONE, NONE, EndKind.FALL, 0, 0);

  public boolean has(int flag) {
    return (flags & flag) != 0;
  }

  @Override
  public boolean equals(Object other) {
    return other == this || other instanceof Plan p && matches(p);
  }

  private boolean matches(Plan p) {
    return modelled == p.modelled
        && flags == p.flags
        && Arrays.equals(captureRegisters, p.captureRegisters)
        && Arrays.equals(notifyRegisters, p.notifyRegisters)
        && end == p.end
        && endRegister == p.endRegister
        && target == p.target;
  }

  @Override
  public int hashCode() {
    return flags * 31 + Arrays.hashCode(captureRegisters) + end.hashCode();
  }
}
