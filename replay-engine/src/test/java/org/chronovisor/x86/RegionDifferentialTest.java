package org.chronovisor.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.chronovisor.memory.Page;
import org.chronovisor.memory.PhysicalMemory;
import org.chronovisor.memory.RamRegion;
import org.junit.jupiter.api.Test;

/** Compiled code leaves the same machine as the interpreter wherever it is stopped. */
class RegionDifferentialTest {
  private static final int PROGRAMS = Integer.getInteger("chronovisor.test.programs", 300);
  private static final int INSTRUCTIONS = 6 * PROGRAMS;
  private static final int STATES = 24;
  private static final int LONGEST = 3_000;
  private static final long CODE = 0x4000;
  private static final int RAM = 0x10000;
  private static final long[] EDGES = {
    0,
    1,
    -1,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0x8000,
    0x7fff_ffff,
    0x8000_0000L,
    0xffff_ffffL,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  /** One of the two machines that are compared. */
  private static final class Machine {
    final PhysicalMemory memory = new PhysicalMemory(List.of(new RamRegion(0, RAM, 0)));
    final Mmu mmu = new Mmu(memory);
    final Cpu cpu = new Cpu(mmu);
    final Interpreter interpreter = new Interpreter(cpu, new PlanTable());
    RuntimeException failure;

    Machine(byte[] code, CpuState state, RegionOptions options) {
      interpreter.setRegionOptions(options);
      byte[] ram = new byte[RAM];
      new Random(1).nextBytes(ram);
      System.arraycopy(code, 0, ram, (int) CODE, code.length);
      for (int i = 0; i < RAM; i += Page.SIZE) {
        System.arraycopy(ram, i, memory.page(i / Page.SIZE).bytes, 0, Page.SIZE);
      }
      mmu.setBus(
          new Bus() {
            @Override
            public long load(long linear, long physical, int size) {
              if (physical < 0 || physical > 0x8000_0000L) {
                throw new GuestFault("nothing there", physical);
              }
              return physical * 31 + interpreter.blockEnd() + size;
            }

            @Override
            public void store(long linear, long physical, int size, long value) {
              if (physical < 0 || physical > 0x8000_0000L) {
                throw new GuestFault("nothing there", physical);
              }
              cpu.cr2 = cpu.cr2 * 31 + interpreter.blockEnd() + physical + value;
            }
          });
      cpu.load(state);
      interpreter.reset(0, 0);
    }

    void start(CpuState state) {
      cpu.load(state);
      interpreter.reset(0, 0);
      failure = null;
    }

    void runTo(long limit) {
      try {
        interpreter.runTo(limit);
      } catch (GuestFault e) {
        failure = e;
      }
    }

    byte[] ram() {
      byte[] ram = new byte[RAM];
      for (int i = 0; i < RAM; i += Page.SIZE) {
        System.arraycopy(memory.page(i / Page.SIZE).bytes, 0, ram, i, Page.SIZE);
      }
      return ram;
    }
  }

  @Test
  void randomProgramsEndAlikeAtEveryStop() {
    long executed = 0;
    long byCompiledCode = 0;
    int faults = 0;
    for (int seed = 0; seed < PROGRAMS; seed++) {
      Random random = new Random(seed);
      byte[] code = new RandomCode(random, CODE).generate();
      CpuState state = state(random);
      Machine plain = new Machine(code, state, RegionOptions.off());
      Machine compiled = new Machine(code, state, new RegionOptions(true, 0, 1 + seed % 3, true));
      for (long limit = 0; limit < LONGEST && plain.failure == null; ) {
        limit += 1 + random.nextInt(random.nextBoolean() ? 5 : 700);
        plain.runTo(limit);
        compiled.runTo(limit);
        compare(plain, compiled, "program " + seed, code);
        compareRam(plain, compiled, "program " + seed);
      }
      executed += plain.interpreter.position();
      byCompiledCode += compiled.interpreter.compiledInstructions();
      faults += plain.failure != null ? 1 : 0;
    }
    assertTrue(executed > PROGRAMS * 100L, "only " + executed + " instructions");
    assertTrue(byCompiledCode > executed / 2, byCompiledCode + " of " + executed);
    assertTrue(faults > PROGRAMS / 10, "only " + faults + " faults");
  }

  @Test
  void singleInstructionsGiveTheSameForEdgeOperands() {
    long byCompiledCode = 0;
    for (int seed = 0; seed < INSTRUCTIONS; seed++) {
      Random random = new Random(seed);
      byte[] code = new RandomCode(random, CODE).single(seed);
      CpuState first = state(random);
      Machine plain = new Machine(code, first, RegionOptions.off());
      Machine compiled = new Machine(code, first, new RegionOptions(true, 0, 1, true));
      for (int i = 0; i < STATES; i++) {
        CpuState state = edgeState(random);
        plain.start(state);
        compiled.start(state);
        plain.runTo(2);
        compiled.runTo(2);
        compare(plain, compiled, "instruction " + seed, code);
      }
      compareRam(plain, compiled, "instruction " + seed);
      byCompiledCode += compiled.interpreter.compiledInstructions();
    }
    assertTrue(byCompiledCode > (long) INSTRUCTIONS * STATES, "only " + byCompiledCode);
  }

  private static CpuState edgeState(Random random) {
    CpuState state = state(random);
    for (int i = 0; i < 16; i++) {
      state.words[i] =
          random.nextInt(4) == 0
              ? 0x100 + random.nextInt(0xe000)
              : EDGES[random.nextInt(EDGES.length)] + random.nextInt(3) - 1;
    }
    return state;
  }

  private static void compare(Machine plain, Machine compiled, String name, byte[] code) {
    Supplier<String> where =
        () -> name + " at " + plain.interpreter.position() + ": " + HexFormat.of().formatHex(code);
    assertEquals(String.valueOf(plain.failure), String.valueOf(compiled.failure), where);
    assertEquals(plain.interpreter.position(), compiled.interpreter.position(), where);
    assertEquals(List.of(), plain.cpu.save().differences(compiled.cpu.save()), where);
    assertEquals(plain.interpreter.pathHash(), compiled.interpreter.pathHash(), where);
    assertEquals(plain.interpreter.isBetweenBlocks(), compiled.interpreter.isBetweenBlocks());
    Insn last = plain.interpreter.last();
    Insn other = compiled.interpreter.last();
    assertEquals(last == null ? 0 : last.pc(), other == null ? 0 : other.pc(), where);
  }

  private static void compareRam(Machine plain, Machine compiled, String name) {
    assertEquals(-1, Arrays.mismatch(plain.ram(), compiled.ram()), name);
  }

  private static CpuState state(Random random) {
    CpuState state = new CpuState();
    for (int i = 0; i < 16; i++) {
      state.words[i] =
          switch (random.nextInt(4)) {
            case 0 -> EDGES[random.nextInt(EDGES.length)];
            case 1 -> random.nextLong();
            default -> 0x100 + random.nextInt(0xe000);
          };
      state.xmmLow[i] = random.nextInt(3) == 0 ? random.nextLong() : number(random);
      state.xmmHigh[i] = random.nextInt(3) == 0 ? random.nextLong() : number(random);
    }
    state.words[4] = 0x8000L + random.nextInt(0x1000);
    state.words[CpuState.RIP] = CODE;
    state.words[CpuState.RFLAGS] = 2 | random.nextInt() & (Flags.ARITHMETIC | Flags.DF);
    state.words[CpuState.CR0] = 0x11;
    state.words[CpuState.EFER] = 0x500;
    state.words[CpuState.FCW] = 0x37f;
    state.words[CpuState.MXCSR] = random.nextBoolean() ? 0x1f80 : 0x1fa0;
    for (int i = 0; i < 6; i++) {
      state.segments[i] =
          new Segment(0x10, i < 4 ? 0 : 0x200, 0xffff_ffffL, i == 1 ? 0x00af_9b00 : 0x00cf_9300);
    }
    return state;
  }

  private static long number(Random random) {
    return random.nextBoolean()
        ? Double.doubleToRawLongBits(random.nextGaussian())
        : SseLanes.join(
            Float.floatToRawIntBits((float) random.nextGaussian()),
            Float.floatToRawIntBits(random.nextInt(1000)));
  }
}
