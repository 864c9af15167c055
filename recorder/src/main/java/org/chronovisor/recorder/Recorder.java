package org.chronovisor.recorder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.chronovisor.memory.Page;
import org.chronovisor.memory.RamRegion;
import org.chronovisor.trace.TraceEnd;
import org.chronovisor.trace.TraceException;
import org.chronovisor.trace.TraceHeader;
import org.chronovisor.trace.Traces;
import org.chronovisor.x86.CpuState;
import org.chronovisor.x86.InstructionPlanner;

/** Records one run of a guest. One recording per instance; {@link #stop} from any thread. */
public final class Recorder {
  private static final long PROGRESS_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long REMINDER_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long SHUTDOWN_SECONDS = 60;
  private static final long HOLD_MILLIS = 1500;
  private static final long QUIT_MILLIS = 20_000;
  private static final long INTERRUPT_FLAG = 1 << 9;

  /** Where an x86 CPU begins (Intel SDM volume 3, 9.1.4). */
  private static final long RESET = 0xffff_fff0L;

  /** Features that decide which instruction an encoding is: lzcnt and tzcnt, else bsr and bsf. */
  private static final List<String> FEATURES = List.of("abm", "bmi1");

  private final InstructionPlanner planner;
  private final CountDownLatch done = new CountDownLatch(1);
  private final Inexact inexact = new Inexact();
  private final BlockTable blocks = new BlockTable();
  private final RecordingCost cost = new RecordingCost();
  private final SegmentBuilder builder = new SegmentBuilder(blocks, inexact, cost);
  private volatile boolean stopRequested;

  /**
   * A recorder.
   *
   * @param planner decides how each instruction is recorded
   */
  public Recorder(InstructionPlanner planner) {
    this.planner = planner;
  }

  /** Asks the recording to end in an orderly way. */
  public void stop() {
    stopRequested = true;
  }

  /**
   * Records until the guest ends, {@link #stop} is called, or the JVM is told to go down (Ctrl-C,
   * SIGTERM): then the trace is finished first.
   *
   * @throws RecordException when it cannot be done; what was written before remains
   */
  public RecordSummary record(RecordOptions options, RecordListener listener) {
    Thread hook =
        new Thread(
            () -> {
              stop();
              try {
                if (!done.await(SHUTDOWN_SECONDS, TimeUnit.SECONDS)) {
                  System.err.println("the trace could not be finished in time");
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "recorder-shutdown");
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      throw new RecordException("stopped before the guest was started: nothing was recorded", e);
    }
    try {
      return new Recording(options, listener).run();
    } catch (TraceException e) {
      throw new RecordException(e.getMessage(), e);
    } catch (IOException e) {
      throw new RecordException("recording failed: " + e.getMessage(), e);
    } finally {
      done.countDown();
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The JVM is going down already, and the hook waits for us.
      }
    }
  }

  /** One recording: what its steps share. */
  private final class Recording {
    private final RecordOptions options;
    private final RecordListener listener;
    private final QemuCommandLine command;
    private final GuestSymbols symbols = new GuestSymbols();
    private final List<SymbolFile> files = new ArrayList<>();
    private long startAddress;
    private boolean fromReset;
    private RecordingSession session;
    private List<RamRegion> regions;
    private TraceAppender appender;
    private TranslationOracle oracle;
    private PluginLink link;
    private long armedNanos;
    private long[] kernelGsBases;
    private VcpuOrder order;
    private double cpuAtStart;
    private double cpu;

    Recording(RecordOptions options, RecordListener listener) {
      this.options = options;
      this.listener = listener;
      command = new QemuCommandLine(options.command());
    }

    RecordSummary run() throws IOException {
      QemuVersion version = QemuVersion.of(command.binary());
      Path plugin = PluginLibrary.locate(options.plugin());
      command.notices().forEach(this::notice);
      if (options.segmentLength() < 1) {
        throw RecordException.refused("a segment needs at least one instruction");
      }
      startAddress = resolveStart();
      embedSources();
      if (stopRequested) {
        throw new RecordException("stopped before the guest was started: nothing was recorded");
      }
      appender = new TraceAppender(() -> Traces.create(options.output()));
      try {
        session = new RecordingSession(options, command, plugin, startAddress, this::qemuSays);
        try {
          reachStart();
          arm(version);
          return finish(follow());
        } finally {
          // Ends QEMU before its sockets: the plugin must not believe the recorder died.
          session.close();
        }
      } finally {
        appender.close();
      }
    }

    private void notice(String line) {
      synchronized (listener) {
        listener.notice(line);
      }
    }

    private void qemuSays(String line) {
      notice("QEMU: " + line);
    }

    private long resolveStart() {
      KernelImage kernel = command.kernel() == null ? null : KernelImage.read(command.kernel());
      if (kernel != null) {
        addKernel(command.kernel(), kernel);
      }
      for (Path path : options.symbols()) {
        files.add(SymbolFile.parse(path));
      }
      for (SymbolFile file : files) {
        file.early().ifPresent(bias -> symbols.add(file.path(), file.image(), bias, this::notice));
      }
      String start = options.start();
      if (start.equals("reset")) {
        fromReset = true;
        return RESET;
      }
      if (start.startsWith("0x") || start.startsWith("0X")) {
        try {
          return Long.parseUnsignedLong(start.substring(2), 16);
        } catch (NumberFormatException e) {
          throw RecordException.refused(
              "--start " + start + " is no address: write 0x and digits", e);
        }
      }
      if (!start.equals("entry")) {
        return KernelImage.find(symbols.symbols(), start);
      }
      if (kernel != null && kernel.entry().isPresent()) {
        return kernel.entry().getAsLong();
      }
      notice(
          (kernel == null
                  ? "without -kernel"
                  : command.kernel() + " has neither a PVH note nor a multiboot header, so")
              + " the guest's entry is not known: recording from reset, the firmware too (to skip"
              + " it: --start 0xADDRESS, or --symbols ELF --start SYMBOL)");
      fromReset = true;
      return RESET;
    }

    /** A stripped kernel's symbols are often in KERNEL.dbg beside it (Unikraft). */
    private void addKernel(Path path, KernelImage kernel) {
      Path beside = path.resolveSibling(path.getFileName() + ".dbg");
      if (kernel.symbols().isEmpty() && Files.isRegularFile(beside)) {
        KernelImage debug = KernelImage.read(beside);
        if (!debug.symbols().isEmpty() && debug.elfEntry() == kernel.elfEntry()) {
          notice("the kernel has no symbols: taking those of " + beside);
          files.add(new SymbolFile(beside, debug, OptionalLong.empty(), kernel));
          return;
        }
        notice(beside + " is left out: it does not belong to " + path);
      }
      if (!kernel.symbols().isEmpty()) {
        files.add(new SymbolFile(path, kernel, OptionalLong.empty(), kernel));
      }
    }

    /** Symbols of code that was found elsewhere than expected, and the trace's end. */
    private void end(TraceEnd traceEnd, List<byte[]> pages) {
      if (!files.isEmpty()) {
        BiasFinder finder = new BiasFinder(blocks.all());
        GuestSymbols late = new GuestSymbols();
        List<String> notes = new ArrayList<>();
        for (SymbolFile file : files) {
          boolean told = file.bias().isPresent();
          Map<Long, Integer> found = told ? Map.of() : finder.find(file.code().code());
          notes.add(file.describe(found));
          for (long bias : found.keySet()) {
            if (file.image().isRelocatable() || found.size() > 1 || bias != 0) {
              late.add(file.path(), file.image(), bias, line -> {});
            }
          }
        }
        appender.symbols(late, notes);
      }
      appender.end(traceEnd, pages);
    }

    /** Stores source files, each of which is told first: a trace may be passed on. */
    private void embedSources() {
      if (options.embedSource() == null) {
        return;
      }
      SourceFiles files = new SourceFiles(options.embedSource(), symbols.lines());
      files.lines().forEach(this::notice);
      symbols.addSources(files.read());
    }

    /** Runs the firmware up to the start address. */
    private void reachStart() throws IOException {
      GdbRemoteClient gdb = session.gdb();
      if (fromReset) {
        List<MonitorRegisters> registers = session.registers();
        startAddress = registers.get(0).linearPc();
        compareWithStub(registers);
        return;
      }
      gdb.setBreakpoint(startAddress);
      synchronized (listener) {
        listener.waiting(startAddress);
      }
      gdb.send("c");
      final long begin = System.nanoTime();
      long looked = begin;
      boolean reminded = false;
      boolean halted = false;
      String reply = null;
      while (reply == null || !(reply.startsWith("T") || reply.startsWith("S"))) {
        if (stopRequested) {
          throw new RecordException(
              "stopped before the guest reached "
                  + hex(startAddress)
                  + ": nothing was recorded; see --start");
        }
        try {
          reply = gdb.receive(100);
        } catch (IOException e) {
          throw notReached("QEMU ended", e);
        }
        long now = System.nanoTime();
        if (reply == null && now - looked > PROGRESS_NANOS) {
          looked = now;
          boolean still = isHalted();
          if (still && halted) {
            throw notReached("the guest halted with interrupts off", null);
          }
          halted = still;
          if (!reminded && now - begin > REMINDER_NANOS) {
            reminded = true;
            notice("still waiting for the guest to reach " + hex(startAddress) + " (see --start)");
          }
        }
      }
      List<MonitorRegisters> registers = session.registers();
      if (registers.stream().noneMatch(r -> r.linearPc() == startAddress)) {
        throw notReached("the guest ended (" + session.qmp().status() + ")", null);
      }
      compareWithStub(registers);
    }

    private void compareWithStub(List<MonitorRegisters> registers) throws IOException {
      GdbRemoteClient gdb = session.gdb();
      kernelGsBases = new long[registers.size()];
      for (int i = 0; i < kernelGsBases.length; i++) {
        gdb.selectCpu(i);
        GdbRegisters snapshot = new GdbRegisters(gdb.registers());
        kernelGsBases[i] = snapshot.kernelGsBase();
        List<String> differing = snapshot.differences(registers.get(i).state());
        if (!differing.isEmpty()) {
          inexact.add("at the start QEMU's monitor and GDB stub disagree on " + differing);
        }
      }
    }

    private RecordException notReached(String what, Throwable cause) {
      return new RecordException(
          what
              + " before it reached the start address "
              + hex(startAddress)
              + ": choose another --start",
          cause);
    }

    private void arm(QemuVersion version) throws IOException {
      regions = session.memoryMap();
      if (options.check()) {
        // Then each instruction's flags are there to be compared, see blocks.c.
        session.qmp().monitor("one-insn-per-tb on");
      }
      appender.begin(
          new TraceHeader(
              version.text(),
              "x86_64",
              kernelGsBases.length,
              options.command(),
              regions,
              session.qmp().cpuFeatures(FEATURES),
              startAddress,
              System.currentTimeMillis(),
              options.deterministic(),
              options.check()),
          symbols);
      session.stacks().place(regions);
      order = new VcpuOrder(kernelGsBases.length);
      builder.prepare(
          new Vcpus(kernelGsBases, vcpu -> session.qmp().taskPriority(order.number(vcpu), true)),
          session.stacks()::read,
          (state, address, bytes) -> {
            for (int at = 0; at < bytes.length; ) {
              int room = Page.SIZE - (int) (address + at & (Page.SIZE - 1));
              int end = Math.min(bytes.length, at + room);
              long physical = session.stacks().physical(state, address + at);
              if (physical >= 0) {
                session.shadow().store(regions, physical, Arrays.copyOfRange(bytes, at, end));
              }
              at = end;
            }
          });
      ModeResolver modes = new ModeResolver(session::registersWhileVcpuWaits);
      oracle = new TranslationOracle(planner, modes, blocks, cost, options.check());
      link =
          new PluginLink(
              new PluginLink.Parts(
                  session.control(),
                  session.ring(),
                  session.shadow(),
                  builder,
                  oracle,
                  appender,
                  session::registersWhileVcpuWaits,
                  regions,
                  order),
              () -> session.events().add(new QmpClient.Event("WAKE", "")));
      link.start();
      session.ring().arm(regions);
      if (!fromReset) {
        session.gdb().removeBreakpoint(startAddress);
      }
      session.events().clear();
      cpuAtStart = cpuSeconds();
      armedNanos = System.nanoTime();
      session.gdb().send("c");
    }

    private double slowdown() {
      return cost.slowdown(session.ring().livePosition(), cpuAtStart, cpu, session.ring().costs());
    }

    private double cpuSeconds() {
      return session.process().cpuTime().toNanos() / 1e9;
    }

    /** Waits for the end, telling the progress. */
    private GuestEnd follow() throws IOException {
      long lastTime = System.nanoTime();
      long lastPosition = 0;
      while (true) {
        GuestEnd end = poll(lastTime + PROGRESS_NANOS - System.nanoTime());
        if (end != null) {
          return end;
        }
        long now = System.nanoTime();
        if (now - lastTime < PROGRESS_NANOS) {
          continue;
        }
        long position = session.ring().livePosition();
        double mips = (position - lastPosition) * 1e3 / (now - lastTime);
        synchronized (listener) {
          listener.progress(position, mips, appender.bytes(), builder.lastConsoleLine());
        }
        if (position == lastPosition && builder.started() && isHalted()) {
          return GuestEnd.HALTED;
        }
        lastTime = now;
        lastPosition = position;
      }
    }

    private boolean isHalted() {
      try {
        return session.registers().stream()
            .allMatch(
                registers ->
                    registers.halted()
                        && (registers.state().words[CpuState.RFLAGS] & INTERRUPT_FLAG) == 0);
      } catch (IOException e) {
        return false;
      }
    }

    private GuestEnd poll(long nanos) throws IOException {
      QmpClient.Event event;
      try {
        event = session.events().poll(Math.min(nanos, 50_000_000L), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        stopRequested = true;
        event = null;
      }
      if (link.failure() != null) {
        throw link.failure();
      }
      if (event != null) {
        switch (event.name()) {
          case "SHUTDOWN":
            return GuestEnd.shutdown(event.reason());
          case "GUEST_PANICKED":
            return GuestEnd.PANIC;
          case "STOP":
            GuestEnd end = stopped();
            if (end != null) {
              return end;
            }
            break;
          default:
        }
      }
      if (link.isGone() || !session.process().isAlive()) {
        session.process().await(5000);
        if (link.failure() != null) {
          throw link.failure();
        }
        return session.process().isAlive()
            ? new GuestEnd("killed", "QEMU closed its connection", false)
            : GuestEnd.exited(session.process().exitValue());
      }
      return stopRequested ? GuestEnd.INTERRUPTED : null;
    }

    /** QEMU stopped by itself; somebody's own "stop" in a monitor is no end. */
    private GuestEnd stopped() {
      try {
        return switch (session.qmp().status()) {
          case "guest-panicked" -> GuestEnd.PANIC;
          case "internal-error" ->
              new GuestEnd("error", "QEMU met an internal error of the guest", true);
          case "io-error" -> new GuestEnd("error", "QEMU met an I/O error", true);
          default -> null;
        };
      } catch (IOException e) {
        return null;
      }
    }

    private RecordSummary finish(GuestEnd end) throws IOException {
      PluginLink.Held held = end.equals(GuestEnd.INTERRUPTED) ? link.hold(HOLD_MILLIS) : null;
      Final last = null;
      if (held == null && end.inspectable()) {
        try {
          last = inspect();
        } catch (IOException e) {
          end = new GuestEnd("killed", "QEMU was killed while the guest ended", false);
        }
      }
      final double wall = (System.nanoTime() - armedNanos) / 1e9;
      cpu = Math.max(0, cpuSeconds() - cpuAtStart);
      TraceEnd traceEnd;
      if (held != null) {
        traceEnd = complete(end, held);
        quitHeld();
      } else {
        quit();
        link.finish();
        if (link.failure() != null) {
          throw link.failure();
        }
        if (!builder.started()) {
          throw new RecordException("QEMU ended before the first instruction was recorded");
        }
        boolean whole = last != null && builder.end() != null && link.lost() == null;
        traceEnd = whole ? complete(end, last) : cutOff(end);
      }
      appender.close();
      if (appender.failure() != null) {
        throw appender.failure();
      }
      RecordSummary summary =
          new RecordSummary(
              options.output(),
              traceEnd.reason(),
              traceEnd.message(),
              traceEnd.position(),
              finalPc,
              traceEnd.state() != null,
              appender.bytes(),
              link.segments() + 1,
              wall,
              cpu,
              traceEnd.slowdown(),
              traceEnd.inexact());
      synchronized (listener) {
        listener.finished(summary);
      }
      return summary;
    }

    /** The held vCPU must run once more, or QEMU would wait for it for ever. */
    private void quitHeld() {
      try {
        session.qmp().expectStop();
        session.qmp().post("quit");
      } catch (IOException e) {
        // It is gone already.
      }
      link.release();
      if (!session.process().await(QUIT_MILLIS)) {
        session.process().kill();
      }
      session.process().awaitOutput();
    }

    private TraceEnd complete(GuestEnd end, PluginLink.Held held) throws IOException {
      SegmentBuilder.SegmentStop stop = held.stop();
      SegmentBuilder.FinalStates states = builder.hold(stop, held.registers());
      FinishedSegment segment = builder.finishAt(stop.position());
      finalPc = stop.pc();
      if (!stop.audited()) {
        inexact.add("RAM was not compared at the end: what devices wrote last may be missing");
      }
      appender.append(oracle.takeNew(), segment);
      ShadowFile.ChangedPages pages = session.shadow().take(regions, false);
      TraceEnd traceEnd =
          new TraceEnd(
              stop.position(),
              states.state(),
              states.current(),
              states.states(),
              states.hash(),
              end.reason(),
              end.message(),
              pages.frames(),
              inexact.lines(),
              slowdown());
      end(traceEnd, pages.contents());
      return traceEnd;
    }

    private long finalPc;

    /** The stopped vCPUs' registers, and the bytes at their stack pointers. */
    private record Final(
        List<MonitorRegisters> registers, List<GdbRegisters> gdb, List<byte[]> frames) {}

    private Final inspect() throws IOException {
      session.qmp().expectStop();
      session.qmp().execute("stop", java.util.Map.of());
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
      while (session.qmp().status().equals("running") && System.nanoTime() < deadline) {
        sleep(5);
      }
      List<MonitorRegisters> registers = session.registers();
      List<GdbRegisters> snapshots = new ArrayList<>();
      List<byte[]> frames = new ArrayList<>();
      String reply = session.gdb().receive(2000);
      for (int i = 0; i < registers.size() && reply != null; i++) {
        CpuState state = registers.get(i).state();
        session.gdb().selectCpu(i);
        GdbRegisters snapshot = new GdbRegisters(session.gdb().registers());
        List<String> differing = snapshot.differences(state);
        if (!differing.isEmpty()) {
          inexact.add("at the end QEMU's monitor and GDB stub disagree on " + differing);
        }
        snapshots.add(snapshot);
        frames.add(stack(state.words[4]));
      }
      if (reply == null) {
        inexact.add("the GDB stub gave no final snapshot: kernel_gs_base and cr8 may be old");
      }
      return new Final(registers, snapshots, frames);
    }

    /** What lies at the stack pointer; the page behind may not be mapped. */
    private byte[] stack(long address) throws IOException {
      byte[] bytes = session.gdb().memory(address, 64);
      int room = (int) (Page.SIZE - (address & (Page.SIZE - 1)));
      return bytes.length > 0 || room >= 64 ? bytes : session.gdb().memory(address, room);
    }

    private void sleep(long millis) throws IOException {
      try {
        Thread.sleep(millis);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }

    private void quit() {
      if (session.process().isAlive()) {
        try {
          session.qmp().execute("quit", java.util.Map.of());
        } catch (IOException e) {
          // It may be gone before it answers.
        }
        if (!session.process().await(QUIT_MILLIS)) {
          session.process().kill();
          session.process().await(5000);
        }
      }
      session.process().awaitOutput();
    }

    private TraceEnd complete(GuestEnd end, Final last) throws IOException {
      List<CpuState> states = new ArrayList<>();
      for (int i = 0; i < last.registers.size(); i++) {
        int number = order.number(i);
        CpuState state = builder.complete(i, last.registers.get(number), builder.end().position());
        if (!last.gdb.isEmpty()) {
          state.words[CpuState.KERNEL_GS_BASE] = last.gdb.get(number).kernelGsBase();
          state.words[CpuState.CR8] = last.gdb.get(number).cr8();
        }
        states.add(state);
      }
      int current = builder.currentCpu();
      byte[] frame = last.frames.isEmpty() ? new byte[0] : last.frames.get(order.number(current));
      SegmentBuilder.End plugin = builder.end();
      FinalPosition at =
          FinalPosition.of(
              plugin, blocks.get(plugin.block()), states.get(current), (address, length) -> frame);
      finalPc = at.pc();
      if (!at.explained()) {
        inexact.add("it is not known how control came to the final pc " + hex(at.pc()));
      }
      SegmentBuilder.FinalStates stopped = builder.stop(at, states);
      FinishedSegment segment = builder.finishAt(at.position());
      appender.append(oracle.takeNew(), segment);
      ShadowFile.ChangedPages pages = session.shadow().take(regions, false);
      TraceEnd traceEnd =
          new TraceEnd(
              at.position(),
              stopped.state(),
              stopped.current(),
              stopped.states(),
              stopped.hash(),
              end.reason(),
              end.message(),
              pages.frames(),
              inexact.lines(),
              slowdown());
      end(traceEnd, pages.contents());
      return traceEnd;
    }

    /** QEMU is gone without a final state: the trace ends where the last block began. */
    private TraceEnd cutOff(GuestEnd end) {
      SegmentBuilder.End plugin = builder.end();
      long position = plugin == null ? session.ring().livePosition() : plugin.position();
      long hash = plugin == null ? session.ring().liveHash() : plugin.hash();
      String reason = "killed";
      if (link.lost() != null) {
        position = link.lost().position();
        hash = link.lost().hash();
        reason = end.reason();
        inexact.add("QEMU stopped before the state after the last instruction could be taken");
      }
      FinishedSegment segment = builder.cutOff(position);
      appender.append(oracle.takeNew(), segment);
      TraceEnd traceEnd =
          new TraceEnd(
              segment.info().end(),
              null,
              hash,
              reason,
              end.message(),
              new long[0],
              inexact.lines(),
              slowdown());
      end(traceEnd, List.of());
      return traceEnd;
    }

    private static String hex(long address) {
      return "0x" + Long.toHexString(address);
    }
  }
}
