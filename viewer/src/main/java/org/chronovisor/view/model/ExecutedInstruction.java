package org.chronovisor.view.model;

import java.util.List;
import org.chronovisor.query.InstructionView;

/**
 * An instruction of the path.
 *
 * @param position its number
 * @param effects registers it changed, as they were
 * @param delivered behind it the CPU delivered an interrupt or exception
 * @param executed before the position shown; the others are still to come
 */
public record ExecutedInstruction(
    long position,
    InstructionView view,
    List<Effect> effects,
    boolean delivered,
    boolean executed) {
  public ExecutedInstruction {
    effects = List.copyOf(effects);
  }
}
