package org.chronovisor.recorder;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.chronovisor.trace.CpuSwitch;
import org.chronovisor.trace.MemoryEvent;
import org.chronovisor.trace.PathCheckpoint;
import org.chronovisor.trace.PortOutput;
import org.chronovisor.trace.SegmentEvents;
import org.chronovisor.trace.SegmentInfo;
import org.chronovisor.trace.StateCapture;
import org.chronovisor.trace.Transfer;
import org.chronovisor.x86.CpuState;
import org.chronovisor.x86.EndKind;
import org.chronovisor.x86.Flags;
import org.chronovisor.x86.PathHash;
import org.chronovisor.x86.Plan;
import org.chronovisor.x86.Registers;

/** Collects the ring's records into segments. Not thread-safe. */
final class SegmentBuilder implements Ring.Sink {
  private static final int TRANSFER_REGISTERS = 32;
  private static final int MAX_FRAME = 128;
  private static final int MAX_EXTERNAL = 4096;
  private static final int AVX_BITS = 256;

  /** A record after which the plugin waits. */
  sealed interface Stop permits SegmentStop, MonitorStop, SwitchStop, RestartStop {}

  /** SEGMENT_END. */
  record SegmentStop(
      long position, boolean audited, long hash, long pc, long kernelGsBase, long cr8)
      implements Stop {}

  /** MONITOR. */
  record MonitorStop(long position, int block, int index) implements Stop {}

  /**
   * SWITCH: a vCPU's turn is over.
   *
   * @param left its block as END would tell it
   * @param baseBefore kernel_gs_base before the instruction at {@code baseChangesAt}
   */
  record SwitchStop(int from, int to, End left, long baseBefore, long baseAfter, long baseChangesAt)
      implements Stop {}

  /** RESTART. */
  record RestartStop(long position, long pc, long kernelGsBase, long cr8) implements Stop {}

  /**
   * What the plugin has to know of a vCPU whose turn is over.
   *
   * @param retired instructions of its last block
   * @param over nothing of that block is left to be done
   * @param pc linear address where it stands
   * @param hash path hash
   */
  record Left(int retired, boolean over, long pc, long hash) {}

  /**
   * END.
   *
   * @param target what the last instruction loaded, or {@link FinalPosition#NO_FRAME}
   */
  record End(
      long position,
      boolean complete,
      long hash,
      int block,
      int nextCapture,
      long blockPc,
      long target) {}

  private final BlockTable blocks;
  private final Inexact inexact;
  private final RecordingCost cost;
  private final GuestConsole console = new GuestConsole();
  private final PendingCaptures captures;
  private volatile boolean newTable;
  private Vcpus vcpus = new Vcpus(new long[1], vcpu -> 0);
  private Stacks stacks = (state, address, bytes) -> {};
  private FrameReader frames = (state, address, length) -> new byte[0];
  private Stop stop;
  private End end;

  /** Width of the vector registers that the monitor last showed of each vCPU. */
  private int[] shownVectors = new int[1];

  private SegmentStop start;
  private long startHash;
  private int keyframeCpu;
  private List<CpuState> keyframe;
  private long keyframeHash;
  private ShadowFile.ChangedPages pages;
  private List<MemoryEvent> memory = new ArrayList<>();
  private List<Transfer> transfers = new ArrayList<>();
  private List<StateCapture> states = new ArrayList<>();
  private List<PathCheckpoint> path = new ArrayList<>();
  private List<PortOutput> outputs = new ArrayList<>();

  /** What the instruction under way has loaded for a port, by vCPU. */
  private final Map<Integer, List<PortOutput>> loads = new HashMap<>();

  private List<CpuSwitch> switches = new ArrayList<>();
  private final BitSet executed = new BitSet();

  SegmentBuilder(BlockTable blocks, Inexact inexact, RecordingCost cost) {
    this.blocks = blocks;
    this.cost = cost;
    this.inexact = inexact;
    captures = new PendingCaptures(blocks);
  }

  /** Reads a vCPU's stack; may give fewer bytes. */
  @FunctionalInterface
  interface FrameReader {
    byte[] read(CpuState state, long address, int length);
  }

  /** Told of bytes on a vCPU's stack that the plugin has not seen. */
  @FunctionalInterface
  interface Stacks {
    void pushed(CpuState state, long address, byte[] bytes);
  }

  /** Prepares for several vCPUs; to be called before the first record. */
  void prepare(Vcpus vcpus, FrameReader frames, Stacks stacks) {
    this.vcpus = vcpus;
    shownVectors = new int[vcpus.count()];
    this.frames = frames;
    this.stacks = stacks;
  }

  /** The number of the vCPU that executes. */
  int currentCpu() {
    return vcpus.current();
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
          end =
              new End(
                  position,
                  aux != 0,
                  in.getLong(),
                  in.getInt(),
                  in.getInt(),
                  in.getLong(),
                  in.getLong());
      case RingLayout.SWITCH -> leave(position, in);
      case RingLayout.RESTART ->
          stop = new RestartStop(position, in.getLong(), in.getLong(), in.getLong());
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
    List<PortOutput> own = loads(vcpus.current());
    own.removeIf(load -> load.position() != position);
    own.add(new PortOutput(position, 0, size, value));
  }

  private List<PortOutput> loads(int vcpu) {
    return loads.computeIfAbsent(vcpu, number -> new ArrayList<>());
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
    notified(vcpus.current(), position, block, index, rax, rcx, rdx);
  }

  private void output(PortOutput output) {
    outputs.add(output);
    console.output(output.port(), output.value());
  }

  private void notified(
      int vcpu, long position, RecordedBlock block, int index, long rax, long rcx, long rdx) {
    Plan plan = block.plans()[index];
    byte[] bytes = block.opcodes()[index];
    PortOutput output = PortOutputs.of(position, bytes, block.mode(), rax, rdx);
    if (output != null) {
      output(output);
    } else if (plan.has(Plan.LOADS)) {
      for (PortOutput load : loads(vcpu)) {
        if (load.position() == position) {
          output(new PortOutput(position, (int) rdx & 0xffff, load.size(), load.value()));
        }
      }
      loads(vcpu).clear();
    } else if (isLoadOfGdt(bytes)) {
      newTable = true;
    } else if (endsWith(bytes, 0x0f, 0x30)) {
      vcpus.msrs(vcpu).written(rcx, rax, rdx);
    } else if (endsWith(bytes, 0x0f, 0x01, 0xd1)) {
      vcpus.msrs(vcpu).extendedControlWritten(rcx, rax, rdx);
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

  /** Completes the executing vCPU's state by what the monitor does not print. */
  CpuState complete(MonitorRegisters registers, long linearPc, long position) {
    CpuState state = complete(vcpus.current(), registers, position);
    state.words[CpuState.RIP] = linearPc - codeBase(state);
    return state;
  }

  /** The same for any vCPU. */
  CpuState complete(int vcpu, MonitorRegisters registers, long position) {
    CpuState state = registers.state();
    vectors(vcpu, registers.widest(), position);
    vcpus.fill(vcpu, state);
    return state;
  }

  /** The same for all; the one that executes stands at {@code linearPc}. */
  private List<CpuState> completeAll(List<MonitorRegisters> all, long linearPc, long position)
      throws IOException {
    if (all.size() != vcpus.count()) {
      throw new RecordException("QEMU shows " + all.size() + " vCPUs, not " + vcpus.count());
    }
    List<CpuState> states = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      if (i == vcpus.current()) {
        states.add(complete(all.get(i), linearPc, position));
      } else {
        vcpus.learnCr8(i);
        states.add(complete(i, all.get(i), position));
      }
    }
    return states;
  }

  /** The monitor shows ymm registers while AVX is switched on, else xmm registers. */
  private void vectors(int vcpu, int shown, long position) {
    if (shown > AVX_BITS && shownVectors[vcpu] <= AVX_BITS) {
      inexact.add("from instruction " + position + " on AVX-512 registers are not recorded");
    }
    if (shown < AVX_BITS && shownVectors[vcpu] >= AVX_BITS) {
      inexact.add(
          "from instruction "
              + position
              + " on AVX is switched off: what ymm registers hold above xmm is not recorded");
    }
    if (shown >= AVX_BITS) {
      vcpus.msrs(vcpu).avxIsOn();
    }
    shownVectors[vcpu] = shown;
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
      SegmentStop at, List<MonitorRegisters> all, Supplier<ShadowFile.ChangedPages> changed)
      throws IOException {
    List<CpuState> states = completeAll(at, all);
    if (start == null) {
      keyframeHash = at.hash();
      for (int i = 0; i < all.size(); i++) {
        vcpus.setPc(i, all.get(i).linearPc());
      }
    } else {
      keyframeHash = settleOthers(at.position(), at.hash(), states);
    }
    // What settling has found on stacks belongs to the pages, too.
    ShadowFile.ChangedPages taken = changed.get();
    FinishedSegment finished = start == null ? null : finish(at.position());
    start = at;
    startHash = keyframeHash;
    keyframe = states;
    keyframeCpu = vcpus.current();
    pages = taken;
    return finished;
  }

  private List<CpuState> completeAll(SegmentStop at, List<MonitorRegisters> all)
      throws IOException {
    int current = vcpus.current();
    vcpus.setKernelGsBase(current, at.kernelGsBase());
    vcpus.setCr8(current, at.cr8());
    List<CpuState> states = completeAll(all, at.pc(), at.position());
    vcpus.setCurrent(current);
    return states;
  }

  /**
   * Interrupts that have been delivered to vCPUs since their last turn, and resets.
   *
   * @param hash path hash before
   * @return path hash after them
   */
  private long settleOthers(long position, long hash, List<CpuState> states) throws IOException {
    int current = vcpus.current();
    boolean moved = false;
    for (int i = 0; i < states.size(); i++) {
      CpuState state = states.get(i);
      long pc = state.words[CpuState.RIP] + codeBase(state);
      if (i == current || pc == vcpus.pc(i)) {
        continue;
      }
      moved = true;
      hash = PathHash.step(hash, i);
      Transfer transfer =
          FinalPosition.interruptAt(
              position,
              vcpus.pc(i),
              state,
              pc,
              (address, length) -> frames.read(state, address, length));
      switchTo(position, i, transfer == null ? state : null);
      if (transfer != null) {
        add(transfer, state);
      }
      hash = PathHash.step(hash, pc);
      vcpus.setPc(i, pc);
    }
    if (moved) {
      switchTo(position, current, null);
      hash = PathHash.step(hash, current);
    }
    return hash;
  }

  /** Path hash at the last keyframe, and where each vCPU stands there, for the plugin. */
  ByteBuffer answer() {
    ByteBuffer out =
        ByteBuffer.allocate(4 + 8 + 8 * vcpus.count()).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    out.putInt(0).putLong(keyframeHash);
    for (int i = 0; i < vcpus.count(); i++) {
      out.putLong(vcpus.pc(i));
    }
    return out.flip();
  }

  boolean hasSeveralCpus() {
    return vcpus.count() > 1;
  }

  private void switchTo(long position, int vcpu, CpuState state) {
    addSwitch(position, vcpu, false, 0, false, state);
  }

  private void add(Transfer transfer, CpuState state) {
    transfers.add(transfer);
    stacks.pushed(state, transfer.frameAddress(), transfer.frame());
  }

  // ---- a vCPU's turn is over -----------------------------------------------------------------

  private void leave(long position, ByteBuffer in) {
    int from = in.getInt();
    int to = in.getInt();
    if (from < 0 || from >= vcpus.count() || to < 0 || to >= vcpus.count()) {
      throw new RecordException("the plugin named vCPU " + Math.max(from, to));
    }
    int block = in.getInt();
    int nextCapture = in.getInt();
    boolean complete = in.getInt() != 0;
    boolean sure = in.getInt() != 0;
    long pc = in.getLong();
    long target = in.getLong();
    long hash = in.getLong();
    End left = new End(position, complete, hash, block, nextCapture, pc, target);
    SwitchStop at = new SwitchStop(from, to, left, in.getLong(), in.getLong(), in.getLong());
    if (sure) {
      int retired = in.getInt();
      boolean over = in.getInt() != 0;
      long after = position + retired;
      leave(at, after, in.getLong());
      boolean cut = !over && isAtRep(blocks.get(block), retired);
      long counter = in.getLong();
      boolean resume = (in.getLong() & Flags.RF) != 0;
      addSwitch(after, to, cut, counter, resume, null);
    } else {
      stop = at;
    }
  }

  /**
   * A switch behind what the segment has so far.
   *
   * @param cut the vCPU is left inside a rep instruction, with the counter and the resume flag
   *     given
   */
  private void addSwitch(
      long position, int vcpu, boolean cut, long counter, boolean resume, CpuState state) {
    switches.add(
        new CpuSwitch(
            position,
            vcpu,
            transfers.size(),
            memory.size(),
            cut ? counter : 0,
            cut,
            cut && resume,
            state));
  }

  private void leave(SwitchStop at, long position, long pc) {
    vcpus.setPc(at.from(), pc);
    vcpus.setKernelGsBase(at.from(), kernelGsBase(at, position));
    vcpus.setCurrent(at.to());
    // A rep instruction that was left goes on here.
    loads(at.from()).removeIf(load -> load.position() != position);
    loads(at.to()).replaceAll(load -> new PortOutput(position, 0, load.size(), load.value()));
  }

  private static boolean isAtRep(RecordedBlock block, int retired) {
    return block.end() == EndKind.REP && retired == block.pcs().length - 1;
  }

  private static long kernelGsBase(SwitchStop at, long position) {
    return position > at.baseChangesAt() ? at.baseAfter() : at.baseBefore();
  }

  /** The plugin waits at SWITCH. */
  Left switched(SwitchStop at, List<MonitorRegisters> all) throws IOException {
    End left = at.left();
    int from = at.from();
    CpuState state = complete(from, all.get(from), left.position());
    RecordedBlock block = blocks.get(left.block());
    FrameReader reader = frames;
    FinalPosition stopped =
        FinalPosition.of(
            left, block, state, (address, length) -> reader.read(state, address, length));
    vcpus.setKernelGsBase(from, kernelGsBase(at, stopped.position()));
    if (stopped.transfer() != null) {
      vcpus.learnCr8(from);
    }
    vcpus.fill(from, state);
    if (stopped.lastRetired() >= 0 && left.nextCapture() <= stopped.lastRetired()) {
      lateCapture(from, left, stopped, state);
    }
    int retired = stopped.lastRetired() + 1;
    int n = block.pcs().length;
    long hash = stopped.hash();
    boolean over = retired == n || stopped.transfer() != null;
    boolean cut = !over && isAtRep(block, retired);
    boolean resume = (state.words[CpuState.RFLAGS] & Flags.RF) != 0;
    long counter = state.words[Registers.RCX];
    if (!stopped.explained()) {
      inexact.add(
          "at instruction "
              + stopped.position()
              + " control of vCPU "
              + from
              + " came to 0x"
              + Long.toHexString(stopped.pc())
              + " from where nobody knows");
      switchTo(stopped.position(), from, state);
      hash = PathHash.step(PathHash.step(left.hash(), from), stopped.pc());
    } else if (stopped.transfer() != null) {
      // Completed only now.
      stopped.transfer().registers()[Registers.KERNEL_GS_BASE] =
          state.words[CpuState.KERNEL_GS_BASE];
      stopped.transfer().registers()[Registers.CR8] = state.words[CpuState.CR8];
      add(stopped.transfer(), state);
    } else if (cut && !block.last().modelled()) {
      vcpus.learnCr8(from);
      vcpus.fill(from, state);
      addSwitch(stopped.position(), from, true, counter, resume, state);
      hash = PathHash.step(PathHash.step(hash, from), stopped.pc());
      cut = false;
    }
    leave(at, stopped.position(), stopped.pc());
    addSwitch(stopped.position(), at.to(), cut, counter, resume, null);
    return new Left(retired, over, stopped.pc(), hash);
  }

  /** The plugin waits at RESTART: the vCPU whose turn has begun has been reset and started. */
  void restarted(RestartStop at, List<MonitorRegisters> all) {
    int vcpu = vcpus.current();
    vcpus.setKernelGsBase(vcpu, at.kernelGsBase());
    vcpus.setCr8(vcpu, at.cr8());
    CpuState state = complete(all.get(vcpu), at.pc(), at.position());
    vcpus.setCurrent(vcpu);
    int last = switches.size() - 1;
    switches.set(last, switches.get(last).withState(state));
  }

  private FinishedSegment finish(long endPosition) {
    boolean first = start.position() == 0;
    SegmentInfo info =
        new SegmentInfo(
            start.position(),
            endPosition - start.position(),
            keyframe.get(keyframeCpu),
            keyframeCpu,
            keyframe,
            startHash,
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
            executed.stream().toArray(),
            switches);
    FinishedSegment finished = new FinishedSegment(info, pages.contents(), events);
    memory = new ArrayList<>();
    transfers = new ArrayList<>();
    states = new ArrayList<>();
    path = new ArrayList<>();
    outputs = new ArrayList<>();
    switches = new ArrayList<>();
    executed.clear();
    return finished;
  }

  /** The plugin waits at MONITOR. */
  void monitored(MonitorStop at, List<MonitorRegisters> all) {
    MonitorRegisters registers = all.get(vcpus.current());
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
    switches.removeIf(s -> s.position() > last);
    return finish(last);
  }

  /** Final states of all vCPUs, and the path hash there. */
  record FinalStates(List<CpuState> states, int current, long hash) {
    CpuState state() {
      return states.get(current);
    }
  }

  /** The guest is held at a block's start, and the recording ends there: its final states. */
  FinalStates hold(SegmentStop held, List<MonitorRegisters> all) throws IOException {
    List<CpuState> states = completeAll(held, all);
    long hash = settleOthers(held.position(), held.hash(), states);
    return new FinalStates(states, vcpus.current(), hash);
  }

  /**
   * The guest has stopped, and the plugin has written END: its final states.
   *
   * @param states of all vCPUs, complete
   */
  FinalStates stop(FinalPosition stopped, List<CpuState> states) throws IOException {
    int current = vcpus.current();
    CpuState state = states.get(current);
    if (stopped.lastRetired() >= 0 && end.nextCapture() <= stopped.lastRetired()) {
      lateCapture(current, end, stopped, state);
      vcpus.msrs(current).fill(state);
    }
    if (stopped.transfer() != null) {
      transfers.add(stopped.transfer());
    }
    List<MemoryEvent> kept = new ArrayList<>();
    List<MemoryEvent> late = new ArrayList<>();
    // What the vCPUs before have done at the same position stays.
    int others = switches.isEmpty() ? 0 : switches.get(switches.size() - 1).memory();
    for (int i = 0; i < memory.size(); i++) {
      MemoryEvent e = memory.get(i);
      if (e.kind() == MemoryEvent.Kind.AUDIT && e.position() >= end.position()) {
        late.add(new MemoryEvent(stopped.position(), e.kind(), e.linear(), e.physical(), e.data()));
      } else if (i < others || e.position() < stopped.position() || changesKnownMemory(e)) {
        kept.add(e);
      }
    }
    memory = kept;
    memory.addAll(late);
    return new FinalStates(
        states, current, settleOthers(stopped.position(), stopped.hash(), states));
  }

  /** The last segment, after {@link #hold} or {@link #stop}. */
  FinishedSegment finishAt(long position) {
    return finish(position);
  }

  /** The final pages hold it even when the instruction that saw it has not retired. */
  private static boolean changesKnownMemory(MemoryEvent event) {
    return event.kind() == MemoryEvent.Kind.EXTERNAL;
  }

  /** The last instruction's plan, which the plugin carries out when the next block starts. */
  private void lateCapture(int vcpu, End left, FinalPosition stopped, CpuState now) {
    RecordedBlock block = blocks.get(left.block());
    int index = stopped.lastRetired();
    Plan plan = block.plans()[index];
    long position = stopped.position() - 1;
    CpuState state = beforeInterrupt(stopped.transfer(), now);
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
          vcpu,
          position,
          block,
          index,
          state.words[Registers.RAX],
          state.words[Registers.RCX],
          state.words[Registers.RDX]);
      vcpus.msrs(vcpu).fill(now);
    }
    if (plan.has(Plan.MONITOR)) {
      states.add(new StateCapture(position, state));
    }
  }

  /** Takes back from a state what an interrupt has changed, as far as its frame tells. */
  private static CpuState beforeInterrupt(Transfer transfer, CpuState now) {
    if (transfer == null || transfer.special()) {
      return now;
    }
    CpuState state = now.copy();
    FinalPosition.takeBack(transfer, state);
    return state;
  }
}
