package org.chronovisor.x86;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlannerTest {
  private static final long PC = 0x40_0000;
  private final Planner planner = new Planner();

  private Plan plan(String text) {
    return plan(Mode.CODE64, text, false);
  }

  private Plan plan(Mode mode, String text, boolean check) {
    List<SseAssembler.Line> lines = SseAssembler.assemble(mode, text);
    assertEquals(1, lines.size(), text);
    return planner.plan(lines.get(0).bytes(), mode, PC, check, text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nop | FALL",
        "jmp . | JUMP",
        "call .+5 | JUMP",
        "jz .+2 | BRANCH",
        "jz .+1000 | BRANCH",
        "loop .+2 | BRANCH",
        "jrcxz .+2 | BRANCH",
        "jmp rax | REG",
        "call r11 | REG",
        "jmp rsp | SPECIAL",
        "call [rip+8] | MEM",
        "jmp [rax*8+100] | MEM",
        "jmp fword ptr [rax] | SPECIAL",
        "notrack jmp rdx | REG",
        "ret | RET",
        "ret 8 | RET",
        "repz ret | RET",
        "retf | SPECIAL",
        "rep movsb | REP",
        "repnz scasb | REP",
        "rep stosq | REP",
        "rep insb | REP",
        "rep outsd | REP",
        "movsb | FALL",
        "pause | FALL",
        "iretq | SPECIAL",
        "syscall | SPECIAL",
        "sysretq | SPECIAL",
        "sysenter | SPECIAL",
        "int 0x80 | SPECIAL",
        "int3 | SPECIAL",
        ".byte 0xf1 | SPECIAL",
        "rsm | SPECIAL",
        "vmcall | SPECIAL",
        "vmmcall | SPECIAL",
        "hlt | FALL",
        "ud2 | FALL",
        "xgetbv | FALL",
        "swapgs | FALL",
        "push rax | FALL",
      })
  void endKindFollowsTheEncoding(String text, EndKind kind) {
    assertEquals(kind, plan(text).end());
  }

  @Test
  void directTargetsAreAbsolute() {
    assertEquals(PC, plan("jmp .").target());
    assertEquals(PC - 16, plan("call .-16").target());
    assertEquals(PC + 0x1000, plan("jne .+0x1000").target());
    assertEquals(PC + 9, plan(".byte 0xf2; jmp .+8").target());
    assertEquals(0xffff_f000L, plan(Mode.CODE32, "jmp .-0x401000", false).target());
  }

  @Test
  void registerOfAnIndirectJumpCountsRexB() {
    assertEquals(10, plan("jmp r10").endRegister());
    assertEquals(2, plan(Mode.CODE32, "call edx", false).endRegister());
  }

  @Test
  void sixteenBitJumpsHaveNoComputableTarget() {
    // jmp rel16 in 32-bit code
    byte[] bytes = {0x66, (byte) 0xe9, 0, 0};
    assertEquals(EndKind.SPECIAL, planner.plan(bytes, Mode.CODE32, PC, false, "").end());
    // In 64-bit code QEMU ignores the prefix of near branches.
    byte[] call = {0x66, (byte) 0xe8, 1, 0, 0, 0};
    Plan plan = planner.plan(call, Mode.CODE64, PC, false, "");
    assertEquals(EndKind.JUMP, plan.end());
    assertEquals(PC + 7, plan.target());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "in al, dx | 0",
        "in eax, 0x40 | 0",
        "rdtsc | 0 2",
        "rdtscp | 0 1 2",
        "cpuid | 0 3 1 2",
        "rdmsr | 0 2",
        "rdrand r9 | 9",
        "rdseed eax | 0",
        "xgetbv | 0 2",
        "rep insw | 7 1",
        "pdep r8, rax, rcx | 8",
        "mulx r8, r9, rcx | 8 9",
        "rorx rdx, rax, 3 | 2",
        "fyl2x | 49 50 51 52 53 54 55 56 57 58",
        "fsin | 49 50 51 52 53 54 55 56 57 58",
        "paddb mm0, mm1 | 49 50 51 52 53 54 55 56 58",
        "pmovmskb ecx, mm1 | 1 49 50 51 52 53 54 55 56 58",
        "aesenc xmm9, xmm1 | 41 48",
        "crc32 ecx, al | 1",
        "mov r8, cr8 | 8",
        "mov rcx, dr7 | 1",
      })
  void unpredictableInstructionsCaptureWhatTheyWrite(String text, String registers) {
    Plan plan = plan(text);
    if (text.startsWith("mov ")
        || text.startsWith("crc32")
        || text.contains("r8, rax")
        || text.startsWith("mulx")
        || text.startsWith("rorx")
        || text.startsWith("xgetbv")) {
      Assumptions.assumeFalse(plan.modelled());
    }
    assertFalse(plan.modelled());
    assertTrue(plan.has(Plan.CAPTURE));
    assertFalse(plan.has(Plan.MONITOR));
    StringBuilder found = new StringBuilder();
    for (byte b : plan.captureRegisters()) {
      found.append(found.isEmpty() ? "" : " ").append(b);
    }
    assertEquals(registers, found.toString());
  }

  @Test
  void instructionsThatWriteMemoryCaptureTheirStores() {
    assertTrue(plan("rep insb").has(Plan.CAPTURE_STORES));
    assertTrue(plan("fbstp [rax]").has(Plan.CAPTURE_STORES));
    assertTrue(plan("movntq [rax], mm1").has(Plan.CAPTURE_STORES));
    assertTrue(plan("xsavec [rax]").has(Plan.CAPTURE_STORES));
  }

  @Test
  void unknownInstructionsTakeTheStateFromTheMonitor() {
    for (String text :
        List.of(
            "vaesenc ymm0, ymm1, ymm2",
            "vpclmulqdq xmm0, xmm1, xmm2, 3",
            "fldenv [rax]",
            "frstor [rax]")) {
      Plan plan = plan(text);
      assertTrue(plan.has(Plan.MONITOR), text);
      assertEquals(0, plan.captureRegisters().length, text);
    }
  }

  @Test
  void outputPortsAreNotified() {
    for (String text : List.of("out dx, al", "out 0x80, al", "out dx, eax")) {
      assertArrayEquals(new byte[] {2, 0}, plan(text).notifyRegisters(), text);
      assertTrue(plan(text).has(Plan.NOTIFY), text);
    }
    Plan wrmsr = plan("wrmsr");
    assertArrayEquals(new byte[] {1, 0, 2}, wrmsr.notifyRegisters());
    assertTrue(wrmsr.has(Plan.FLUSH));
    assertArrayEquals(new byte[] {1, 0, 2}, plan("xsetbv").notifyRegisters());
  }

  @Test
  void changesOfTheAddressSpaceFlush() {
    for (String text :
        List.of(
            "mov cr3, rax",
            "mov cr0, rax",
            "mov cr4, rdx",
            "invlpg [rax]",
            "invpcid rax, [rcx]",
            "lmsw ax")) {
      assertTrue(plan(text).has(Plan.FLUSH), text);
    }
    for (String text : List.of("mov cr8, rax", "mov rax, cr3", "swapgs", "sgdt [rax]", "clts")) {
      assertFalse(plan(text).has(Plan.FLUSH), text);
    }
  }

  @Test
  void sixteenBitCodeHasTheSameModels() {
    byte[] move = {(byte) 0x89, (byte) 0xc8};
    assertTrue(planner.plan(move, Mode.CODE16, PC, false, "mov ax, cx").modelled());
    byte[] jump = {(byte) 0xe9, (byte) 0xfd, (byte) 0xff};
    Plan plan = planner.plan(jump, Mode.CODE16, PC, false, "jmp .");
    assertTrue(plan.modelled());
    assertEquals(EndKind.JUMP, plan.end());
    assertEquals(PC, plan.target());
    byte[] resume = {0x0f, (byte) 0xaa};
    assertTrue(planner.plan(resume, Mode.CODE16, PC, false, "rsm").has(Plan.MONITOR));
  }

  @Test
  void aNewGdtIsTold() {
    byte[] load = {0x0f, 0x01, 0x16, 0x00, 0x10};
    assertTrue(planner.plan(load, Mode.CODE16, PC, false, "lgdt [0x1000]").has(Plan.NOTIFY));
  }

  @Test
  void garbageGetsAPlan() {
    java.util.Random random = new java.util.Random(1);
    for (int i = 0; i < 100_000; i++) {
      byte[] bytes = new byte[1 + random.nextInt(15)];
      random.nextBytes(bytes);
      for (Mode mode : Mode.values()) {
        Plan plan = planner.plan(bytes, mode, PC, (i & 1) != 0, "");
        for (byte b : plan.captureRegisters()) {
          assertTrue(b >= 0 && b < Registers.COUNT);
        }
      }
    }
  }

  @Test
  void everyInstructionOfTheSamplesGetsAPlan() throws IOException {
    Path guests = Path.of("../samples/target/guests");
    Assumptions.assumeTrue(Files.isDirectory(guests), "samples are not built");
    try (var files = Files.list(guests)) {
      for (Path elf : files.filter(f -> f.toString().endsWith(".elf")).sorted().toList()) {
        Map<String, Integer> missing = new TreeMap<>();
        int count = 0;
        int captured = 0;
        for (SseAssembler.Line line : SseAssembler.disassemble(elf)) {
          Plan plan = planner.plan(line.bytes(), Mode.CODE64, line.address(), false, line.text());
          count++;
          if (!plan.modelled()) {
            captured++;
            missing.merge(line.text().split("\\s")[0], 1, Integer::sum);
          }
        }
        assertTrue(count > 100, elf.toString());
        System.out.println(
            elf.getFileName() + ": " + captured + " of " + count + " have no model: " + missing);
      }
    }
  }
}
