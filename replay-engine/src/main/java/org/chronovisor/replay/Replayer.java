package org.chronovisor.replay;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.chronovisor.memory.Page;
import org.chronovisor.memory.PageSource;
import org.chronovisor.memory.PhysicalMemory;
import org.chronovisor.trace.CpuSwitch;
import org.chronovisor.trace.MemoryEvent;
import org.chronovisor.trace.PathCheckpoint;
import org.chronovisor.trace.PlannedInstruction;
import org.chronovisor.trace.SegmentInfo;
import org.chronovisor.trace.TraceEnd;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Transfer;
import org.chronovisor.x86.Bus;
import org.chronovisor.x86.Cpu;
import org.chronovisor.x86.CpuState;
import org.chronovisor.x86.Flags;
import org.chronovisor.x86.GuestFault;
import org.chronovisor.x86.InsnListener;
import org.chronovisor.x86.Interpreter;
import org.chronovisor.x86.LoadListener;
import org.chronovisor.x86.Mmu;
import org.chronovisor.x86.PlanTable;
import org.chronovisor.x86.QemuFaults;
import org.chronovisor.x86.RegionOptions;
import org.chronovisor.x86.StopSet;
import org.chronovisor.x86.StoreListener;
import org.chronovisor.x86.TransferListener;

/**
 * A machine that can stand at any position of a recorded run.
 *
 * <p>Its state at position N is that before instruction N, after everything that happened between
 * instructions N-1 and N. Not thread-safe; a trace may be shared by many replayers.
 */
public final class Replayer {
  /** Longest stretch executed between two looks at the cancel flag, in instructions. */
  private static final long SLICE = 1_000_000;

  /** The local APIC's task priority (Intel SDM vol. 3, 11.8.6), at its base after reset. */
  private static final long TASK_PRIORITY = 0xfee0_0080L;

  private final TraceReader trace;
  private final PhysicalMemory memory;
  private final Mmu mmu;
  private final Cpu cpu;
  private final Interpreter interpreter;
  private final FirmwareCode firmware;
  private final CaptureApplier captures;
  private final TransferApplier transfers;
  private final Map<Long, StoreListener> watches = new HashMap<>();
  private final Map<Long, LoadListener> loadWatches = new HashMap<>();

  /** Registers of the vCPUs that do not execute; those of the one that does are stale. */
  private final CpuState[] parked;

  /** The vCPU that executes: its registers are in {@link #cpu}. */
  private int current;

  private int segment = -1;
  private SegmentInfo info;
  private EventCursor events;
  private BooleanSupplier cancelled = () -> false;
  private boolean settling;

  /** A move has failed: the machine stands at no state of the recorded run. */
  private boolean broken;

  /** Null when none are kept. */
  private Snapshots snapshots;

  /** Where pages not touched since come from, or null: the keyframe. */
  private Snapshot base;

  public Replayer(TraceReader trace) {
    this.trace = trace;
    memory = new PhysicalMemory(trace.header().ram());
    mmu = new Mmu(memory);
    cpu = new Cpu(mmu);
    // The names are QEMU's; which feature stands for which instruction is QEMU 10.0's choice.
    cpu.hasTzcnt = trace.header().cpuFeatures().contains("abm");
    cpu.hasLzcnt = trace.header().cpuFeatures().contains("bmi1");
    QemuFaults.of(trace.header().qemu()).applyTo(cpu);
    PlanTable plans = new PlanTable();
    for (PlannedInstruction planned : trace.plans()) {
      plans.put(planned.mode(), planned.bytes(), planned.plan());
    }
    interpreter = new Interpreter(cpu, plans);
    firmware = new FirmwareCode(trace);
    interpreter.setOutside(firmware);
    captures = new CaptureApplier(interpreter);
    transfers = new TransferApplier(interpreter, cpu);
    parked = new CpuState[Math.max(1, trace.header().cpus())];
    cpu.setCaptureSink(captures);
    mmu.setBus(new RecordedBus());
    mmu.setStoreListener(this::stored);
    mmu.setLoadListener(this::loaded);
    if (trace.segmentCount() == 0) {
      throw new ReplayException(0, "the trace holds no whole segment");
    }
    enter(0);
  }

  /** Whether hot code is compiled from now on, whatever is the default. */
  public void compile(boolean on) {
    interpreter.setRegionOptions(RegionOptions.ofProperties(on));
  }

  /** Asked about once in a few milliseconds; true makes a move end early by CancelledException. */
  public void setCancelled(BooleanSupplier cancelled) {
    this.cancelled = cancelled;
  }

  /**
   * Keeps states inside the segment that {@link #seek} went to last, so that short ways back are
   * fast.
   *
   * @param mostBytes memory to spend, about
   */
  public void keepSnapshots(long mostBytes) {
    snapshots = new Snapshots(mostBytes);
  }

  /** The vCPU that executes next. */
  public Cpu cpu() {
    return cpu;
  }

  /** The number of vCPUs. */
  public int cpus() {
    return parked.length;
  }

  /** Number of the vCPU that executes next. */
  public int currentCpu() {
    return current;
  }

  /** A copy of the registers of a vCPU. */
  public CpuState state(int number) {
    return number == current ? cpu.save() : parked[number].copy();
  }

  /** The address translation of a vCPU, to be used before the machine moves on. */
  public Mmu mmu(int number) {
    if (number == current) {
      return mmu;
    }
    Mmu view = new Mmu(memory);
    view.configure(parked[number]);
    return view;
  }

  private List<CpuState> states() {
    List<CpuState> states = new ArrayList<>();
    for (int i = 0; i < parked.length; i++) {
      // Parked states are replaced, never changed.
      states.add(i == current ? cpu.save() : parked[i]);
    }
    return states;
  }

  public PhysicalMemory memory() {
    return memory;
  }

  /** Retired instructions; inside a store listener, those before the storing instruction. */
  public long position() {
    return interpreter.position();
  }

  /** Inside a store listener: the store belongs to no instruction that retires. */
  public boolean isBetweenInstructions() {
    return settling;
  }

  /** Path hash at the current position (docs/ring-protocol.md). */
  public long pathHash() {
    return interpreter.pathHash();
  }

  /** Number of the segment the machine stands in. */
  public int segment() {
    return segment;
  }

  /** The last position of the recording. */
  public long end() {
    return trace.segment(trace.segmentCount() - 1).end();
  }

  /**
   * Goes to a position, forwards or backwards.
   *
   * @throws ReplayException when replay and recording disagree on the way
   */
  public void seek(long target) {
    if (target < 0 || target > end()) {
      throw new IllegalArgumentException("position " + target + " is outside 0.." + end());
    }
    int wanted = segmentOf(target);
    Snapshot snapshot = snapshots == null ? null : snapshots.before(wanted, target);
    if (broken || wanted != segment || target < position()) {
      if (snapshot == null) {
        enter(wanted);
      } else {
        restore(snapshot, wanted);
      }
    } else if (snapshot != null && snapshot.position() > position()) {
      restore(snapshot, wanted);
    }
    runTo(target);
  }

  private void restore(Snapshot snapshot, int index) {
    broken = true;
    place(index, new EventCursor(snapshot.events()));
    base = snapshot;
    stand(
        snapshot.cpu(),
        snapshot.cpus(),
        frame -> {
          byte[] bytes = snapshot.pages().get(frame);
          return bytes == null ? trace.page(frame, index) : bytes.clone();
        },
        snapshot.position(),
        snapshot.pathHash());
    broken = false;
  }

  private void stand(
      int number, List<CpuState> states, PageSource pages, long position, long hash) {
    current = number;
    for (int i = 0; i < parked.length; i++) {
      parked[i] = states.get(i);
    }
    cpu.load(parked[current]);
    memory.reset(pages);
    mmu.flush();
    for (long frame : watches.keySet()) {
      mark(frame, Page.WATCHED);
    }
    for (long frame : loadWatches.keySet()) {
      mark(frame, Page.LOADS_WATCHED);
    }
    interpreter.reset(position, hash);
  }

  /** Keeps the present state if it can be gone on from and none is near. */
  private void takeSnapshot() {
    if (interpreter.isBetweenBlocks() && position() < info.end()) {
      snapshots.add(
          segment,
          info.start(),
          () ->
              new Snapshot(
                  position(),
                  current,
                  states(),
                  pathHash(),
                  new EventCursor(events),
                  base == null ? new HashMap<>() : new HashMap<>(base.pages())),
          position(),
          memory);
    }
  }

  /** Enters a segment afresh from its keyframe. */
  public void enter(int index) {
    broken = true;
    load(index);
    stand(
        info.cpu(), info.cpus(), frame -> trace.page(frame, index), info.start(), info.pathHash());
    settle();
    broken = false;
  }

  private void load(int index) {
    place(index, new EventCursor(trace.events(index)));
  }

  private void place(int index, EventCursor cursor) {
    segment = index;
    info = trace.segment(index);
    events = cursor;
    captures.use(events);
    firmware.enter(events.blocks());
    base = null;
  }

  /** Number of the last segment that starts at or before a position and has instructions there. */
  public int segmentOf(long position) {
    int low = 0;
    int high = trace.segmentCount() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (trace.segment(middle).start() <= position) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /**
   * Runs forwards to a position, over segment ends when need be.
   *
   * @throws ReplayException when replay and recording disagree on the way
   */
  public void runTo(long target) {
    while (position() < target) {
      runWithin(Math.min(target, info.end()));
      // What happened at a segment's end before the next instruction is in the next segment.
      while (position() == info.end() && segment + 1 < trace.segmentCount()) {
        next();
      }
    }
  }

  /**
   * Runs on within the segment until the next instruction is at one of some addresses.
   *
   * @return whether it is; else the machine stands at {@code target}
   * @param target beyond the position, not beyond the segment's end
   */
  public boolean runToStop(long target, StopSet stops) {
    if (broken) {
      throw new IllegalStateException("the replay has failed; seek first");
    }
    boolean stopped = false;
    broken = true;
    try {
      while (!stopped && position() < target) {
        interpreter.runTo(Math.min(target, events.next()), stops);
        settle();
        stopped = stops.contains(cpu.rip + cpu.segmentBase[1]);
      }
    } catch (GuestFault e) {
      throw fault(e);
    }
    broken = false;
    return stopped;
  }

  private ReplayException fault(GuestFault e) {
    return new ReplayException(position(), String.format("%s (rip 0x%x)", e.getMessage(), cpu.rip));
  }

  /** Goes on in the next segment with the machine as it stands, which must equal its keyframe. */
  private void next() {
    broken = true;
    checkConsumed();
    load(segment + 1);
    List<String> differences = differences(info.cpu(), info.cpus());
    if (!differences.isEmpty()) {
      throw new ReplayException(position(), differences.get(0));
    }
    settle();
    broken = false;
  }

  /** What of the registers is not as it should be, one line each. */
  List<String> differences(int expectedCpu, List<CpuState> expected) {
    List<String> lines = new ArrayList<>();
    if (expectedCpu != current) {
      lines.add("vCPU that executes: expected " + expectedCpu + ", found " + current);
    }
    for (int i = 0; i < parked.length; i++) {
      for (var difference : expected.get(i).differences(state(i))) {
        lines.add(
            (parked.length > 1 ? "vCPU " + i + " " : "")
                + difference.register()
                + ": expected "
                + difference.expected()
                + ", found "
                + difference.found());
      }
    }
    return lines;
  }

  /**
   * At a segment's end: everything recorded in it has been used.
   *
   * @throws ReplayException when something has not
   */
  void checkConsumed() {
    String left = events.left(info.end());
    if (left != null) {
      throw new ReplayException(position(), "no instruction of the segment has made " + left);
    }
  }

  /**
   * Runs forwards to a position that is not beyond the segment's end, and stays in the segment
   * there: what the next one has at the same position has not happened yet.
   */
  public void runWithin(long target) {
    if (broken) {
      throw new IllegalStateException("the replay has failed; seek first");
    }
    broken = true;
    try {
      while (position() < target) {
        long limit = Math.min(Math.min(target, events.next()), position() + SLICE);
        if (snapshots != null) {
          limit = Math.min(limit, snapshots.nextDue(segment, info.start(), position()));
        }
        interpreter.runTo(limit);
        settle();
        if (cancelled.getAsBoolean()) {
          // Between two instructions all is well: the move can go on.
          broken = false;
          throw new java.util.concurrent.CancellationException();
        }
        if (snapshots != null) {
          takeSnapshot();
        }
      }
    } catch (GuestFault e) {
      throw fault(e);
    }
    broken = false;
  }

  /** Applies everything that happened between the last instruction and the next. */
  private void settle() {
    settling = true;
    try {
      applyEvents();
    } catch (GuestFault e) {
      throw fault(e);
    } finally {
      settling = false;
    }
  }

  private void applyEvents() {
    long position = position();
    while (events.next() == position) {
      PathCheckpoint checkpoint = events.checkpoint(position);
      long hash = checkpoint == null ? 0 : checkpoint.hash();
      boolean proved = interpreter.pathHash() == hash;
      CpuSwitch change;
      do {
        for (MemoryEvent event; (event = events.external(position)) != null; ) {
          mmu.storePhysical(event.physical(), event.data());
        }
        for (Transfer transfer; (transfer = events.transfer(position)) != null; ) {
          transfers.apply(transfer, events);
          proved |= interpreter.pathHash() == hash;
        }
        change = null;
        if (parked.length > 1) {
          change = switchDue(position);
          proved |= interpreter.pathHash() == hash;
        }
      } while (change != null);
      if (checkpoint != null && !proved) {
        throw new ReplayException(
            position,
            String.format(
                "the path taken differs from the recorded one (path hash 0x%x, recorded 0x%x)",
                interpreter.pathHash(), hash));
      }
    }
    if (events.next() < position) {
      throw new ReplayException(position, "the trace's events are not in order");
    }
    if (position == info.end() && segment == trace.segmentCount() - 1) {
      trace.end().ifPresent(this::settleEnd);
    }
  }

  /** Lets another vCPU go on, if that is due. */
  private CpuSwitch switchDue(long position) {
    CpuSwitch change = events.nextSwitch(position);
    if (change == null) {
      return null;
    }
    if (change.cut()) {
      // Before the event is used: it limits which stores are those of the cut instruction.
      transfers.finishCutRep(change.counter(), position, events);
      if (change.resumeFlag()) {
        cpu.systemFlags |= Flags.RF;
      }
    }
    events.switched();
    parked[current] = cpu.save();
    current = change.cpu();
    cpu.load(change.state() == null ? parked[current] : change.state());
    interpreter.switched(current, change.state() != null);
    return change;
  }

  /** A fault that ends in a reset is never delivered: its address is all that remains of it. */
  private void settleEnd(TraceEnd end) {
    if (end.reason().equals("reset") && end.state() != null) {
      cpu.cr2 = end.state().words[CpuState.CR2];
    }
  }

  /** What is not known of RAM at the current position. */
  public Unknown unknown() {
    Unknown unknown = new Unknown();
    events.addPending(unknown);
    for (int i = segment + 1; i < trace.segmentCount() && !trace.segment(i).audited(); i++) {
      new EventCursor(trace.events(i)).addPending(unknown);
    }
    return unknown;
  }

  /** Has each instruction told of before it executes, or none when null. */
  public void tellInstructions(InsnListener listener) {
    interpreter.setInsnListener(listener);
  }

  /**
   * Has each control transfer told of that does not go to the next instruction, interrupts and
   * exceptions included, or none when null.
   */
  public void tellTransfers(TransferListener listener) {
    interpreter.setTransferListener(listener);
  }

  /** Inside a store listener: linear address of the storing instruction. */
  public long storingPc() {
    return interpreter.currentPc();
  }

  /**
   * Reports stores to a page of RAM, captured ones, transfers' frames and external writes too.
   *
   * @param frame guest physical address divided by 4096
   */
  public void watch(long frame, StoreListener listener) {
    watches.put(frame, listener);
    interpreter.setTracked(true);
    mark(frame, Page.WATCHED);
    mmu.flushWrites();
  }

  /**
   * Reports loads of instructions from a page of RAM; those of the MMU and of instruction bytes are
   * not reported.
   *
   * @param frame guest physical address divided by 4096
   */
  public void watchLoads(long frame, LoadListener listener) {
    loadWatches.put(frame, listener);
    interpreter.setTracked(true);
    mark(frame, Page.LOADS_WATCHED);
    mmu.flush();
  }

  /** Ends all watching. */
  public void unwatch() {
    for (long frame : watches.keySet()) {
      Page page = memory.page(frame);
      if (page != null) {
        page.flags &= ~Page.WATCHED;
      }
    }
    for (long frame : loadWatches.keySet()) {
      Page page = memory.page(frame);
      if (page != null) {
        page.flags &= ~Page.LOADS_WATCHED;
      }
    }
    watches.clear();
    loadWatches.clear();
    interpreter.setTracked(false);
  }

  private void mark(long frame, int flag) {
    Page page = memory.page(frame);
    if (page != null) {
      page.flags |= flag;
    }
  }

  private void loaded(Page page, int offset, int size) {
    LoadListener listener = loadWatches.get(page.frame);
    if (listener != null) {
      listener.loaded(page, offset, size);
    }
  }

  private void stored(Page page, int offset, int size) {
    StoreListener listener = watches.get(page.frame);
    if (listener != null) {
      listener.stored(page, offset, size);
    }
  }

  /** Loads from outside RAM give what was recorded. */
  private final class RecordedBus implements Bus {
    @Override
    public long load(long linear, long physical, int size) {
      MemoryEvent event = events.mmioLoad(physical, size, interpreter.blockEnd());
      if (event == null) {
        throw new GuestFault("no recorded load from outside RAM", physical);
      }
      long value = 0;
      int from = (int) (physical - event.physical());
      for (int i = size - 1; i >= 0; i--) {
        value = value << 8 | (event.data()[from + i] & 0xff);
      }
      return value;
    }

    @Override
    public void store(long linear, long physical, int size, long value) {
      if (physical == TASK_PRIORITY) {
        cpu.cr8 = value >>> 4 & 15;
      }
      // Other devices are not replayed: what they did to the guest is in the recording.
    }
  }
}
