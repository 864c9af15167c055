package org.chronovisor.trace.internal.v1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import org.chronovisor.memory.RamRegion;
import org.chronovisor.symbols.CallFrames;
import org.chronovisor.symbols.FunctionTable;
import org.chronovisor.symbols.LineTable;
import org.chronovisor.symbols.dwarf.CallFrameRow;
import org.chronovisor.trace.CallFrameSection;
import org.chronovisor.trace.CodeBlock;
import org.chronovisor.trace.CpuSwitch;
import org.chronovisor.trace.Functions;
import org.chronovisor.trace.MemoryEvent;
import org.chronovisor.trace.PathCheckpoint;
import org.chronovisor.trace.PlannedInstruction;
import org.chronovisor.trace.PortOutput;
import org.chronovisor.trace.SegmentEvents;
import org.chronovisor.trace.SegmentInfo;
import org.chronovisor.trace.SourceLines;
import org.chronovisor.trace.StateCapture;
import org.chronovisor.trace.Symbol;
import org.chronovisor.trace.TraceEnd;
import org.chronovisor.trace.TraceException;
import org.chronovisor.trace.TraceHeader;
import org.chronovisor.trace.Transfer;
import org.chronovisor.trace.internal.store.BytesIn;
import org.chronovisor.x86.CpuState;
import org.chronovisor.x86.Mode;
import org.chronovisor.x86.Plan;
import org.junit.jupiter.api.Test;

/** Decoders meet damage that no checksum caught: they answer with a TraceException or a value. */
class HostileContentTest {
  private static final int TRIES = 4000;
  private static final FrameList FRAMES =
      new FrameList(
          new long[] {0, 1, 5, 70000, (1L << 40) - 1}, BitSet.valueOf(new long[] {0b1011}));

  @Test
  void header() {
    TraceHeader header =
        new TraceHeader(
            "10",
            "x86_64",
            1,
            List.of("a", "b"),
            List.of(new RamRegion(0, 4096, 0)),
            List.of("abm"),
            1,
            2,
            true,
            false);
    fuzz(HeaderCodec.encode(header), b -> HeaderCodec.decode(in(b)));
  }

  @Test
  void symbols() {
    byte[] good =
        SymbolCodec.encode(List.of(new Symbol("main", 7, 8, true), new Symbol("", -1, 0, false)));
    fuzz(good, b -> SymbolCodec.decode(in(b)));
  }

  @Test
  void lines() {
    SourceLines.Builder lines = new SourceLines.Builder();
    lines.row(0x100000, lines.file("a.c"), 7, true);
    lines.row(0x100002, lines.file("src/b.h"), 70000, false);
    lines.row(0x100009, lines.file("a.c"), Integer.MAX_VALUE, true);
    lines.end(-1);
    byte[][] good = LinesCodec.encode(lines.build());
    fuzz(good[0], b -> LinesCodec.decode(in(b), in(good[1])));
    fuzz(good[1], b -> new LineTable(List.of(LinesCodec.decode(in(good[0]), in(b)))));
  }

  @Test
  void functions() {
    Functions.Builder builder = new Functions.Builder();
    int file = builder.file("src/a.c");
    int main = builder.entry(Functions.NONE, builder.name("main"), Functions.NONE, 0);
    builder.range(0x100000, 0x100040);
    int inlined = builder.entry(main, builder.name("swap"), file, 7);
    builder.range(0x100010, 0x100018);
    builder.range(0x100020, 0x100021);
    builder.entry(inlined, Functions.NONE, file, Integer.MAX_VALUE - 1);
    builder.range(0x100012, 0x100013);
    byte[][] good = FunctionsCodec.encode(builder.build());
    fuzz(good[0], b -> functions(in(b), in(good[1]), in(good[2])));
    fuzz(good[1], b -> functions(in(good[0]), in(b), in(good[2])));
    fuzz(good[2], b -> functions(in(good[0]), in(good[1]), in(b)));
    assertEquals(3, functions(in(good[0]), in(good[1]), in(good[2])));
  }

  private static int functions(BytesIn names, BytesIn files, BytesIn entries) {
    Functions functions = FunctionsCodec.decode(names, files, entries);
    return new FunctionTable(List.of(functions)).at(0x100012).size();
  }

  /** Damaged unwind information is decoded, as far as it goes, only where somebody asks for it. */
  @Test
  void callFrames() {
    byte[] rules = {
      0x14,
      0,
      0,
      0,
      -1,
      -1,
      -1,
      -1,
      4,
      0,
      8,
      0,
      1,
      0x78,
      16,
      0x0c,
      7,
      8,
      (byte) 0x90,
      1,
      0,
      0,
      0,
      0,
      0x1c,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0x10,
      0,
      0,
      0,
      0,
      0,
      0x40,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0x41,
      0x0e,
      16,
      (byte) 0x86,
      2,
      0,
      0,
      0
    };
    byte[][] good =
        CallFramesCodec.encode(
            new CallFrameSection(CallFrameSection.Kind.DEBUG_FRAME, 0, 8, rules));
    assertTrue(callFrames(in(good[0]), good[1]).isPresent());
    fuzz(good[0], b -> callFrames(in(b), good[1]));
    for (int i = 0; i < rules.length; i++) {
      for (int value = 0; value < 256; value++) {
        byte[] bad = rules.clone();
        bad[i] = (byte) value;
        callFrames(in(good[0]), bad);
        callFrames(in(good[0]), Arrays.copyOf(bad, i));
      }
    }
  }

  private static Optional<CallFrameRow> callFrames(BytesIn what, byte[] rules) {
    return new CallFrames(List.of(CallFramesCodec.decode(what, rules))).at(0x100002);
  }

  @Test
  void code() {
    CodeBlock block =
        new CodeBlock(
            3, 4, Mode.CODE32, List.of(new CodeBlock.Instruction(4, new byte[] {1, 2}, "nop")));
    byte[][] good =
        CodeCodec.encode(
            List.of(block, block),
            List.of(new PlannedInstruction(Mode.CODE64, new byte[] {(byte) 0x90}, Plan.MODELLED)));
    fuzz(good[0], b -> CodeCodec.decodeBlocks(in(b), good[1]));
    fuzz(good[1], b -> CodeCodec.decodeBlocks(in(good[0]), b));
    fuzz(good[2], b -> CodeCodec.decodePlans(in(b)));
  }

  @Test
  void segment() {
    byte[] good =
        SegmentCodec.encode(
            new SegmentInfo(1, 2, new CpuState(), 3, true, FRAMES.frames()), FRAMES, 1);
    fuzz(good, b -> SegmentCodec.decode(in(b), 1));
    byte[] list = Arrays.copyOfRange(good, 25 + CpuState.BYTES, good.length);
    fuzz(list, b -> checkFrames(FrameList.decode(in(b))));
  }

  @Test
  void segmentOfSeveralCpus() {
    CpuState state = new CpuState();
    byte[] good =
        SegmentCodec.encode(
            new SegmentInfo(1, 2, state, 1, List.of(state, state, state), 3, true, FRAMES.frames()),
            FRAMES,
            3);
    fuzz(good, b -> assertTrue(SegmentCodec.decode(in(b), 3).info().cpu() < 3));
  }

  private static void checkFrames(FrameList list) {
    int next = 0;
    for (int i = 0; i < list.frames().length; i++) {
      assertTrue(list.frames()[i] >= 0 && list.frames()[i] < Limits.FRAMES);
      int ordinal = list.ordinal(i);
      assertTrue(ordinal == -1 || ordinal == next++);
    }
    assertEquals(next, list.storedPages());
  }

  @Test
  void end() {
    TraceEnd end =
        new TraceEnd(9, new CpuState(), 1, "reset", "it", FRAMES.frames(), List.of("x"), 1.5);
    fuzz(EndCodec.encode(end, FRAMES, 1), b -> EndCodec.decode(in(b), 1));
  }

  @Test
  void events() {
    SegmentEvents events =
        new SegmentEvents(
            new byte[0],
            List.of(
                new MemoryEvent(1, MemoryEvent.Kind.AUDIT, 0, 4096, new byte[300]),
                new MemoryEvent(2, MemoryEvent.Kind.STORE, -8, 1, new byte[1])),
            List.of(new Transfer(3, true, 5, new long[32], 6, new byte[64])),
            List.of(new StateCapture(4, new CpuState())),
            List.of(new PathCheckpoint(5, 6)),
            List.of(new PortOutput(6, 0x3f8, 1, 'a')),
            new int[] {1, 2, 3},
            List.of(
                new CpuSwitch(3, 1, 0, 1, 0, false, false, null),
                new CpuSwitch(4, 0, 1, 2, 77, true, true, new CpuState())));
    fuzz(
        EventsCodec.encode(events, 0, 2),
        b -> checkSwitches(EventsCodec.decode(new byte[0], in(b), 0, 2)));
  }

  private static void checkSwitches(SegmentEvents events) {
    for (CpuSwitch s : events.switches()) {
      assertTrue(s.cpu() >= 0 && s.cpu() < 2);
      assertTrue(s.transfers() >= 0 && s.transfers() <= events.transfers().size());
      assertTrue(s.memory() >= 0 && s.memory() <= events.memory().size());
    }
  }

  private static BytesIn in(byte[] bytes) {
    return new BytesIn(bytes, "test");
  }

  /** Changes bytes, mostly near the front where the counts are, cuts, and lengthens. */
  private static void fuzz(byte[] good, Consumer<byte[]> decoder) {
    decoder.accept(good);
    Random random = new Random(good.length);
    int refused = 0;
    for (int i = 0; i < TRIES; i++) {
      byte[] bad = good.clone();
      for (int n = random.nextInt(3); n >= 0; n--) {
        int range = random.nextBoolean() ? Math.min(16, bad.length) : bad.length;
        bad[random.nextInt(range)] = (byte) (random.nextBoolean() ? 0xff : random.nextInt());
      }
      switch (random.nextInt(4)) {
        case 0 -> bad = Arrays.copyOf(bad, random.nextInt(bad.length));
        case 1 -> bad = Arrays.copyOf(bad, bad.length + random.nextInt(10));
        default -> {}
      }
      try {
        decoder.accept(bad);
      } catch (TraceException e) {
        refused++;
      }
    }
    assertTrue(refused > TRIES / 10, "refused only " + refused);
  }
}
