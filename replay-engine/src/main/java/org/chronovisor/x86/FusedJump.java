package org.chronovisor.x86;

/**
 * A compare or test of registers and the conditional jump behind it, executed as one. The flags are
 * left as the two would leave them.
 */
abstract class FusedJump extends Insn {
  private final int condition;
  private final long target;

  private FusedJump(int condition, long target) {
    this.condition = condition;
    this.target = target;
  }

  /** Conditions that follow from the operands: all but overflow and parity. */
  static boolean supports(int condition) {
    return (condition & ~1) != 0 && (condition & ~1) != 10;
  }

  final void compare(Cpu cpu, long a, long b, long result) {
    cpu.flagsSub(a, b, result);
    boolean taken =
        switch (condition) {
          case 2 -> Long.compareUnsigned(a, b) < 0;
          case 3 -> Long.compareUnsigned(a, b) >= 0;
          case 4 -> a == b;
          case 5 -> a != b;
          case 6 -> Long.compareUnsigned(a, b) <= 0;
          case 7 -> Long.compareUnsigned(a, b) > 0;
          case 8 -> result < 0;
          case 9 -> result >= 0;
          case 12 -> a < b;
          case 13 -> a >= b;
          case 14 -> a <= b;
          default -> a > b;
        };
    if (taken) {
      cpu.rip = target;
    }
  }

  final void test(Cpu cpu, long result) {
    cpu.flagsLogic(result);
    boolean taken =
        switch (condition) {
          case 2 -> false;
          case 3 -> true;
          case 4, 6 -> result == 0;
          case 5, 7 -> result != 0;
          case 8, 12 -> result < 0;
          case 9, 13 -> result >= 0;
          case 14 -> result <= 0;
          default -> result > 0;
        };
    if (taken) {
      cpu.rip = target;
    }
  }

  static final class CompareRegisters64 extends FusedJump {
    private final int a;
    private final int b;

    CompareRegisters64(int a, int b, int condition, long target) {
      super(condition, target);
      this.a = a;
      this.b = b;
    }

    @Override
    public void execute(Cpu cpu) {
      long a = cpu.r[this.a];
      long b = cpu.r[this.b];
      compare(cpu, a, b, a - b);
    }
  }

  static final class CompareImmediate64 extends FusedJump {
    private final int a;
    private final long b;

    CompareImmediate64(int a, long b, int condition, long target) {
      super(condition, target);
      this.a = a;
      this.b = b;
    }

    @Override
    public void execute(Cpu cpu) {
      long a = cpu.r[this.a];
      compare(cpu, a, b, a - b);
    }
  }

  static final class TestRegisters64 extends FusedJump {
    private final int a;
    private final int b;

    TestRegisters64(int a, int b, int condition, long target) {
      super(condition, target);
      this.a = a;
      this.b = b;
    }

    @Override
    public void execute(Cpu cpu) {
      long a = cpu.r[this.a];
      long b = cpu.r[this.b];
      test(cpu, a & b);
    }
  }

  static final class CompareRegisters32 extends FusedJump {
    private final int a;
    private final int b;

    CompareRegisters32(int a, int b, int condition, long target) {
      super(condition, target);
      this.a = a;
      this.b = b;
    }

    @Override
    public void execute(Cpu cpu) {
      int a = (int) cpu.r[this.a];
      int b = (int) cpu.r[this.b];
      compare(cpu, a, b, a - b);
    }
  }

  static final class CompareImmediate32 extends FusedJump {
    private final int a;
    private final int b;

    CompareImmediate32(int a, int b, int condition, long target) {
      super(condition, target);
      this.a = a;
      this.b = b;
    }

    @Override
    public void execute(Cpu cpu) {
      int a = (int) cpu.r[this.a];
      compare(cpu, a, b, a - b);
    }
  }

  static final class TestRegisters32 extends FusedJump {
    private final int a;
    private final int b;

    TestRegisters32(int a, int b, int condition, long target) {
      super(condition, target);
      this.a = a;
      this.b = b;
    }

    @Override
    public void execute(Cpu cpu) {
      int a = (int) cpu.r[this.a];
      int b = (int) cpu.r[this.b];
      test(cpu, a & b);
    }
  }
}
