package org.chronovisor.x86;

/**
 * What a captured instruction changes beyond what a capture can hold: x87 tags and arithmetic
 * flags, neither of which QEMU's GDB stub shows.
 */
final class PlannerRule {
  private static final int NO_FLAGS = -1;

  private final byte[] bytes;
  private final PlannerSyntax syntax;
  private final boolean tags;
  private final boolean random;
  private final boolean compare;
  private final boolean restore;

  /** Sets the same flags, or null. */
  private final LegacyTwin twin;

  private int flags;
  private int status;
  private int restoredTags;

  private PlannerRule(byte[] bytes, PlannerSyntax s) {
    this.bytes = bytes;
    syntax = s;
    tags = X87Tags.concerns(s);
    random = isRandom(s);
    compare = isCompare(s);
    restore = X87Tags.isRestore(s);
    twin = LegacyTwin.of(bytes, s);
  }

  /** The rule for an instruction, or null when its capture says all. */
  static PlannerRule of(byte[] bytes, Mode mode, Plan plan) {
    if (plan.modelled()) {
      return null;
    }
    try {
      PlannerSyntax s = PlannerSyntax.of(bytes, 0, mode);
      PlannerRule rule = new PlannerRule(bytes, s);
      // The monitor shows everything but flags.
      boolean needed = plan.has(Plan.MONITOR) ? rule.setsFlags() : rule.isNeeded();
      return needed ? rule : null;
    } catch (DecodeContext.NoMoreBytes e) {
      return null;
    }
  }

  private boolean isNeeded() {
    return tags || restore || setsFlags();
  }

  /** rdrand and rdseed. */
  private static boolean isRandom(PlannerSyntax s) {
    return s.map == 1
        && s.opcode == 0xc7
        && !s.isMemory()
        && (s.fields.extension() == 6 || (s.fields.extension() == 7 && s.fields.repeat != 0xf3));
  }

  /** fcomi, fucomi and their popping forms. */
  private static boolean isCompare(PlannerSyntax s) {
    return s.isX87()
        && (s.opcode == 0xdb || s.opcode == 0xdf)
        && !s.isMemory()
        && (s.fields.extension() == 5 || s.fields.extension() == 6);
  }

  boolean setsFlags() {
    return random || compare || twin != null;
  }

  /** To be called before the captured registers are set, with the instruction's address. */
  void before(Cpu cpu, long pc) {
    status = cpu.fsw;
    if (restore) {
      restoredTags = X87Tags.restored(PlannerSyntax.of(bytes, pc, syntax.mode), cpu);
    }
    flags = compare ? X87Compare.flags(cpu, syntax.fields.rm & 7) : NO_FLAGS;
    if (random) {
      // QEMU 10.0: success (it never fails on Linux) sets CF and clears the other five.
      flags = Flags.CF;
    }
    if (twin != null) {
      flags = twin.flags(cpu, pc);
    }
  }

  /** To be called after the captured registers were set. */
  void after(Cpu cpu) {
    if (tags) {
      cpu.ftw = X87Tags.after(syntax, cpu.ftw, status, cpu.fsw);
    }
    if (restore) {
      cpu.ftw = restoredTags;
    }
    if (flags != NO_FLAGS) {
      cpu.flagsExplicit(flags);
    }
  }
}
