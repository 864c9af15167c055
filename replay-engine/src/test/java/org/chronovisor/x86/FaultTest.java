package org.chronovisor.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.chronovisor.memory.PhysicalMemory;
import org.chronovisor.memory.RamRegion;
import org.junit.jupiter.api.Test;

/** A model that cannot complete must leave the CPU as it was. */
class FaultTest {
  private static final int TRIES = 300_000;

  @Test
  void instructionThatFaultsIn64BitModeChangesNothing() {
    faultingInstructionChangesNothing(Mode.CODE64);
  }

  @Test
  void instructionThatFaultsIn32BitModeChangesNothing() {
    faultingInstructionChangesNothing(Mode.CODE32);
  }

  /** Random instructions on a CPU whose page tables map nothing. */
  private static void faultingInstructionChangesNothing(Mode mode) {
    Random random = new Random(1);
    Cpu cpu = new Cpu(new Mmu(new PhysicalMemory(List.of(new RamRegion(0, 4096, 0)))));
    byte[] code = new byte[16];
    int faults = 0;
    for (int i = 0; i < TRIES; i++) {
      random.nextBytes(code);
      Insn insn = Decoder.decode(code, 0, code.length, 0x1000, mode);
      if (insn == null || insn instanceof RepInsn) {
        continue;
      }
      CpuState before = state(mode, random);
      cpu.load(before);
      try {
        insn.execute(cpu);
      } catch (GuestFault e) {
        faults++;
        assertEquals(List.of(), before.differences(cpu.save()), () -> hex(code, insn));
      } catch (RuntimeException e) {
        throw new AssertionError(hex(code, insn), e);
      }
    }
    assertTrue(faults > TRIES / 20, "only " + faults + " faults");
  }

  private static CpuState state(Mode mode, Random random) {
    CpuState state = new CpuState();
    for (int i = 0; i < 16; i++) {
      state.words[i] = mode == Mode.CODE64 ? random.nextLong() : random.nextInt() & 0xffff_ffffL;
    }
    state.words[CpuState.RFLAGS] = 2 | random.nextInt() & (Flags.ARITHMETIC | Flags.DF);
    state.words[CpuState.CR0] = 0x8000_0011L;
    state.words[CpuState.CR4] = 0x20;
    state.words[CpuState.GDT_LIMIT] = 0xffff;
    state.words[CpuState.FCW] = 0x37f;
    state.words[CpuState.MXCSR] = 0x1f80;
    if (mode == Mode.CODE64) {
      state.words[CpuState.EFER] = 0x500;
    }
    int size = mode == Mode.CODE64 ? 0x00af_9b00 : 0x00cf_9b00;
    for (int i = 0; i < 6; i++) {
      state.segments[i] = new Segment(0x10, 0, 0xffff_ffffL, i == 1 ? size : 0x00cf_9300);
    }
    return state;
  }

  private static String hex(byte[] code, Insn insn) {
    return HexFormat.of().formatHex(code, 0, insn.length()) + " " + insn.getClass().getName();
  }
}
