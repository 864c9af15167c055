package org.chronovisor.x86;

/**
 * What a captured instruction changes beyond what a capture can hold: x87 tags and arithmetic
 * flags, neither of which QEMU's GDB stub shows.
 */
final class PlannerRule {
  private static final int NO_FLAGS = -1;

  private final PlannerSyntax syntax;
  private final boolean tags;
  private final boolean random;

  private int flags;
  private int status;

  private PlannerRule(PlannerSyntax s) {
    syntax = s;
    tags = X87Tags.concerns(s);
    random = isRandom(s);
  }

  /** The rule for an instruction, or null when its capture says all. */
  static PlannerRule of(byte[] bytes, Mode mode, Plan plan) {
    if (plan.modelled()) {
      return null;
    }
    try {
      PlannerSyntax s = PlannerSyntax.of(bytes, 0, mode);
      PlannerRule rule = new PlannerRule(s);
      // The monitor shows everything but flags.
      boolean needed = plan.has(Plan.MONITOR) ? rule.setsFlags() : rule.isNeeded();
      return needed ? rule : null;
    } catch (DecodeContext.NoMoreBytes e) {
      return null;
    }
  }

  private boolean isNeeded() {
    return tags || setsFlags();
  }

  /** rdrand and rdseed. */
  private static boolean isRandom(PlannerSyntax s) {
    return s.map == 1
        && s.opcode == 0xc7
        && !s.isMemory()
        && (s.fields.extension() == 6 || (s.fields.extension() == 7 && s.fields.repeat != 0xf3));
  }

  boolean setsFlags() {
    return random;
  }

  /** To be called before the captured registers are set. */
  void before(Cpu cpu) {
    status = cpu.fsw;
    // QEMU 10.0: success (it never fails on Linux) sets CF and clears the other five.
    flags = random ? Flags.CF : NO_FLAGS;
  }

  /** To be called after the captured registers were set. */
  void after(Cpu cpu) {
    if (tags) {
      cpu.ftw = X87Tags.after(syntax, cpu.ftw, status, cpu.fsw);
    }
    if (flags != NO_FLAGS) {
      cpu.flagsExplicit(flags);
    }
  }
}
