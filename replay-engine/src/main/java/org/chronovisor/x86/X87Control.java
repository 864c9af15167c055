package org.chronovisor.x86;

/** x87 instructions that touch control, status and tags but no value (SDM vol. 1, 8.3.10). */
final class X87Control {
  private static final int INITIAL_CONTROL = 0x37f;
  private static final int ERROR_SUMMARY = 0x80;

  private X87Control() {}

  /** Clears control, status and tags. */
  static void initialize(Cpu cpu) {
    cpu.fcw = INITIAL_CONTROL;
    cpu.fsw = 0;
    cpu.ftw = 0;
  }

  /** A status word as it is loaded: B repeats ES (QEMU 10.0, cpu_set_fpus). */
  static int status(int word) {
    return word & 0x7fff | (word & ERROR_SUMMARY) << 8;
  }

  /** Decodes D8-DF and WAIT; the context stands behind the opcode. */
  static Insn decode(DecodeContext c, int opcode) {
    if (opcode == 0x9b) {
      return new SseMoves.Nothing();
    }
    if (opcode < 0xd8 || opcode > 0xdf) {
      return null;
    }
    c.modrm();
    int form = opcode << 4 | c.extension();
    if (c.isMemory()) {
      return switch (form) {
        case 0xd95 -> new LoadControl(c.address());
        case 0xd97 -> new StoreControl(c.address());
        case 0xdd7 -> new StoreStatus(c.address());
        default -> X87Arithmetic.memory(c, opcode);
      };
    }
    int rm = c.rm & 7;
    if (form == 0xdb4) {
      return rm == 2 ? new ClearExceptions() : rm == 3 ? new Initialize() : null;
    }
    if (form == 0xdf4) {
      return rm == 0 ? new StatusToAx() : null;
    }
    if (form == 0xd92) {
      // fnop
      return rm == 0 ? new SseMoves.Nothing() : null;
    }
    return X87Arithmetic.register(c, opcode);
  }

  /** fldcw. */
  private static final class LoadControl extends MemoryInsn {
    LoadControl(Address address) {
      super(address);
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.fcw = cpu.mmu.load16(linear(cpu));
    }
  }

  /** fnstcw. */
  private static final class StoreControl extends MemoryInsn {
    StoreControl(Address address) {
      super(address);
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.mmu.store16(linear(cpu), cpu.fcw);
    }
  }

  /** fnstsw m16. */
  private static final class StoreStatus extends MemoryInsn {
    StoreStatus(Address address) {
      super(address);
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.mmu.store16(linear(cpu), cpu.fsw);
    }
  }

  /** fnstsw ax. */
  private static final class StatusToAx extends Insn {
    @Override
    public void execute(Cpu cpu) {
      cpu.r[Registers.RAX] = cpu.r[Registers.RAX] & ~0xffffL | cpu.fsw & 0xffff;
    }
  }

  /** fninit: the values stay. */
  private static final class Initialize extends Insn {
    @Override
    public void execute(Cpu cpu) {
      initialize(cpu);
    }
  }

  /** fnclex: TOP and the condition codes stay. */
  private static final class ClearExceptions extends Insn {
    @Override
    public void execute(Cpu cpu) {
      cpu.fsw &= 0x7f00;
    }
  }

  /** emms. */
  static final class EmptyTags extends Insn {
    @Override
    public void execute(Cpu cpu) {
      cpu.ftw = 0;
    }
  }
}
