package org.chronovisor.x86;

/** CLC, STC, CMC, CLD, STD, CLI, STI, LAHF, SAHF and SALC. */
final class FlagInsns {
  private static final int RAX = 0;
  private static final int LOW = Flags.SF | Flags.ZF | Flags.AF | Flags.PF | Flags.CF;

  private FlagInsns() {}

  static void register(OpcodeTable one) {
    one.put(0x9e, (c, opcode) -> flags(c, FlagInsns::sahf));
    one.put(0x9f, (c, opcode) -> flags(c, FlagInsns::lahf));
    one.put(0xd6, (c, opcode) -> c.is64() ? null : new Simple(FlagInsns::salc));
    one.put(0xf5, (c, opcode) -> flags(c, FlagInsns::cmc));
    one.put(0xf8, (c, opcode) -> flags(c, FlagInsns::clc));
    one.put(0xf9, (c, opcode) -> flags(c, FlagInsns::stc));
    one.put(0xfa, (c, opcode) -> new Simple(FlagInsns::cli));
    one.put(0xfb, (c, opcode) -> new Simple(FlagInsns::sti, true));
    one.put(0xfc, (c, opcode) -> new Simple(cpu -> cpu.direction = 1));
    one.put(0xfd, (c, opcode) -> new Simple(cpu -> cpu.direction = -1));
  }

  /** An instruction after which QEMU holds plain flag bits. */
  private static Insn flags(DecodeContext c, Simple.Effect effect) {
    c.flagsEffect = FlagsEffect.EXPLICIT;
    return new Simple(effect);
  }

  private static void sahf(Cpu cpu) {
    int ah = (int) (cpu.r[RAX] >> 8);
    cpu.flagsExplicit(cpu.arithmeticFlags() & Flags.OF | ah & LOW);
  }

  private static void lahf(Cpu cpu) {
    long flags = cpu.arithmeticFlags() & LOW | 2;
    cpu.r[RAX] = cpu.r[RAX] & ~0xff00L | flags << 8;
  }

  private static void salc(Cpu cpu) {
    cpu.r[RAX] = cpu.r[RAX] & ~0xffL | (cpu.carry() != 0 ? 0xff : 0);
  }

  private static void cmc(Cpu cpu) {
    cpu.flagsExplicit(cpu.arithmeticFlags() ^ Flags.CF);
  }

  private static void clc(Cpu cpu) {
    cpu.flagsExplicit(cpu.arithmeticFlags() & ~Flags.CF);
  }

  private static void stc(Cpu cpu) {
    cpu.flagsExplicit(cpu.arithmeticFlags() | Flags.CF);
  }

  private static void cli(Cpu cpu) {
    cpu.systemFlags &= ~Flags.IF;
  }

  private static void sti(Cpu cpu) {
    cpu.systemFlags |= Flags.IF;
  }
}
