package org.chronovisor.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.chronovisor.memory.PhysicalMemory;
import org.chronovisor.memory.RamRegion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class X87RulesTest {
  private static final long PC = 0x40_0000;

  private final Cpu cpu =
      new Cpu(new Mmu(new PhysicalMemory(List.of(new RamRegion(0, 1 << 20, 0)))));

  private byte[] encoding(String text) {
    return SseAssembler.assemble(Mode.CODE64, text).get(0).bytes();
  }

  /** Runs an unmodelled instruction whose capture changes only the status word. */
  private void run(String text, int statusAfter) {
    byte[] bytes = encoding(text);
    Plan plan = new Planner().plan(bytes, Mode.CODE64, PC, false, text);
    CapturedInsn insn = new CapturedInsn(plan, null, bytes, Mode.CODE64);
    insn.place(PC, bytes.length);
    cpu.setCaptureSink((i, c) -> c.fsw = statusAfter);
    insn.execute(cpu);
  }

  @ParameterizedTest
  @CsvSource({
    // instruction, tags and TOP before, TOP after, tags after
    "fyl2x, 0xc0, 6, 7, 0x80",
    "fsin, 0x80, 7, 7, 0x80",
    "fsincos, 0x80, 7, 6, 0xc0",
    "fptan, 0x80, 7, 6, 0xc0",
    "fptan, 0x80, 7, 7, 0x80",
    "fbld [rax], 0x80, 7, 6, 0xc0",
    "fnsave [rax], 0xc0, 6, 0, 0x00",
    "'paddb mm0, mm1', 0x00, 3, 0, 0xff",
    "'movq2dq xmm0, mm1', 0x00, 3, 0, 0xff",
  })
  void tagsFollowTheStack(String text, String before, int top, int newTop, String after) {
    cpu.ftw = Integer.decode(before);
    cpu.fsw = top << 11;
    run(text, newTop << 11);
    assertEquals(Integer.decode(after), cpu.ftw);
  }

  @Test
  void restoringInstructionsTakeTheirStateFromMemory() {
    cpu.r[Registers.RBX] = 0x1000;
    cpu.xcr0 = 7;
    cpu.mmu.store8(0x1004, 0x3c);
    execute("fxrstor [rbx]");
    assertEquals(0x3c, cpu.ftw);
    cpu.r[Registers.RAX] = 7;
    cpu.xmm[2 * (Cpu.UPPER + 15)] = 5;
    execute("xrstor [rbx]");
    assertEquals(0, cpu.ftw, "XSTATE_BV says initial");
    assertEquals(0, cpu.xmm[2 * (Cpu.UPPER + 15)]);
    cpu.mmu.store64(0x1200, 5);
    cpu.mmu.store64(0x1240 + 16 * 15, 77);
    execute("xrstor [rbx]");
    assertEquals(0x3c, cpu.ftw);
    assertEquals(77, cpu.xmm[2 * (Cpu.UPPER + 15)]);
    cpu.mmu.store8(0x1004, 0x11);
    cpu.r[Registers.RAX] = 2;
    execute("xrstor [rbx]");
    assertEquals(0x3c, cpu.ftw, "x87 not asked for");
  }

  @Test
  void randomNumbersSetCarryOnly() {
    cpu.setRflags(Flags.ARITHMETIC | 2);
    run("rdrand rcx", 0);
    assertEquals(Flags.CF, cpu.arithmeticFlags());
  }

  @ParameterizedTest
  @CsvSource({
    // exponent and mantissa of st(0), of st(1), flags
    "0x3fff, 8000000000000000, 0x3fff, 8000000000000000, 0x40",
    "0x3fff, 8000000000000000, 0x4000, 8000000000000000, 0x01",
    "0xbfff, 8000000000000000, 0x3fff, 8000000000000000, 0x01",
    "0xbfff, 8000000000000000, 0xc000, 8000000000000000, 0x00",
    "0x0000, 0000000000000000, 0x8000, 0000000000000000, 0x40",
    "0x0000, 0000000000000000, 0xbfff, 8000000000000000, 0x00",
    "0x0000, 0000000000000001, 0x0000, 0000000000000002, 0x01",
    "0x7fff, 8000000000000000, 0x7ffe, ffffffffffffffff, 0x00",
    "0x7fff, c000000000000000, 0x3fff, 8000000000000000, 0x45",
    "0x3fff, 4000000000000000, 0x3fff, 8000000000000000, 0x45",
  })
  void compareSetsFlags(String e0, String m0, String e1, String m1, String flags) {
    cpu.stExponent[6] = Integer.decode(e0);
    cpu.stMantissa[6] = Long.parseUnsignedLong(m0, 16);
    cpu.stExponent[7] = Integer.decode(e1);
    cpu.stMantissa[7] = Long.parseUnsignedLong(m1, 16);
    for (boolean keeps : new boolean[] {true, false}) {
      cpu.fsw = 6 << 11;
      cpu.comparisonKeepsFlags = keeps;
      cpu.setRflags(Flags.SF | Flags.CF | 2);
      execute("fucomip st, st(1)");
      assertEquals(7, cpu.fsw >> 11 & 7);
      assertEquals(Integer.decode(flags) | (keeps ? Flags.SF : 0), cpu.arithmeticFlags());
    }
  }

  @Test
  void controlInstructionsAreModelled() {
    for (String text :
        List.of(
            "fnstcw [rax]",
            "fldcw [rax]",
            "fnstsw ax",
            "fnstsw [rax]",
            "fninit",
            "fnclex",
            "fwait",
            "emms")) {
      byte[] bytes = encoding(text);
      Insn insn = Decoder.decode(bytes, 0, bytes.length, PC, Mode.CODE64);
      assertEquals(bytes.length, insn.length(), text);
    }
    cpu.fcw = 0x27f;
    cpu.fsw = 0x3881;
    cpu.r[Registers.RAX] = -1;
    execute("fnstsw ax");
    assertEquals(0xffff_ffff_ffff_3881L, cpu.r[Registers.RAX]);
    execute("fnclex");
    assertEquals(0x3800, cpu.fsw);
    cpu.r[Registers.RAX] = 0x1000;
    execute("fnstcw [rax]");
    execute("fninit");
    assertEquals(0x37f, cpu.fcw);
    assertEquals(0, cpu.fsw);
    execute("fldcw [rax]");
    assertEquals(0x27f, cpu.fcw);
  }

  private void execute(String text) {
    byte[] bytes = encoding(text);
    Decoder.decode(bytes, 0, bytes.length, PC, Mode.CODE64).execute(cpu);
  }
}
