package org.chronovisor.recorder;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.chronovisor.memory.RamRegion;

/** A QEMU that runs under the recorder's eyes, with everything that is shared with it. */
final class RecordingSession implements Closeable {
  private static final int RING_BYTES = 64 << 20;
  private static final int SEGMENT_BYTES = 16 << 20;
  private static final long CONNECT_SECONDS = 30;
  private static final String REGISTERS = "info registers -a";

  private final WorkFiles files;
  private final Ring ring;
  private final ShadowFile shadow;
  private final StackReader stacks;
  private final LinkedBlockingQueue<QmpClient.Event> events = new LinkedBlockingQueue<>();
  private final Map<String, Long> ramOffsets;
  private QemuProcess process;
  private QmpClient qmp;
  private GdbRemoteClient gdb;
  private ControlChannel control;

  /** Creates the shared files and starts QEMU, which then waits. */
  RecordingSession(
      RecordOptions options,
      QemuCommandLine command,
      Path plugin,
      long start,
      Consumer<String> onError) {
    ramOffsets = command.ram().offsets();
    long ramBytes = command.ram().bytes();
    files = WorkFiles.create(2 * ramBytes + ramBytes / 4096 + RING_BYTES + (1 << 20));
    boolean started = false;
    try {
      ring = new Ring(files.file("ring"), RING_BYTES);
      ring.configure(options.segmentLength(), SEGMENT_BYTES, options.check(), start);
      shadow = new ShadowFile(files.file("shadow"), ramBytes);
      try (RandomAccessFile file = new RandomAccessFile(files.file("ram").toFile(), "rw")) {
        file.setLength(ramBytes);
      }
      stacks = new StackReader(files.file("ram"));
      QemuCommandLine.Wiring wiring =
          new QemuCommandLine.Wiring(
              plugin,
              files.file("ring"),
              files.file("ram"),
              files.file("shadow"),
              files.file("control.sock"),
              files.file("gdb.sock"),
              files.file("qmp.sock"));
      try (LocalSocket controlSocket = new LocalSocket(wiring.control());
          LocalSocket gdbSocket = new LocalSocket(wiring.gdb());
          LocalSocket qmpSocket = new LocalSocket(wiring.qmp())) {
        process =
            new QemuProcess(
                command.recording(wiring, options.deterministic()),
                options.guestInput(),
                options.guestOutput(),
                onError);
        control = new ControlChannel(connect(controlSocket));
        qmp = new QmpClient(connect(qmpSocket), events::add);
        gdb = new GdbRemoteClient(connect(gdbSocket));
      }
      hello();
      process.showErrors();
      // Everything is open in QEMU by now: what is unlinked cannot be left behind.
      files.close();
      started = true;
    } catch (IOException e) {
      throw startFailure(e.getMessage(), e);
    } finally {
      if (!started) {
        close();
      }
    }
  }

  private SocketChannel connect(LocalSocket socket) throws IOException {
    SocketChannel channel = socket.accept(CONNECT_SECONDS, process::isAlive);
    if (channel == null) {
      throw startFailure("it did not connect", null);
    }
    return channel;
  }

  private RecordException startFailure(String otherwise, Throwable cause) {
    if (process != null && process.await(200)) {
      process.awaitOutput();
      String line = process.errors();
      if (line.isEmpty() && process.exitValue() == 0) {
        line = "it ended at once (leave out options that only print something, such as help)";
      }
      if (line.contains("-plugin")) {
        line += " (this QEMU is built without plugins: install your distribution's)";
      }
      return new RecordException(
          "QEMU did not start: " + (line.isEmpty() ? "exit status " + process.exitValue() : line),
          cause);
    }
    return new RecordException("QEMU did not start: " + otherwise, cause);
  }

  private void hello() throws IOException {
    ControlChannel.Message message = control.receive();
    if (message == null || message.type() != RingLayout.HELLO) {
      throw new IOException("the plugin did not say hello");
    }
    int version = message.payload().getInt();
    if (version != RingLayout.PROTOCOL_VERSION) {
      throw new RecordException(
          "the QEMU plugin speaks protocol "
              + version
              + ", not "
              + RingLayout.PROTOCOL_VERSION
              + ": build the project again");
    }
  }

  /** The RAM that the guest sees now. */
  List<RamRegion> memoryMap() throws IOException {
    return MemoryMap.parse(qmp.monitor("info mtree -f"), ramOffsets);
  }

  /** The registers of all vCPUs. */
  List<MonitorRegisters> registers() throws IOException {
    return MonitorRegisters.parseAll(qmp.monitor(REGISTERS));
  }

  /** The same while the vCPU waits for the recorder. */
  List<MonitorRegisters> registersWhileVcpuWaits() throws IOException {
    return MonitorRegisters.parseAll(qmp.monitorWhileVcpuWaits(REGISTERS));
  }

  QemuProcess process() {
    return process;
  }

  QmpClient qmp() {
    return qmp;
  }

  GdbRemoteClient gdb() {
    return gdb;
  }

  ControlChannel control() {
    return control;
  }

  Ring ring() {
    return ring;
  }

  ShadowFile shadow() {
    return shadow;
  }

  StackReader stacks() {
    return stacks;
  }

  /** Events of QEMU in order. */
  LinkedBlockingQueue<QmpClient.Event> events() {
    return events;
  }

  @Override
  public void close() {
    if (process != null && process.isAlive()) {
      process.kill();
      process.await(5000);
    }
    for (Closeable closeable : new Closeable[] {control, qmp, gdb, stacks}) {
      if (closeable != null) {
        try {
          closeable.close();
        } catch (IOException e) {
          // It is closed one way or the other.
        }
      }
    }
    files.close();
  }
}
