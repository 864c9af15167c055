package org.chronovisor.x86;

/** Fast models of shifts of 32- and 64-bit registers by a constant that is not zero. */
final class FastShifts {
  private FastShifts() {}

  /** The fast model of a shift by ModRM's reg field, or null when it has none. */
  static Insn create(int operation, Operand.Register register, int count) {
    int number = register.number;
    if (register.size == 8) {
      return switch (operation) {
        case 4, 6 -> new Shl64(number, count);
        case 5 -> new Shr64(number, count);
        case 7 -> new Sar64(number, count);
        default -> null;
      };
    }
    if (register.size == 4) {
      return switch (operation) {
        case 4, 6 -> new Shl32(number, count);
        case 5 -> new Shr32(number, count);
        case 7 -> new Sar32(number, count);
        default -> null;
      };
    }
    return null;
  }

  private static final class Shl64 extends Insn {
    private final int number;
    private final int count;

    Shl64(int number, int count) {
      this.number = number;
      this.count = count;
    }

    @Override
    public void execute(Cpu cpu) {
      long last = cpu.r[number] << (count - 1);
      long result = last << 1;
      int carry = (int) (last >>> 63);
      cpu.r[number] = result;
      cpu.flagsResult(result, (last ^ result) < 0 ? carry | Flags.OF : carry);
    }
  }

  private static final class Shl32 extends Insn {
    private final int number;
    private final int count;

    Shl32(int number, int count) {
      this.number = number;
      this.count = count;
    }

    @Override
    public void execute(Cpu cpu) {
      int last = (int) cpu.r[number] << (count - 1);
      int result = last << 1;
      int carry = last >>> 31;
      cpu.r[number] = result & 0xffff_ffffL;
      cpu.flagsResult(result, (last ^ result) < 0 ? carry | Flags.OF : carry);
    }
  }

  private static final class Shr64 extends Insn {
    private final int number;
    private final int count;

    Shr64(int number, int count) {
      this.number = number;
      this.count = count;
    }

    @Override
    public void execute(Cpu cpu) {
      long last = cpu.r[number] >>> (count - 1);
      long result = last >>> 1;
      int carry = (int) (last & 1);
      cpu.r[number] = result;
      cpu.flagsResult(result, (last ^ result) < 0 ? carry | Flags.OF : carry);
    }
  }

  private static final class Shr32 extends Insn {
    private final int number;
    private final int count;

    Shr32(int number, int count) {
      this.number = number;
      this.count = count;
    }

    @Override
    public void execute(Cpu cpu) {
      int last = (int) cpu.r[number] >>> (count - 1);
      int result = last >>> 1;
      int carry = last & 1;
      cpu.r[number] = result & 0xffff_ffffL;
      cpu.flagsResult(result, (last ^ result) < 0 ? carry | Flags.OF : carry);
    }
  }

  private static final class Sar64 extends Insn {
    private final int number;
    private final int count;

    Sar64(int number, int count) {
      this.number = number;
      this.count = count;
    }

    @Override
    public void execute(Cpu cpu) {
      long last = cpu.r[number] >> (count - 1);
      long result = last >> 1;
      int carry = (int) (last & 1);
      cpu.r[number] = result;
      cpu.flagsResult(result, carry);
    }
  }

  private static final class Sar32 extends Insn {
    private final int number;
    private final int count;

    Sar32(int number, int count) {
      this.number = number;
      this.count = count;
    }

    @Override
    public void execute(Cpu cpu) {
      int last = (int) cpu.r[number] >> (count - 1);
      int result = last >> 1;
      int carry = last & 1;
      cpu.r[number] = result & 0xffff_ffffL;
      cpu.flagsResult(result, carry);
    }
  }
}
