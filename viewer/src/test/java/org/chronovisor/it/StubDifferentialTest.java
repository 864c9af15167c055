package org.chronovisor.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.chronovisor.it.Recordings.How;
import org.chronovisor.memory.Page;
import org.chronovisor.memory.RamRegion;
import org.chronovisor.replay.Replayer;
import org.chronovisor.replay.Unknown;
import org.chronovisor.trace.SegmentEvents;
import org.chronovisor.trace.Symbol;
import org.chronovisor.trace.TraceEnd;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Traces;
import org.chronovisor.trace.Transfer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Compares the replay with the same machine run again under QEMU's GDB stub alone, without the
 * plugin: at places chosen at random, and then step by step.
 *
 * <p>Guest time follows the instructions ({@code --deterministic}), so both runs are the same run.
 */
class StubDifferentialTest {
  private static final long SEED = 20;
  private static final int STOPS = 12;
  private static final int STEPS = 12;

  /** Instructions before the end that are left alone: the guest may end at any time there. */
  private static final int MARGIN = 100;

  /** Most executions of a place since the last stop for it to be chosen. */
  private static final int MOST_HITS = 40;

  private static final Set<String> INTERRUPT_ENTRIES =
      Set.of("isr_32", "entry_timer", "entry_lapic_timer", "entry_low", "entry_high", "entry_nmi");

  private static int compared;

  @ParameterizedTest
  // A disk answers when the host has time; a halted CPU takes no steps; even with -icount, when
  // QEMU lets another vCPU run depends on the host's time.
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"VIRTIO_BLK", "IDLE", "SMP_2", "SMP_4"})
  @Timeout(value = 3, unit = TimeUnit.MINUTES)
  void everyRegisterAndPageEqualsQemus(Sample sample) throws Exception {
    int positions;
    try (TraceReader trace = open(sample)) {
      boolean interrupted = isInterrupted(trace);
      positions = interrupted ? manyRuns(sample, trace) : oneRun(sample, trace);
      // Where an interrupt comes the two runs part.
      assertTrue(positions >= (interrupted ? 25 : 60), "positions compared: " + positions);
    }
    compared += positions;
  }

  private static int oneRun(Sample sample, TraceReader trace) throws Exception {
    try (Machine machine = new Machine(sample)) {
      Comparison comparison = new Comparison(trace, machine, new Random(SEED));
      comparison.run();
      return comparison.positions;
    }
  }

  /**
   * Each stop has a machine of its own: when a stopped guest goes on, QEMU 10.0 may move its clock
   * to the next timer, and the interrupt comes too early in what follows.
   */
  private static int manyRuns(Sample sample, TraceReader trace) throws Exception {
    int positions = 0;
    Random random = new Random(SEED);
    for (int n = 1; n <= STOPS; n++) {
      try (Machine machine = new Machine(sample)) {
        Comparison comparison = new Comparison(trace, machine, random);
        comparison.runOnce(n);
        positions += comparison.positions;
      }
    }
    return positions;
  }

  private static boolean isInterrupted(TraceReader trace) {
    Set<Long> entries = interruptEntries(trace);
    return IntStream.range(0, trace.segmentCount())
        .mapToObj(trace::events)
        .flatMap(events -> events.transfers().stream())
        .anyMatch(transfer -> entries.contains(transfer.pc()));
  }

  /** Where the samples' handlers of interrupts begin. */
  private static Set<Long> interruptEntries(TraceReader trace) {
    return trace.symbols().stream()
        .filter(symbol -> INTERRUPT_ENTRIES.contains(symbol.name()))
        .map(Symbol::address)
        .collect(Collectors.toSet());
  }

  private static TraceReader open(Sample sample) {
    return Traces.open(Recordings.of(sample, How.DETERMINISTIC).trace());
  }

  @AfterAll
  static void atLeast500PositionsWereCompared() {
    System.out.println("positions compared with QEMU's GDB stub: " + compared);
    assertTrue(compared >= 500, "positions compared: " + compared);
  }

  /** The machine of a deterministic recording, without the plugin. */
  private static final class Machine implements AutoCloseable {
    private static final long RAM = 64 << 20;

    private final Path directory;
    private final Process qemu;
    private final GdbStub stub;
    private final MappedByteBuffer ram;

    Machine(Sample sample) throws IOException, InterruptedException {
      directory = Files.createTempDirectory(Recordings.directory(), "stub");
      Path file = directory.resolve("ram");
      Path socket = directory.resolve("gdb.sock");
      List<String> command = new ArrayList<>(Recordings.command(sample, How.DETERMINISTIC));
      command.addAll(
          List.of(
              "-accel",
              "tcg",
              "-object",
              "memory-backend-file,id=ram,size=64M,share=on,mem-path=" + file,
              "-machine",
              "memory-backend=ram",
              "-gdb",
              "unix:path=" + socket + ",server=on,wait=off",
              "-action",
              "panic=pause,reboot=shutdown,shutdown=pause",
              "-S"));
      qemu =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectOutput(directory.resolve("output").toFile())
              .start();
      Runtime.getRuntime().addShutdownHook(new Thread(qemu::destroyForcibly));
      stub = new GdbStub(socket, qemu);
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        assertEquals(RAM, channel.size());
        ram = channel.map(FileChannel.MapMode.READ_ONLY, 0, RAM);
      }
    }

    @Override
    public void close() throws Exception {
      stub.close();
      qemu.destroyForcibly();
      assertTrue(qemu.waitFor(20, TimeUnit.SECONDS));
      Recordings.delete(directory);
    }
  }

  /** The two runs side by side: the replay leads, QEMU follows. */
  private static final class Comparison {
    private final TraceReader trace;
    private final Machine machine;
    private final GdbStub stub;
    private final Random random;
    private final Replayer replayer;
    private final Set<Long> transfers = new HashSet<>();
    private final Set<Long> avoided = new HashSet<>();
    private final Set<Long> interruptEntries;
    private final Set<Long> frames = new TreeSet<>();
    private Stop lastStop;
    private int positions;

    Comparison(TraceReader trace, Machine machine, Random random) {
      this.trace = trace;
      this.machine = machine;
      this.stub = machine.stub;
      this.random = random;
      replayer = new Replayer(trace);
      interruptEntries = interruptEntries(trace);
      for (int i = 0; i < trace.segmentCount(); i++) {
        SegmentEvents events = trace.events(i);
        events.transfers().forEach(this::note);
        for (long frame : trace.segment(i).frames()) {
          frames.add(frame);
        }
      }
      trace
          .end()
          .map(TraceEnd::frames)
          .ifPresent(
              list -> {
                for (long frame : list) {
                  frames.add(frame);
                }
              });
    }

    /** A place that faulted is reached twice by the stub, but once by the replay. */
    private void note(Transfer transfer) {
      transfers.add(transfer.position());
      byte[] frame = transfer.frame();
      for (int at = 0; at <= 8 && at + 8 <= frame.length && !transfer.special(); at += 8) {
        avoided.add(
            java.nio.ByteBuffer.wrap(frame).order(java.nio.ByteOrder.LITTLE_ENDIAN).getLong(at));
      }
    }

    /** Many stops in one run. */
    void run() throws IOException {
      stub.continueTo(trace.header().startAddress());
      compare(true);
      steps();
      for (int n = 1; n <= STOPS; n++) {
        Stop stop = choose(replayer.position(), last() * n / STOPS, MOST_HITS);
        if (stop != null) {
          goTo(stop);
          steps();
        }
      }
      assertNothingElseInMemory();
    }

    /**
     * One stop, number {@code n} of {@link #STOPS}, at a place that is executed for the first time.
     */
    void runOnce(int n) throws IOException {
      stub.continueTo(trace.header().startAddress());
      compare(true);
      Stop stop = choose(0, last() * n / STOPS, 1);
      goTo(stop);
      steps();
      assertNothingElseInMemory();
    }

    private long last() {
      return replayer.end() - MARGIN;
    }

    private void goTo(Stop stop) throws IOException {
      for (int i = 0; i < stop.hits; i++) {
        if (stub.pc() == stop.pc) {
          stub.step();
        }
        stub.continueTo(stop.pc);
      }
      replayer.seek(stop.position);
      lastStop = stop;
      compare(true);
    }

    private record Stop(long position, long pc, int hits) {}

    /**
     * A random place, if possible in the second half of a stretch, among those that were executed
     * least since the last stop; null when all were executed more than {@code mostHits} times.
     */
    private Stop choose(long from, long to, int mostHits) {
      Map<Long, Integer> hits = new HashMap<>();
      Stop best = null;
      double bestScore = Double.MAX_VALUE;
      while (replayer.position() < to) {
        replayer.runTo(replayer.position() + 1);
        long pc = pc();
        int count = hits.merge(pc, 1, Integer::sum);
        boolean early = replayer.position() < from + (to - from) / 2;
        double score = Integer.highestOneBit(count) + random.nextDouble() + (early ? mostHits : 0);
        if (count <= mostHits && score < bestScore && !avoided.contains(pc) && !isRepeated(pc)) {
          best = new Stop(replayer.position(), pc, count);
          bestScore = score;
        }
      }
      return best;
    }

    private long pc() {
      return replayer.cpu().rip + replayer.cpu().segmentBase[1];
    }

    /** A rep instruction is a breakpoint's stop for each of its iterations. */
    private boolean isRepeated(long pc) {
      long physical = replayer.cpu().mmu.translate(pc);
      byte[] page = replayer.memory().page(physical >>> 12).bytes;
      int first = page[(int) physical & 4095] & 0xff;
      return first == 0xf2 || first == 0xf3 || first == 0x66;
    }

    private void steps() throws IOException {
      for (int i = 0; i < STEPS && replayer.position() < last(); i++) {
        long before = pc();
        boolean repeated = isRepeated(before);
        replayer.runTo(replayer.position() + 1);
        step(before, repeated);
        if (stub.pc() != pc() && (interruptEntry(stub.pc()) || interruptEntry(pc()))) {
          return;
        }
        compare(false);
      }
    }

    /** An interrupt has come early, see above, or not at all in a step: the runs part here. */
    private boolean interruptEntry(long pc) {
      return interruptEntries.contains(pc);
    }

    /** Executes one instruction, and delivers what comes between it and the next. */
    private void step(long before, boolean repeated) throws IOException {
      stub.step();
      // One iteration of a rep instruction is one step.
      for (int i = 0; repeated && i < 100_000 && stub.pc() == before; i++) {
        stub.step();
      }
      if (transfers.contains(replayer.position()) && stub.pc() != pc()) {
        stub.step();
      }
    }

    private void compare(boolean allPages) throws IOException {
      QemuRegisters registers = QemuRegisters.of(stub);
      assertEquals(List.of(), registers.differences(replayer.cpu().save()), this::where);
      List<String> differences = new ArrayList<>();
      if (allPages) {
        frames.forEach(frame -> compare(replayer.memory().page(frame), differences));
      } else {
        replayer.memory().forEachLoaded(page -> compare(page, differences));
      }
      assertEquals(List.of(), differences, this::where);
      positions++;
    }

    private String where() {
      return lastStop
          + ", "
          + "position "
          + replayer.position()
          + ", pc 0x"
          + Long.toHexString(pc());
    }

    private void compare(Page page, List<String> differences) {
      byte[] qemu = new byte[Page.SIZE];
      machine.ram.get(offset(page.frame), qemu);
      if (java.util.Arrays.equals(qemu, page.bytes)) {
        return;
      }
      Unknown unknown = replayer.unknown();
      for (int i = 0; i < qemu.length; i++) {
        long physical = page.frame * Page.SIZE + i;
        if (qemu[i] != page.bytes[i] && !unknown.contains(physical)) {
          differences.add(
              String.format(
                  "physical 0x%x: QEMU %02x, replay %02x", physical, qemu[i], page.bytes[i]));
        }
      }
    }

    private int offset(long frame) {
      for (RamRegion region : trace.header().ram()) {
        if (region.contains(frame * Page.SIZE)) {
          return (int) (frame * Page.SIZE - region.start() + region.offset());
        }
      }
      throw new IllegalStateException("frame 0x" + Long.toHexString(frame) + " is no RAM");
    }

    /** Pages that the trace never mentions are zero in QEMU's RAM. */
    private void assertNothingElseInMemory() {
      byte[] zero = new byte[Page.SIZE];
      byte[] qemu = new byte[Page.SIZE];
      Set<Long> known = new HashSet<>(frames);
      for (RamRegion region : trace.header().ram()) {
        for (long frame = region.start() / Page.SIZE;
            frame < (region.start() + region.length()) / Page.SIZE;
            frame++) {
          if (!known.contains(frame)) {
            machine.ram.get(offset(frame), qemu);
            assertTrue(java.util.Arrays.equals(zero, qemu), "frame 0x" + Long.toHexString(frame));
          }
        }
      }
    }
  }
}
