package org.chronovisor.x86;

/** An instruction whose effect is in the recording, or whose model is checked against it. */
public final class CapturedInsn extends Insn {
  private final Plan plan;
  private final Insn model;
  private final byte[] bytes;

  /** Null when the capture says all. */
  private final PlannerRule rule;

  /**
   * @param model null when the instruction has no model
   * @param bytes the instruction's bytes
   */
  CapturedInsn(Plan plan, Insn model, byte[] bytes, Mode mode) {
    this.plan = plan;
    this.model = model;
    this.bytes = bytes;
    rule = model == null ? PlannerRule.of(bytes, mode, plan) : null;
  }

  public Plan plan() {
    return plan;
  }

  /** The model that is checked, or null. */
  public Insn model() {
    return model;
  }

  /** Sets the arithmetic flags beside what was captured. */
  boolean setsFlags() {
    return rule != null && rule.setsFlags();
  }

  /** Its encoding. */
  public byte[] bytes() {
    return bytes.clone();
  }

  @Override
  public void execute(Cpu cpu) {
    if (model != null) {
      model.execute(cpu);
    }
    if (rule != null) {
      rule.before(cpu);
    }
    cpu.captureSink.captured(this, cpu);
    if (rule != null) {
      rule.after(cpu);
    }
  }

  @Override
  public boolean isCall() {
    return model != null && model.isCall();
  }

  @Override
  public boolean isReturn() {
    return model != null && model.isReturn();
  }

  @Override
  public boolean endsBlock() {
    // Captures of system instructions may change the mode or the mapping.
    return plan.has(Plan.FLUSH)
        || plan.has(Plan.MONITOR)
        || plan.end() != EndKind.FALL
        || (model != null && model.endsBlock());
  }
}
