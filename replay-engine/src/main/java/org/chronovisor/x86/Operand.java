package org.chronovisor.x86;

/** A register, memory or immediate operand of 1, 2, 4 or 8 bytes. */
abstract class Operand {
  final int size;

  private Operand(int size) {
    this.size = size;
  }

  /** Its value, sign-extended. */
  abstract long load(Cpu cpu);

  /** Its value, zero-extended. */
  final long loadUnsigned(Cpu cpu) {
    return load(cpu) & mask(size);
  }

  /** Stores the low bits; a 32-bit register is zero-extended. */
  abstract void store(Cpu cpu, long value);

  /** Its value with the bits above its size as QEMU holds them: a register's own, else zero. */
  long loadRaw(Cpu cpu) {
    return loadUnsigned(cpu);
  }

  static long mask(int size) {
    return -1L >>> (64 - 8 * size);
  }

  /** Sign-extends a value of {@code size} bytes. */
  static long extend(long value, int size) {
    int shift = 64 - 8 * size;
    return value << shift >> shift;
  }

  static Operand register(int number, int size, boolean rex) {
    return switch (size) {
      case 1 -> number >= 4 && !rex ? new Byte(number - 4, 8) : new Byte(number, 0);
      case 2 -> new Word(number);
      case 4 -> new Doubleword(number);
      default -> new Quadword(number);
    };
  }

  static Operand memory(Address address, int size) {
    return new Memory(address, size);
  }

  static Operand immediate(long value, int size) {
    return new Immediate(value, size);
  }

  /** A general register or part of it. */
  abstract static class Register extends Operand {
    final int number;

    private Register(int number, int size) {
      super(size);
      this.number = number;
    }

    /** Position of its lowest bit in the 64-bit register. */
    int shift() {
      return 0;
    }

    @Override
    final long loadRaw(Cpu cpu) {
      return cpu.r[number] >>> shift();
    }
  }

  static final class Byte extends Register {
    private final int shift;

    private Byte(int number, int shift) {
      super(number, 1);
      this.shift = shift;
    }

    /** 8 for ah, ch, dh, bh. */
    @Override
    int shift() {
      return shift;
    }

    @Override
    long load(Cpu cpu) {
      return (byte) (cpu.r[number] >> shift);
    }

    @Override
    void store(Cpu cpu, long value) {
      cpu.r[number] = cpu.r[number] & ~(0xffL << shift) | (value & 0xff) << shift;
    }
  }

  static final class Word extends Register {
    private Word(int number) {
      super(number, 2);
    }

    @Override
    long load(Cpu cpu) {
      return (short) cpu.r[number];
    }

    @Override
    void store(Cpu cpu, long value) {
      cpu.r[number] = cpu.r[number] & ~0xffffL | value & 0xffff;
    }
  }

  static final class Doubleword extends Register {
    private Doubleword(int number) {
      super(number, 4);
    }

    @Override
    long load(Cpu cpu) {
      return (int) cpu.r[number];
    }

    @Override
    void store(Cpu cpu, long value) {
      cpu.r[number] = value & 0xffff_ffffL;
    }
  }

  static final class Quadword extends Register {
    private Quadword(int number) {
      super(number, 8);
    }

    @Override
    long load(Cpu cpu) {
      return cpu.r[number];
    }

    @Override
    void store(Cpu cpu, long value) {
      cpu.r[number] = value;
    }
  }

  static final class Memory extends Operand {
    final Address address;

    private Memory(Address address, int size) {
      super(size);
      this.address = address;
    }

    @Override
    long load(Cpu cpu) {
      return load(cpu.mmu, address.linear(cpu), size);
    }

    @Override
    void store(Cpu cpu, long value) {
      store(cpu.mmu, address.linear(cpu), size, value);
    }

    /** Sign-extended value at a linear address. */
    static long load(Mmu mmu, long linear, int size) {
      return switch (size) {
        case 1 -> (byte) mmu.load8(linear);
        case 2 -> (short) mmu.load16(linear);
        case 4 -> mmu.load32(linear);
        default -> mmu.load64(linear);
      };
    }

    static void store(Mmu mmu, long linear, int size, long value) {
      switch (size) {
        case 1 -> mmu.store8(linear, (int) value);
        case 2 -> mmu.store16(linear, (int) value);
        case 4 -> mmu.store32(linear, (int) value);
        default -> mmu.store64(linear, value);
      }
    }
  }

  static final class Immediate extends Operand {
    final long value;

    private Immediate(long value, int size) {
      super(size);
      this.value = extend(value, size);
    }

    @Override
    long load(Cpu cpu) {
      return value;
    }

    @Override
    void store(Cpu cpu, long ignored) {
      throw new UnsupportedOperationException();
    }
  }
}
