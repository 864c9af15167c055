package org.chronovisor.x86;

/**
 * How an instruction becomes JVM bytecode: what it does to flags and memory, and what writes its
 * code.
 */
record Translation(int traits, Body body) {
  /** May change the arithmetic flags. */
  static final int WRITES_FLAGS = 1;

  /** Gives all arithmetic flags new values that do not depend on the old ones. */
  static final int SETS_FLAGS = 2;

  /** Depends on the arithmetic flags, or keeps some of them or all in some case. */
  static final int READS_FLAGS = 4;

  /** May fault before it has changed anything. */
  static final int FAULTS = 8;

  /** May overwrite code, after which the region must be left. */
  static final int STORES = 16;

  /** Ends its block by its own jump code. */
  static final int JUMPS = 32;

  /** May change anything, rip too. */
  static final int ANYTHING = 64;

  /** The model is called, and whatever it may do is expected of it. */
  static final Translation CALL =
      new Translation(
          ANYTHING | WRITES_FLAGS | READS_FLAGS | FAULTS | STORES,
          code -> code.callModel(0xffff, true));

  private static final int SET = WRITES_FLAGS | SETS_FLAGS;

  /** Writes the code of an instruction. */
  interface Body {
    void write(RegionMethod code);
  }

  boolean has(int trait) {
    return (traits & trait) != 0;
  }

  /** Neither uses flags nor writes them. */
  static Translation of(Body body, Operand... operands) {
    return new Translation(access(operands), body);
  }

  /** Gives all flags new values. */
  static Translation settingFlags(Body body, Operand... operands) {
    return new Translation(access(operands) | SET, body);
  }

  /** Uses flags without changing them. */
  static Translation readingFlags(Body body, Operand... operands) {
    return new Translation(access(operands) | READS_FLAGS, body);
  }

  /** Changes flags, and needs the old ones. */
  static Translation changingFlags(Body body, Operand... operands) {
    return new Translation(access(operands) | READS_FLAGS | WRITES_FLAGS, body);
  }

  /** Ends the block. */
  static Translation jump(int traits, Body body) {
    return new Translation(traits | JUMPS, body);
  }

  /**
   * The model is called; it is known to write no other general registers than some, and to leave
   * the flags alone.
   *
   * @param registers bit i: register i
   */
  static Translation calling(int registers, boolean stores) {
    return new Translation(
        stores ? FAULTS | STORES : FAULTS, code -> code.callModel(registers, false));
  }

  /** The same for a model that gives all flags new values. */
  static Translation callingForFlags() {
    return new Translation(FAULTS | SET, code -> code.callModel(0, false));
  }

  private static int access(Operand... operands) {
    for (Operand operand : operands) {
      if (operand instanceof Operand.Memory) {
        return FAULTS | STORES;
      }
    }
    return 0;
  }
}
