package org.chronovisor.query.origin;

import java.util.List;
import org.chronovisor.query.InstructionView;
import org.chronovisor.query.MemoryBytes;

/**
 * One station of a value on its way, newest first: an instruction that made it or moved it.
 *
 * @param position of the instruction
 * @param place what it wrote, for people
 * @param value what it wrote
 * @param text what it did, one line
 * @param kind how it did it
 * @param alternatives other things the value depends on, with what it takes to follow them
 * @param repeats how often the same instruction had done the same to the place before; 0 in most
 *     cases
 * @param address linear address of the memory it wrote, 0 when it wrote a register
 */
public record Step(
    long position,
    InstructionView instruction,
    String place,
    MemoryBytes value,
    String text,
    Kind kind,
    List<Alternative> alternatives,
    long repeats,
    long address) {
  /** How an instruction made a value. */
  public enum Kind {
    /** Register to register. */
    MOVE,
    LOAD,
    STORE,
    ARITHMETIC,
    CONSTANT,
    /** From outside the program: a port, a device, the CPU's own. */
    INPUT,
    /** Not by an instruction: an interrupt's frame, a device. */
    OUTSIDE
  }

  /**
   * Another thing a value depends on.
   *
   * @param name of the place, for people
   * @param expression of the place for a new question, or null for a constant
   * @param position before which it has this value
   * @param value in hexadecimal
   * @param storedWhole position of the store of all of the value's bytes, these of which are left;
   *     -1 for other things
   */
  public record Alternative(
      String name, String expression, long position, String value, long storedWhole) {
    Alternative(String name, String expression, long position, String value) {
      this(name, expression, position, value, -1);
    }
  }

  public Step {
    alternatives = List.copyOf(alternatives);
  }
}
