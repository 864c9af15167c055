package org.chronovisor.query;

import java.util.List;

/**
 * One place that an instruction writes, and from what.
 *
 * @param to never a constant
 * @param from what the value is made of; the first is what is copied or extended
 */
public record Effect(Operand to, How how, List<Operand> from) {
  /** How a value comes about. */
  public enum How {
    /** The bytes are taken over as they are. */
    COPY,
    /** The low bytes are taken over, the others are zero or copies of the sign. */
    EXTEND,
    /** The bytes are taken over, or the place keeps what it has ({@code cmov}). */
    SELECT,
    /** Sum of registers and a constant, as {@code lea} computes it. */
    ADDRESS,
    /** Computed from all of {@link #from}, which has the place itself when that is read. */
    ARITHMETIC,
    /** A constant of the instruction, or zero by a register's difference with itself. */
    CONSTANT,
    /** From flags: {@code setcc}. */
    CONDITION,
    /** Read from an I/O port. */
    PORT,
    /** The CPU's own: time stamp, identification, random number, model-specific register. */
    MACHINE,
    /** String instructions: like a copy, once or, with a repeat prefix, many times. */
    STRING
  }

  public Effect {
    from = List.copyOf(from);
  }
}
