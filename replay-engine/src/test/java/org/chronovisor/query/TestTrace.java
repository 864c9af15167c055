package org.chronovisor.query;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.chronovisor.memory.Page;
import org.chronovisor.memory.PhysicalMemory;
import org.chronovisor.memory.RamRegion;
import org.chronovisor.trace.CodeBlock;
import org.chronovisor.trace.MemoryEvent;
import org.chronovisor.trace.PlannedInstruction;
import org.chronovisor.trace.PortOutput;
import org.chronovisor.trace.SegmentEvents;
import org.chronovisor.trace.SegmentInfo;
import org.chronovisor.trace.SourceLines;
import org.chronovisor.trace.Symbol;
import org.chronovisor.trace.TraceEnd;
import org.chronovisor.trace.TraceHeader;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.x86.Cpu;
import org.chronovisor.x86.CpuState;
import org.chronovisor.x86.Interpreter;
import org.chronovisor.x86.Mmu;
import org.chronovisor.x86.PlanTable;
import org.chronovisor.x86.Segment;

/**
 * A trace in memory of a few 32-bit instructions at 0x1000, in segments of a given length, made by
 * running them.
 */
final class TestTrace implements TraceReader {
  static final int CODE = 0x1000;
  static final int STACK = 0x8000;
  private static final List<RamRegion> RAM = List.of(new RamRegion(0, 0x10000, 0));

  private final List<SegmentInfo> segments = new ArrayList<>();
  private final List<Map<Long, byte[]>> pages = new ArrayList<>();
  private final List<MemoryEvent> external;
  private final List<PortOutput> outputs;
  private final List<Symbol> symbols;
  private TraceEnd end;

  /** How often the events of each segment were read. */
  final int[] reads = new int[64];

  /**
   * @param code hexadecimal
   * @param external in order of position
   */
  TestTrace(
      String code,
      int instructions,
      int segmentLength,
      List<MemoryEvent> external,
      List<PortOutput> outputs,
      List<Symbol> symbols) {
    this.external = external;
    this.outputs = outputs;
    this.symbols = symbols;
    record(HexFormat.of().parseHex(code.replace(" ", "")), instructions, segmentLength);
  }

  private void record(byte[] code, int instructions, int length) {
    PhysicalMemory memory = new PhysicalMemory(RAM);
    Mmu mmu = new Mmu(memory);
    Cpu cpu = new Cpu(mmu);
    System.arraycopy(code, 0, memory.page(CODE / Page.SIZE).bytes, 0, code.length);
    CpuState state = new CpuState();
    state.words[CpuState.RIP] = CODE;
    state.words[CpuState.RFLAGS] = 2;
    state.words[CpuState.CR0] = 1;
    state.words[4] = STACK;
    Arrays.fill(state.segments, 0, 6, new Segment(16, 0, 0xffff_ffffL, 0xcf9300));
    state.segments[1] = new Segment(8, 0, 0xffff_ffffL, 0xcf9b00);
    cpu.load(state);
    Interpreter interpreter = new Interpreter(cpu, new PlanTable());
    interpreter.reset(0, 0);
    Map<Long, byte[]> before = new HashMap<>();
    for (int start = 0; start < instructions; start += length) {
      long[] frames = changed(memory, before);
      int count = Math.min(length, instructions - start);
      segments.add(new SegmentInfo(start, count, cpu.save(), interpreter.pathHash(), true, frames));
      for (int at = start; at < start + count; at++) {
        interpreter.runTo(at);
        apply(mmu, at);
        interpreter.runTo(at + 1);
      }
    }
    long[] frames = changed(memory, before);
    end =
        new TraceEnd(
            instructions,
            cpu.save(),
            interpreter.pathHash(),
            "shutdown",
            "the guest shut down",
            frames,
            List.of(),
            0);
  }

  private void apply(Mmu mmu, long position) {
    for (MemoryEvent event : external) {
      if (event.position() == position) {
        mmu.storePhysical(event.physical(), event.data());
      }
    }
  }

  /** Frames that differ from the last snapshot, and takes a new one. */
  private long[] changed(PhysicalMemory memory, Map<Long, byte[]> before) {
    TreeSet<Long> frames = new TreeSet<>();
    Map<Long, byte[]> now = new HashMap<>();
    memory.forEachLoaded(
        page -> {
          now.put(page.frame, page.bytes.clone());
          if (!Arrays.equals(page.bytes, before.getOrDefault(page.frame, new byte[Page.SIZE]))) {
            frames.add(page.frame);
          }
        });
    before.putAll(now);
    pages.add(now);
    return frames.stream().mapToLong(Long::longValue).toArray();
  }

  @Override
  public TraceHeader header() {
    return new TraceHeader("test", "x86_64", 1, List.of(), RAM, List.of(), CODE, 0, false, false);
  }

  @Override
  public int segmentCount() {
    return segments.size();
  }

  @Override
  public SegmentInfo segment(int index) {
    return segments.get(index);
  }

  @Override
  public SegmentEvents events(int index) {
    reads[index]++;
    SegmentInfo info = segments.get(index);
    boolean last = index == segments.size() - 1;
    return new SegmentEvents(
        new byte[0],
        external.stream()
            .filter(e -> e.position() >= info.start() && e.position() < info.end() + (last ? 1 : 0))
            .toList(),
        List.of(),
        List.of(),
        List.of(),
        outputs.stream()
            .filter(o -> o.position() >= info.start() && o.position() < info.end())
            .toList(),
        new int[0]);
  }

  @Override
  public byte[] page(long frame, int index) {
    byte[] page = pages.get(index).get(frame);
    return page == null ? null : page.clone();
  }

  @Override
  public Optional<TraceEnd> end() {
    return Optional.of(end);
  }

  @Override
  public List<PlannedInstruction> plans() {
    return List.of();
  }

  @Override
  public List<CodeBlock> blocks() {
    return List.of();
  }

  @Override
  public List<Symbol> symbols() {
    return symbols;
  }

  /** Line 1 at the start, line 2 from 0x14 on, nothing from 0x20 on. */
  @Override
  public List<SourceLines> lines() {
    SourceLines.Builder lines = new SourceLines.Builder();
    lines.row(CODE, lines.file("guest.s"), 1, true);
    lines.row(CODE + 0x14, lines.file("guest.s"), 2, true);
    lines.end(CODE + 0x20);
    return List.of(lines.build());
  }

  @Override
  public void check() {}

  @Override
  public long bytes() {
    return 0;
  }

  @Override
  public void close() {}
}
