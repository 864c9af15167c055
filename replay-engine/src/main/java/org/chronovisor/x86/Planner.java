package org.chronovisor.x86;

/** Plans by encoding: what has a model is replayed, the rest is captured. */
public final class Planner implements InstructionPlanner {
  private static final byte[] NONE = {};

  @Override
  public Plan plan(byte[] bytes, Mode mode, long pc, boolean check, String disassembly) {
    PlannerSyntax syntax;
    PlannerEnd end;
    try {
      syntax = PlannerSyntax.of(bytes, pc, mode);
      end = PlannerEnd.of(syntax);
    } catch (DecodeContext.NoMoreBytes e) {
      return unknown(PlannerEnd.FALL);
    }
    Insn model = Decoder.decode(bytes, 0, bytes.length, pc, mode);
    boolean modelled = model != null && model.length() == bytes.length;
    PlannerCapture capture = new PlannerCapture();
    if (!modelled) {
      capture.unmodelled(syntax, end.kind());
    } else if (check && end.kind() != EndKind.SPECIAL && !isWait(syntax)) {
      capture.everything(syntax);
    }
    capture.notifications(syntax);
    if (modelled && capture.isEmpty() && end.equals(PlannerEnd.FALL)) {
      return Plan.MODELLED;
    }
    return new Plan(
        modelled,
        capture.flags(),
        capture.registers(),
        capture.notified(),
        end.kind(),
        end.register(),
        end.target());
  }

  /** hlt and pause change nothing, and other vCPUs run behind them. */
  private static boolean isWait(PlannerSyntax s) {
    return s.map == 0 && (s.opcode == 0xf4 || (s.opcode == 0x90 && s.fields.repeat == 0xf3));
  }

  private static Plan unknown(PlannerEnd end) {
    return new Plan(
        false,
        Plan.MONITOR | Plan.CAPTURE_STORES,
        NONE,
        NONE,
        end.kind(),
        end.register(),
        end.target());
  }
}
