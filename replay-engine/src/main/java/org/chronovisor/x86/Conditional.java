package org.chronovisor.x86;

/** Jcc, one class for each frequent condition. */
abstract class Conditional extends Branches.Transfer {
  final long target;

  private int fusible = -1;

  private Conditional(long target) {
    this.target = target;
  }

  /** The compare before it and this as one, or null. */
  Insn fuse(Insn compare) {
    return fusible < 0 ? null : compare.fusedWith(fusible, target);
  }

  static Conditional create(int condition, long target, long pointer) {
    if (pointer != -1) {
      return new Jcc(condition, target, pointer);
    }
    Conditional jump = create(condition, target);
    jump.fusible = FusedJump.supports(condition) ? condition : -1;
    return jump;
  }

  private static Conditional create(int condition, long target) {
    return switch (condition) {
      case 2 -> new Jb(target);
      case 3 -> new Jae(target);
      case 4 -> new Jz(target);
      case 5 -> new Jnz(target);
      case 6 -> new Jbe(target);
      case 7 -> new Ja(target);
      case 8 -> new Js(target);
      case 9 -> new Jns(target);
      case 12 -> new Jl(target);
      case 13 -> new Jge(target);
      case 14 -> new Jle(target);
      case 15 -> new Jg(target);
      default -> new Jcc(condition, target, -1);
    };
  }

  private static final class Jcc extends Conditional {
    private final int condition;
    private final long pointer;

    Jcc(int condition, long target, long pointer) {
      super(target);
      this.condition = condition;
      this.pointer = pointer;
    }

    @Override
    public void execute(Cpu cpu) {
      if (cpu.condition(condition)) {
        cpu.rip = Branches.offset(cpu, target, pointer);
      }
    }
  }

  private static final class Jb extends Conditional {
    Jb(long target) {
      super(target);
    }

    @Override
    public void execute(Cpu cpu) {
      if (cpu.isBelow()) {
        cpu.rip = target;
      }
    }
  }

  private static final class Jae extends Conditional {
    Jae(long target) {
      super(target);
    }

    @Override
    public void execute(Cpu cpu) {
      if (!cpu.isBelow()) {
        cpu.rip = target;
      }
    }
  }

  private static final class Jz extends Conditional {
    Jz(long target) {
      super(target);
    }

    @Override
    public void execute(Cpu cpu) {
      if (cpu.isZero()) {
        cpu.rip = target;
      }
    }
  }

  private static final class Jnz extends Conditional {
    Jnz(long target) {
      super(target);
    }

    @Override
    public void execute(Cpu cpu) {
      if (!cpu.isZero()) {
        cpu.rip = target;
      }
    }
  }

  private static final class Jbe extends Conditional {
    Jbe(long target) {
      super(target);
    }

    @Override
    public void execute(Cpu cpu) {
      if (cpu.isBelowOrEqual()) {
        cpu.rip = target;
      }
    }
  }

  private static final class Ja extends Conditional {
    Ja(long target) {
      super(target);
    }

    @Override
    public void execute(Cpu cpu) {
      if (!cpu.isBelowOrEqual()) {
        cpu.rip = target;
      }
    }
  }

  private static final class Js extends Conditional {
    Js(long target) {
      super(target);
    }

    @Override
    public void execute(Cpu cpu) {
      if (cpu.isNegative()) {
        cpu.rip = target;
      }
    }
  }

  private static final class Jns extends Conditional {
    Jns(long target) {
      super(target);
    }

    @Override
    public void execute(Cpu cpu) {
      if (!cpu.isNegative()) {
        cpu.rip = target;
      }
    }
  }

  private static final class Jl extends Conditional {
    Jl(long target) {
      super(target);
    }

    @Override
    public void execute(Cpu cpu) {
      if (cpu.isLess()) {
        cpu.rip = target;
      }
    }
  }

  private static final class Jge extends Conditional {
    Jge(long target) {
      super(target);
    }

    @Override
    public void execute(Cpu cpu) {
      if (!cpu.isLess()) {
        cpu.rip = target;
      }
    }
  }

  private static final class Jle extends Conditional {
    Jle(long target) {
      super(target);
    }

    @Override
    public void execute(Cpu cpu) {
      if (cpu.isLessOrEqual()) {
        cpu.rip = target;
      }
    }
  }

  private static final class Jg extends Conditional {
    Jg(long target) {
      super(target);
    }

    @Override
    public void execute(Cpu cpu) {
      if (!cpu.isLessOrEqual()) {
        cpu.rip = target;
      }
    }
  }
}
