package org.chronovisor.recorder;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.chronovisor.trace.MemoryEvent;
import org.chronovisor.trace.PathCheckpoint;
import org.chronovisor.trace.PortOutput;
import org.chronovisor.trace.SegmentEvents;
import org.chronovisor.trace.SegmentInfo;
import org.chronovisor.trace.StateCapture;
import org.chronovisor.trace.Transfer;
import org.chronovisor.x86.CpuState;
import org.chronovisor.x86.Plan;
import org.chronovisor.x86.Registers;

/** Collects the ring's records into segments. Not thread-safe. */
final class SegmentBuilder implements Ring.Sink {
  private static final int TRANSFER_REGISTERS = 32;
  private static final int MAX_FRAME = 128;
  private static final int MAX_EXTERNAL = 4096;
  private static final int AVX_BITS = 256;

  /** A record after which the plugin waits. */
  sealed interface Stop permits SegmentStop, MonitorStop {}

  /** SEGMENT_END. */
  record SegmentStop(
      long position, boolean audited, long hash, long pc, long kernelGsBase, long cr8)
      implements Stop {}

  /** MONITOR. */
  record MonitorStop(long position, int block, int index) implements Stop {}

  /** END. */
  record End(
      long position, boolean complete, long hash, int block, int nextCapture, long blockPc) {}

  private final BlockTable blocks;
  private final Inexact inexact;
  private final RecordingCost cost;
  private final GuestConsole console = new GuestConsole();
  private final ModelSpecificRegisters msrs = new ModelSpecificRegisters();
  private final PendingCaptures captures;
  private volatile boolean newTable;
  private Stop stop;
  private End end;
  private long kernelGsBase;
  private long cr8;

  /** Width of the vector registers that the monitor last showed. */
  private int shownVectors;

  private SegmentStop start;
  private CpuState keyframe;
  private ShadowFile.ChangedPages pages;
  private List<MemoryEvent> memory = new ArrayList<>();
  private List<Transfer> transfers = new ArrayList<>();
  private List<StateCapture> states = new ArrayList<>();
  private List<PathCheckpoint> path = new ArrayList<>();
  private List<PortOutput> outputs = new ArrayList<>();

  /** What the instruction under way has loaded for a port. */
  private final List<PortOutput> loads = new ArrayList<>();

  private final BitSet executed = new BitSet();

  SegmentBuilder(BlockTable blocks, Inexact inexact, RecordingCost cost) {
    this.blocks = blocks;
    this.cost = cost;
    this.inexact = inexact;
    captures = new PendingCaptures(blocks);
  }

  @Override
  public void record(int type, int aux, long position, ByteBuffer in) {
    switch (type) {
      case RingLayout.CAPTURE -> captures.add(position, in.getInt(), in.getInt(), in);
      case RingLayout.STORE -> access(MemoryEvent.Kind.STORE, aux, position, in);
      case RingLayout.MMIO_LOAD -> access(MemoryEvent.Kind.MMIO_LOAD, aux, position, in);
      case RingLayout.MMIO_STORE -> access(MemoryEvent.Kind.MMIO_STORE, aux, position, in);
      case RingLayout.EXTERNAL -> external(aux, position, in);
      case RingLayout.NOTIFY -> notified(position, blocks.get(in.getInt()), in.getInt(), in);
      case RingLayout.TRANSFER -> transfer(aux, position, in);
      case RingLayout.LOAD -> loaded(aux, position, in);
      case RingLayout.PATH -> {
        path.add(new PathCheckpoint(position, in.getLong()));
        cost.sample(in.getInt());
      }
      case RingLayout.SEGMENT_END ->
          stop =
              new SegmentStop(
                  position, aux != 0, in.getLong(), in.getLong(), in.getLong(), in.getLong());
      case RingLayout.MONITOR -> stop = new MonitorStop(position, in.getInt(), in.getInt());
      case RingLayout.BLOCKS -> {
        int count = in.getInt();
        in.getInt();
        for (int i = 0; i < count; i++) {
          executed.set(blocks.get(in.getInt()).id());
        }
      }
      case RingLayout.END ->
          end = new End(position, aux != 0, in.getLong(), in.getInt(), in.getInt(), in.getLong());
      default -> throw new RecordException("the plugin wrote a record of unknown type " + type);
    }
  }

  private void access(MemoryEvent.Kind kind, int size, long position, ByteBuffer in) {
    long linear = in.getLong();
    long physical = in.getLong();
    memory.add(new MemoryEvent(position, kind, linear, physical, bytes(in, size)));
  }

  private void external(int aux, long position, ByteBuffer in) {
    long physical = in.getLong();
    int size = in.getInt();
    in.getInt();
    if (size < 1 || size > MAX_EXTERNAL) {
      throw new RecordException("the plugin wrote an external write of " + size + " bytes");
    }
    MemoryEvent.Kind kind = aux == 0 ? MemoryEvent.Kind.EXTERNAL : MemoryEvent.Kind.AUDIT;
    memory.add(new MemoryEvent(position, kind, 0, physical, bytes(in, size)));
  }

  /** A value on its way to a port. */
  private void loaded(int size, long position, ByteBuffer in) {
    in.getLong();
    in.getLong();
    byte[] bytes = bytes(in, size);
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << 8 | (bytes[i] & 0xff);
    }
    loads.removeIf(load -> load.position() != position);
    loads.add(new PortOutput(position, 0, size, value));
  }

  private static byte[] bytes(ByteBuffer in, int size) {
    byte[] bytes = new byte[size];
    in.get(bytes);
    return bytes;
  }

  private void transfer(int aux, long position, ByteBuffer in) {
    long pc = in.getLong();
    long[] registers = new long[TRANSFER_REGISTERS];
    for (int i = 0; i < registers.length; i++) {
      registers[i] = in.getLong();
    }
    long frameAddress = in.getLong();
    int length = in.getInt();
    in.getInt();
    if (length < 0 || length > MAX_FRAME) {
      throw new RecordException("the plugin wrote a frame of " + length + " bytes");
    }
    if (aux == 2) {
      inexact.add(
          "at instruction "
              + position
              + " control came to 0x"
              + Long.toHexString(pc)
              + " from where nobody knows");
    }
    transfers.add(
        new Transfer(position, aux == 1, aux > 1, pc, registers, frameAddress, bytes(in, length)));
  }

  private void notified(long position, RecordedBlock block, int index, ByteBuffer in) {
    Plan plan = block.plans()[index];
    long rax = 0;
    long rcx = 0;
    long rdx = 0;
    for (byte register : plan.notifyRegisters()) {
      long value = in.getLong();
      switch (register) {
        case Registers.RAX -> rax = value;
        case Registers.RCX -> rcx = value;
        case Registers.RDX -> rdx = value;
        default -> {
          if (Registers.isWide(register)) {
            in.getLong();
          }
        }
      }
    }
    notified(position, block, index, rax, rcx, rdx);
  }

  private void output(PortOutput output) {
    outputs.add(output);
    console.output(output.port(), output.value());
  }

  private void notified(
      long position, RecordedBlock block, int index, long rax, long rcx, long rdx) {
    Plan plan = block.plans()[index];
    byte[] bytes = block.opcodes()[index];
    PortOutput output = PortOutputs.of(position, bytes, block.mode(), rax, rdx);
    if (output != null) {
      output(output);
    } else if (isLoadOfGdt(bytes)) {
      newTable = true;
    } else if (plan.has(Plan.LOADS)) {
      for (PortOutput load : loads) {
        if (load.position() == position) {
          output(new PortOutput(position, (int) rdx & 0xffff, load.size(), load.value()));
        }
      }
      loads.clear();
    } else if (endsWith(bytes, 0x0f, 0x30)) {
      msrs.written(rcx, rax, rdx);
    } else if (endsWith(bytes, 0x0f, 0x01, 0xd1)) {
      msrs.extendedControlWritten(rcx, rax, rdx);
    }
  }

  /** LGDT (0F 01 /2 with a memory operand) behind any prefixes. */
  private static boolean isLoadOfGdt(byte[] bytes) {
    for (int i = 0; i + 2 < bytes.length; i++) {
      if (bytes[i] == 0x0f) {
        int modrm = bytes[i + 2] & 0xff;
        return bytes[i + 1] == 1 && modrm < 0xc0 && (modrm >> 3 & 7) == 2;
      }
    }
    return false;
  }

  /** Whether the guest has loaded a GDT since the last call. */
  boolean takeNewTable() {
    boolean taken = newTable;
    newTable = false;
    return taken;
  }

  private static boolean endsWith(byte[] bytes, int... tail) {
    for (int i = 0; i < tail.length; i++) {
      int at = bytes.length - tail.length + i;
      if (at < 0 || (bytes[at] & 0xff) != tail[i]) {
        return false;
      }
    }
    return true;
  }

  /** The record at which the plugin waits, once; null when there is none. */
  Stop takeStop() {
    Stop taken = stop;
    stop = null;
    return taken;
  }

  /** The plugin's last word, or null. */
  End end() {
    return end;
  }

  /** The guest's last line. Any thread. */
  String lastConsoleLine() {
    return console.lastLine();
  }

  /** True once the first keyframe has been taken. */
  boolean started() {
    return start != null;
  }

  /** Completes a state from the monitor by what the monitor does not print. */
  CpuState complete(MonitorRegisters registers, long linearPc, long position) {
    CpuState state = registers.state();
    state.words[CpuState.RIP] = linearPc - codeBase(state);
    state.words[CpuState.KERNEL_GS_BASE] = kernelGsBase;
    state.words[CpuState.CR8] = cr8;
    vectors(registers.widest(), position);
    msrs.fill(state);
    return state;
  }

  /** The monitor shows ymm registers while AVX is switched on, else xmm registers. */
  private void vectors(int shown, long position) {
    if (shown > AVX_BITS && shownVectors <= AVX_BITS) {
      inexact.add("from instruction " + position + " on AVX-512 registers are not recorded");
    }
    if (shown < AVX_BITS && shownVectors >= AVX_BITS) {
      inexact.add(
          "from instruction "
              + position
              + " on AVX is switched off: what ymm registers hold above xmm is not recorded");
    }
    if (shown >= AVX_BITS) {
      msrs.avxIsOn();
    }
    shownVectors = shown;
  }

  private static long codeBase(CpuState state) {
    return MonitorRegisters.mode(state) == org.chronovisor.x86.Mode.CODE64
        ? 0
        : state.segments[1].base();
  }

  /**
   * A segment ends and the next begins.
   *
   * @return the segment that is over, or null at the first call
   */
  FinishedSegment rotate(
      SegmentStop at, MonitorRegisters registers, ShadowFile.ChangedPages changed) {
    FinishedSegment finished = start == null ? null : finish(at.position());
    kernelGsBase = at.kernelGsBase();
    cr8 = at.cr8();
    start = at;
    keyframe = complete(registers, at.pc(), at.position());
    pages = changed;
    return finished;
  }

  private FinishedSegment finish(long endPosition) {
    boolean first = start.position() == 0;
    SegmentInfo info =
        new SegmentInfo(
            start.position(),
            endPosition - start.position(),
            keyframe,
            start.hash(),
            first || start.audited(),
            pages.frames());
    SegmentEvents events =
        new SegmentEvents(
            captures.take(endPosition),
            memory,
            transfers,
            states,
            path,
            outputs,
            executed.stream().toArray());
    FinishedSegment finished = new FinishedSegment(info, pages.contents(), events);
    memory = new ArrayList<>();
    transfers = new ArrayList<>();
    states = new ArrayList<>();
    path = new ArrayList<>();
    outputs = new ArrayList<>();
    executed.clear();
    return finished;
  }

  /** The plugin waits at MONITOR. */
  void monitored(MonitorStop at, MonitorRegisters registers) {
    // Behind no instruction, but behind the last transfer.
    long pc =
        at.index() < 0
            ? transfers.get(transfers.size() - 1).pc()
            : blocks.get(at.block()).after(at.index());
    states.add(new StateCapture(at.position(), complete(registers, pc, at.position())));
  }

  /**
   * QEMU was killed: the trace ends at a block's start, and what came after it is dropped.
   *
   * @return the last segment, or null when not even the first keyframe was taken
   */
  FinishedSegment cutOff(long position) {
    if (start == null) {
      return null;
    }
    long last = Math.max(position, start.position());
    memory.removeIf(e -> e.position() >= last);
    transfers.removeIf(t -> t.position() > last || t.stated() && t.position() == last);
    states.removeIf(s -> s.position() >= last);
    path.removeIf(p -> p.position() > last);
    outputs.removeIf(o -> o.position() >= last);
    return finish(last);
  }

  /** The guest is held at a block's start, and the recording ends there. */
  FinishedSegment finish(SegmentStop held) {
    kernelGsBase = held.kernelGsBase();
    cr8 = held.cr8();
    return finish(held.position());
  }

  /**
   * The guest has stopped, and the plugin has written END.
   *
   * @param stopped the final state; kernel_gs_base and cr8 from the GDB stub are set in it
   */
  FinishedSegment finish(FinalPosition stopped, CpuState state) {
    if (stopped.lastRetired() >= 0 && end.nextCapture() <= stopped.lastRetired()) {
      lateCapture(stopped, state);
    }
    if (stopped.transfer() != null) {
      transfers.add(stopped.transfer());
    }
    List<MemoryEvent> late = new ArrayList<>();
    memory.removeIf(
        e -> {
          boolean audit = e.kind() == MemoryEvent.Kind.AUDIT && e.position() >= end.position();
          if (audit) {
            late.add(
                new MemoryEvent(stopped.position(), e.kind(), e.linear(), e.physical(), e.data()));
          }
          return audit;
        });
    memory.removeIf(e -> e.position() >= stopped.position() && !changesKnownMemory(e));
    memory.addAll(late);
    return finish(stopped.position());
  }

  /** The final pages hold it even when the instruction that saw it has not retired. */
  private static boolean changesKnownMemory(MemoryEvent event) {
    return event.kind() == MemoryEvent.Kind.EXTERNAL;
  }

  /** The last instruction's plan, which the plugin carries out when the next block starts. */
  private void lateCapture(FinalPosition stopped, CpuState state) {
    RecordedBlock block = blocks.get(end.block());
    int index = stopped.lastRetired();
    Plan plan = block.plans()[index];
    long position = stopped.position() - 1;
    if (plan.has(Plan.CAPTURE)) {
      ByteBuffer values =
          ByteBuffer.allocate(8 * PendingCaptures.words(plan))
              .order(java.nio.ByteOrder.LITTLE_ENDIAN);
      for (byte register : plan.captureRegisters()) {
        StateRegisters.put(state, register, values);
      }
      captures.add(position, block.id(), index, values.flip());
    }
    if (plan.has(Plan.NOTIFY)) {
      notified(
          position,
          block,
          index,
          state.words[Registers.RAX],
          state.words[Registers.RCX],
          state.words[Registers.RDX]);
      msrs.fill(state);
    }
    if (plan.has(Plan.MONITOR)) {
      states.add(new StateCapture(position, state));
    }
  }
}
