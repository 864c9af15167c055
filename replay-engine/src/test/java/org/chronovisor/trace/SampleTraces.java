package org.chronovisor.trace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.chronovisor.memory.RamRegion;
import org.chronovisor.x86.CpuState;
import org.chronovisor.x86.EndKind;
import org.chronovisor.x86.Mode;
import org.chronovisor.x86.Plan;
import org.chronovisor.x86.Registers;
import org.chronovisor.x86.Segment;

/** Random traces, written and compared field by field. */
final class SampleTraces {
  private static final int FRAMES = 200;

  /** Everything that is written into one trace. */
  record Sample(
      TraceHeader header,
      List<Symbol> symbols,
      List<SourceLines> lines,
      List<CodeBlock> blocks,
      List<PlannedInstruction> plans,
      List<SegmentInfo> infos,
      List<List<byte[]>> pages,
      List<SegmentEvents> events,
      TraceEnd end,
      List<byte[]> endPages) {}

  private SampleTraces() {}

  static Sample random(long seed, int segments) {
    Random random = new Random(seed);
    return random(random, segments, 1 + random.nextInt(4));
  }

  static Sample withOneCpu(long seed) {
    return random(new Random(seed), 1, 1);
  }

  private static Sample random(Random random, int segments, int cpus) {
    List<SegmentInfo> infos = new ArrayList<>();
    List<List<byte[]>> pages = new ArrayList<>();
    List<SegmentEvents> events = new ArrayList<>();
    long position = random.nextInt(3);
    for (int i = 0; i < segments; i++) {
      long[] frames = frames(random);
      List<CpuState> states = states(random, cpus);
      int cpu = random.nextInt(cpus);
      infos.add(
          new SegmentInfo(
              position,
              random.nextInt(2_000_000),
              states.get(cpu),
              cpu,
              states,
              random.nextLong(),
              random.nextBoolean(),
              frames));
      pages.add(pages(random, frames.length));
      events.add(events(random, position, cpus));
      position = infos.get(i).end();
    }
    long[] endFrames = frames(random);
    int cpu = random.nextBoolean() ? 0 : cpus - 1;
    List<CpuState> endStates = random.nextBoolean() ? states(random, cpus) : List.of();
    TraceEnd end =
        new TraceEnd(
            position,
            endStates.isEmpty() ? null : endStates.get(cpu),
            endStates.isEmpty() ? 0 : cpu,
            endStates,
            random.nextLong(),
            "shutdown",
            text(random),
            endFrames,
            List.of(text(random), text(random)),
            random.nextDouble());
    return new Sample(
        header(random, cpus),
        symbols(random),
        random.ints(random.nextInt(3)).mapToObj(i -> lines(random)).toList(),
        blocks(random),
        plans(random),
        infos,
        pages,
        events,
        end,
        pages(random, endFrames.length));
  }

  static void write(Sample sample, TraceWriter writer) {
    writeBegin(sample, writer);
    for (int i = 0; i < sample.infos().size(); i++) {
      writer.segment(sample.infos().get(i), sample.pages().get(i), sample.events().get(i));
    }
    writer.end(sample.end(), sample.endPages());
  }

  static void writeBegin(Sample sample, TraceWriter writer) {
    writer.header(sample.header());
    writer.symbols(sample.symbols());
    sample.lines().forEach(writer::lines);
    int half = sample.blocks().size() / 2;
    writer.code(sample.blocks().subList(0, half), sample.plans());
    writer.code(sample.blocks().subList(half, sample.blocks().size()), List.of());
  }

  /** Everything in a complete trace. */
  static void assertSame(Sample sample, TraceReader reader) {
    assertBegin(sample, reader, sample.infos().size());
    assertEnd(sample.end(), reader.end().orElseThrow());
    Map<Long, byte[]> expected = new HashMap<>();
    for (int i = 0; i <= reader.segmentCount(); i++) {
      boolean last = i == reader.segmentCount();
      long[] frames = last ? sample.end().frames() : sample.infos().get(i).frames();
      List<byte[]> pages = last ? sample.endPages() : sample.pages().get(i);
      for (int p = 0; p < frames.length; p++) {
        expected.put(frames[p], pages.get(p));
      }
      assertPages(expected, reader, i);
    }
  }

  /** The first segments of a trace, whether complete or not. */
  static void assertBegin(Sample sample, TraceReader reader, int segments) {
    assertEquals(sample.header(), reader.header());
    assertEquals(sample.symbols(), reader.symbols());
    assertLines(sample.lines(), reader.lines());
    assertBlocks(sample.blocks(), reader.blocks());
    assertPlans(sample.plans(), reader.plans());
    assertEquals(segments, reader.segmentCount());
    Map<Long, byte[]> expected = new HashMap<>();
    for (int i = 0; i < segments; i++) {
      assertInfo(sample.infos().get(i), reader.segment(i));
      assertEvents(sample.events().get(i), reader.events(i));
      long[] frames = sample.infos().get(i).frames();
      for (int p = 0; p < frames.length; p++) {
        expected.put(frames[p], sample.pages().get(i).get(p));
      }
      assertPages(expected, reader, i);
    }
  }

  private static void assertPages(Map<Long, byte[]> expected, TraceReader reader, int index) {
    for (long frame = 0; frame < FRAMES; frame++) {
      if (expected.containsKey(frame)) {
        assertArrayEquals(expected.get(frame), reader.page(frame, index));
      } else {
        assertNull(reader.page(frame, index));
      }
    }
  }

  static void assertInfo(SegmentInfo expected, SegmentInfo found) {
    assertEquals(expected.start(), found.start());
    assertEquals(expected.instructions(), found.instructions());
    assertEquals(expected.pathHash(), found.pathHash());
    assertEquals(expected.audited(), found.audited());
    assertEquals(List.of(), expected.keyframe().differences(found.keyframe()));
    assertEquals(expected.cpu(), found.cpu());
    assertStates(expected.cpus(), found.cpus());
    assertArrayEquals(expected.frames(), found.frames());
  }

  private static void assertStates(List<CpuState> expected, List<CpuState> found) {
    assertEquals(expected.size(), found.size());
    for (int i = 0; i < found.size(); i++) {
      assertEquals(List.of(), expected.get(i).differences(found.get(i)));
    }
  }

  private static void assertEnd(TraceEnd expected, TraceEnd found) {
    assertEquals(expected.position(), found.position());
    assertEquals(expected.pathHash(), found.pathHash());
    assertEquals(expected.reason(), found.reason());
    assertEquals(expected.message(), found.message());
    assertEquals(expected.inexact(), found.inexact());
    assertEquals(expected.slowdown(), found.slowdown());
    assertArrayEquals(expected.frames(), found.frames());
    if (expected.state() == null) {
      assertNull(found.state());
    } else {
      assertEquals(List.of(), expected.state().differences(found.state()));
    }
    assertEquals(expected.cpu(), found.cpu());
    assertStates(expected.cpus(), found.cpus());
  }

  static void assertEvents(SegmentEvents expected, SegmentEvents found) {
    assertArrayEquals(expected.captures(), found.captures());
    assertArrayEquals(expected.blocks(), found.blocks());
    assertEquals(expected.path(), found.path());
    assertEquals(expected.outputs(), found.outputs());
    assertEquals(expected.memory().size(), found.memory().size());
    for (int i = 0; i < found.memory().size(); i++) {
      MemoryEvent a = expected.memory().get(i);
      MemoryEvent b = found.memory().get(i);
      assertArrayEquals(a.data(), b.data());
      assertEquals(
          List.of(a.position(), a.kind(), a.linear(), a.physical()),
          List.of(b.position(), b.kind(), b.linear(), b.physical()));
    }
    assertEquals(expected.transfers().size(), found.transfers().size());
    for (int i = 0; i < found.transfers().size(); i++) {
      Transfer a = expected.transfers().get(i);
      Transfer b = found.transfers().get(i);
      assertArrayEquals(a.frame(), b.frame());
      assertArrayEquals(a.registers(), b.registers());
      assertEquals(
          List.of(a.position(), a.special(), a.pc(), a.frameAddress()),
          List.of(b.position(), b.special(), b.pc(), b.frameAddress()));
    }
    assertEquals(expected.states().size(), found.states().size());
    for (int i = 0; i < found.states().size(); i++) {
      assertEquals(expected.states().get(i).position(), found.states().get(i).position());
      assertEquals(
          List.of(), expected.states().get(i).state().differences(found.states().get(i).state()));
    }
    assertEquals(expected.switches().size(), found.switches().size());
    for (int i = 0; i < found.switches().size(); i++) {
      CpuSwitch a = expected.switches().get(i);
      CpuSwitch b = found.switches().get(i);
      assertEquals(a.withState(null), b.withState(null));
      assertEquals(a.state() == null, b.state() == null);
      if (a.state() != null) {
        assertEquals(List.of(), a.state().differences(b.state()));
      }
    }
  }

  private static void assertLines(List<SourceLines> expected, List<SourceLines> found) {
    assertEquals(expected.size(), found.size());
    for (int i = 0; i < found.size(); i++) {
      SourceLines a = expected.get(i);
      SourceLines b = found.get(i);
      assertEquals(a.files(), b.files());
      assertEquals(a.size(), b.size());
      for (int row = 0; row < a.size(); row++) {
        assertEquals(
            List.of(a.address(row), a.file(row), a.line(row), a.isEnd(row), a.isStatement(row)),
            List.of(b.address(row), b.file(row), b.line(row), b.isEnd(row), b.isStatement(row)));
      }
    }
  }

  private static SourceLines lines(Random random) {
    SourceLines.Builder lines = new SourceLines.Builder();
    for (int i = random.nextInt(200); i > 0; i--) {
      if (random.nextInt(20) == 0) {
        lines.end(value(random));
      } else {
        lines.row(
            value(random),
            lines.file(text(random) + random.nextInt(3)),
            random.nextInt() >>> 1 + random.nextInt(31),
            random.nextBoolean());
      }
    }
    return lines.build();
  }

  private static void assertBlocks(List<CodeBlock> expected, List<CodeBlock> found) {
    assertEquals(expected.size(), found.size());
    for (int i = 0; i < found.size(); i++) {
      CodeBlock a = expected.get(i);
      CodeBlock b = found.get(i);
      assertEquals(List.of(a.id(), a.pc(), a.mode()), List.of(b.id(), b.pc(), b.mode()));
      assertEquals(a.instructions().size(), b.instructions().size());
      for (int j = 0; j < a.instructions().size(); j++) {
        assertEquals(a.instructions().get(j).pc(), b.instructions().get(j).pc());
        assertEquals(a.instructions().get(j).text(), b.instructions().get(j).text());
        assertArrayEquals(a.instructions().get(j).bytes(), b.instructions().get(j).bytes());
      }
    }
  }

  private static void assertPlans(
      List<PlannedInstruction> expected, List<PlannedInstruction> found) {
    assertEquals(expected.size(), found.size());
    for (int i = 0; i < found.size(); i++) {
      assertEquals(expected.get(i).mode(), found.get(i).mode());
      assertEquals(expected.get(i).plan(), found.get(i).plan());
      assertArrayEquals(expected.get(i).bytes(), found.get(i).bytes());
    }
  }

  private static List<CpuState> states(Random random, int cpus) {
    return IntStream.range(0, cpus).mapToObj(i -> state(random)).toList();
  }

  private static TraceHeader header(Random random, int cpus) {
    return new TraceHeader(
        "10.0.2",
        "x86_64",
        cpus,
        List.of("qemu-system-x86_64", "-m", text(random), ""),
        List.of(new RamRegion(0, 0x8000000, 0), new RamRegion(1L << 32, 0x4000000, 0x8000000)),
        List.of("abm", text(random)),
        random.nextLong(),
        random.nextLong(),
        random.nextBoolean(),
        random.nextBoolean());
  }

  private static List<Symbol> symbols(Random random) {
    List<Symbol> list = new ArrayList<>();
    for (int i = random.nextInt(20); i > 0; i--) {
      list.add(new Symbol(text(random), value(random), random.nextInt(999), random.nextBoolean()));
    }
    return list;
  }

  private static List<CodeBlock> blocks(Random random) {
    List<CodeBlock> list = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      long start = value(random);
      long pc = start;
      List<CodeBlock.Instruction> instructions = new ArrayList<>();
      for (int j = random.nextInt(10); j >= 0; j--) {
        byte[] bytes = bytes(random, 1 + random.nextInt(15));
        instructions.add(new CodeBlock.Instruction(pc, bytes, text(random)));
        pc += bytes.length + (random.nextInt(10) == 0 ? 5 : 0);
      }
      list.add(
          new CodeBlock(
              random.nextBoolean() ? i : random.nextInt(), start, mode(random), instructions));
    }
    return list;
  }

  private static List<PlannedInstruction> plans(Random random) {
    List<PlannedInstruction> list = new ArrayList<>();
    for (int i = random.nextInt(40); i > 0; i--) {
      list.add(
          new PlannedInstruction(
              mode(random), bytes(random, 1 + random.nextInt(15)), plan(random)));
    }
    return list;
  }

  static Plan plan(Random random) {
    return new Plan(
        random.nextBoolean(),
        random.nextInt(32),
        registers(random),
        registers(random),
        EndKind.values()[random.nextInt(EndKind.values().length)],
        random.nextInt(16),
        value(random));
  }

  private static byte[] registers(Random random) {
    byte[] registers = new byte[random.nextInt(20)];
    for (int i = 0; i < registers.length; i++) {
      registers[i] = (byte) random.nextInt(Registers.COUNT);
    }
    return registers;
  }

  private static Mode mode(Random random) {
    return Mode.values()[random.nextInt(3)];
  }

  private static SegmentEvents events(Random random, long start, int cpus) {
    List<MemoryEvent> memory = new ArrayList<>();
    List<Transfer> transfers = new ArrayList<>();
    List<StateCapture> states = new ArrayList<>();
    List<PathCheckpoint> path = new ArrayList<>();
    List<PortOutput> outputs = new ArrayList<>();
    long position = start;
    for (int i = random.nextInt(60); i > 0; i--) {
      position += random.nextInt(10_000);
      switch (random.nextInt(5)) {
        case 0 ->
            memory.add(
                new MemoryEvent(
                    position,
                    MemoryEvent.Kind.values()[random.nextInt(5)],
                    value(random),
                    value(random),
                    bytes(random, 1 + random.nextInt(random.nextBoolean() ? 8 : 4096))));
        case 1 ->
            transfers.add(
                new Transfer(
                    position,
                    random.nextBoolean(),
                    value(random),
                    random.longs(32).map(x -> value(random)).toArray(),
                    value(random),
                    bytes(random, random.nextInt(65))));
        case 2 -> states.add(new StateCapture(position, state(random)));
        case 3 -> path.add(new PathCheckpoint(position, random.nextLong()));
        default ->
            outputs.add(
                new PortOutput(
                    position, random.nextInt(65536), 1 << random.nextInt(3), value(random)));
      }
    }
    List<CpuSwitch> switches = new ArrayList<>();
    for (int i = cpus > 1 ? random.nextInt(30) : 0; i > 0; i--) {
      position += random.nextInt(10_000);
      boolean cut = random.nextBoolean();
      switches.add(
          new CpuSwitch(
              position,
              random.nextInt(cpus),
              random.nextInt(transfers.size() + 1),
              random.nextInt(memory.size() + 1),
              cut ? random.nextLong() : 0,
              cut,
              random.nextBoolean(),
              random.nextBoolean() ? state(random) : null));
    }
    return new SegmentEvents(
        bytes(random, random.nextInt(500)),
        memory,
        transfers,
        states,
        path,
        outputs,
        random.ints(random.nextInt(30)).toArray(),
        switches);
  }

  private static long[] frames(Random random) {
    TreeSet<Long> frames = new TreeSet<>();
    for (int i = random.nextInt(60); i > 0; i--) {
      frames.add((long) random.nextInt(FRAMES));
    }
    return frames.stream().mapToLong(f -> f).toArray();
  }

  private static List<byte[]> pages(Random random, int count) {
    List<byte[]> pages = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] page = new byte[4096];
      switch (random.nextInt(3)) {
        case 0 -> random.nextBytes(page);
        case 1 -> Arrays.fill(page, 100, 300, (byte) random.nextInt());
        default -> {}
      }
      pages.add(page);
    }
    return pages;
  }

  static CpuState state(Random random) {
    CpuState state = new CpuState();
    Arrays.setAll(state.words, i -> value(random));
    Arrays.setAll(
        state.segments,
        i -> new Segment(random.nextInt(65536), value(random), value(random), random.nextInt()));
    Arrays.setAll(state.stMantissa, i -> value(random));
    Arrays.setAll(state.stExponent, i -> value(random));
    Arrays.setAll(state.xmmLow, i -> value(random));
    Arrays.setAll(state.xmmHigh, i -> value(random));
    Arrays.setAll(state.ymmhLow, i -> value(random));
    Arrays.setAll(state.ymmhHigh, i -> value(random));
    return state;
  }

  /** Small, negative and wide numbers alike. */
  static long value(Random random) {
    return random.nextLong() >> random.nextInt(64);
  }

  private static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static String text(Random random) {
    return random
        .ints(random.nextInt(20), 32, 0x2000)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
