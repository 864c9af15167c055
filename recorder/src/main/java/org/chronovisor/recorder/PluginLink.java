package org.chronovisor.recorder;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.chronovisor.memory.RamRegion;

/**
 * The recorder's end of the plugin: answers its questions, empties its ring, takes keyframes while
 * it waits.
 */
final class PluginLink {
  private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);
  private static final ByteBuffer NOT_TAKEN = ByteBuffer.wrap(new byte[] {1, 0, 0, 0});
  private static final long IDLE_NANOS = 200_000;

  private final ControlChannel control;
  private final Ring ring;
  private final ShadowFile shadow;
  private final SegmentBuilder builder;
  private final TranslationOracle oracle;
  private final TraceAppender appender;
  private final ModeResolver.Monitor monitor;
  private final List<RamRegion> regions;
  private final VcpuOrder order;
  private final Runnable wake;
  private final Thread controlThread = new Thread(this::serve, "control");
  private final Thread drainThread = new Thread(this::drainAlways, "ring");
  private final Object drainLock = new Object();
  private volatile boolean gone;
  private volatile RuntimeException failure;
  private volatile boolean holding;
  private volatile boolean over;
  private volatile Lost lost;
  private final CompletableFuture<Held> held = new CompletableFuture<>();
  private int segments;

  /** The guest stands at a block's start. */
  record Held(SegmentBuilder.SegmentStop stop, List<MonitorRegisters> registers) {}

  /**
   * The state after an instruction is missing.
   *
   * @param position of that instruction
   * @param hash path hash there
   */
  record Lost(long position, long hash) {}

  /** What a link works with. */
  record Parts(
      ControlChannel control,
      Ring ring,
      ShadowFile shadow,
      SegmentBuilder builder,
      TranslationOracle oracle,
      TraceAppender appender,
      ModeResolver.Monitor monitor,
      List<RamRegion> regions,
      VcpuOrder order) {}

  /**
   * Not started yet.
   *
   * @param wake called when {@link #failure} or {@link #isGone} has changed
   */
  PluginLink(Parts parts, Runnable wake) {
    control = parts.control;
    ring = parts.ring;
    shadow = parts.shadow;
    builder = parts.builder;
    oracle = parts.oracle;
    appender = parts.appender;
    monitor = parts.monitor;
    regions = parts.regions;
    order = parts.order;
    this.wake = wake;
  }

  void start() {
    controlThread.setDaemon(true);
    drainThread.setDaemon(true);
    controlThread.start();
    drainThread.start();
  }

  private void serve() {
    try {
      for (ControlChannel.Message m = control.receive(); m != null; m = control.receive()) {
        switch (m.type()) {
          case RingLayout.TRANSLATE -> {
            // What the guest did before may decide how its code is decoded.
            drain();
            if (builder.takeNewTable()) {
              oracle.forgetModes();
            }
            control.send(RingLayout.PLAN, oracle.answer(m.payload()));
          }
          case RingLayout.STOPPED -> {
            order.peeked(m.payload());
            stopped();
          }
          case RingLayout.ERROR ->
              fail(
                  new RecordException(
                      "the QEMU plugin gave up: " + StandardCharsets.UTF_8.decode(m.payload())));
          default -> fail(new RecordException("the QEMU plugin sent message " + m.type()));
        }
      }
    } catch (IOException e) {
      if (failure == null && control.isOpen() && !isConnectionLoss(e)) {
        fail(new RecordException("talking to QEMU failed: " + e.getMessage(), e));
      }
    } catch (RuntimeException e) {
      fail(e);
    }
    gone = true;
    wake.run();
  }

  /** The plugin vanished in the middle of a message: QEMU was killed. */
  private static boolean isConnectionLoss(IOException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains("reset")
        || message.contains("Broken pipe")
        || message.contains("QEMU is gone")
        || e instanceof EOFException
        || e instanceof ClosedChannelException;
  }

  private void fail(RuntimeException e) {
    if (failure == null) {
      failure = e;
    }
    wake.run();
  }

  private void stopped() throws IOException {
    if (over || lost != null) {
      go(false);
      return;
    }
    FinishedSegment finished = null;
    ByteBuffer answer = NOT_TAKEN.duplicate();
    synchronized (drainLock) {
      ring.drain(builder);
      SegmentBuilder.Stop stop = builder.takeStop();
      if (stop instanceof SegmentBuilder.SegmentStop end) {
        if (holding && builder.started()) {
          hold(end);
          return;
        }
        List<MonitorRegisters> registers = registers();
        if (registers != null) {
          finished = rotate(end, registers);
          answer = builder.hasSeveralCpus() ? builder.answer() : EMPTY.duplicate();
        }
      } else if (stop instanceof SegmentBuilder.MonitorStop at) {
        List<MonitorRegisters> registers = registers();
        if (registers != null) {
          builder.monitored(at, registers);
          answer = EMPTY.duplicate();
        } else {
          lose(at.position(), ring.liveHash());
        }
      } else if (stop instanceof SegmentBuilder.SwitchStop at) {
        SegmentBuilder.Left left = switched(at);
        if (left != null) {
          answer = answer(left);
        } else {
          lose(at.left().position(), at.left().hash());
        }
      } else if (stop instanceof SegmentBuilder.RestartStop at) {
        List<MonitorRegisters> registers = registers();
        if (registers != null) {
          builder.restarted(at, registers);
          answer = EMPTY.duplicate();
        } else {
          lose(at.position(), ring.liveHash());
        }
      } else {
        throw new RecordException("the QEMU plugin waits for nothing");
      }
    }
    try {
      control.send(RingLayout.GO, answer);
    } finally {
      // Also when QEMU has just been killed: what comes later builds on it.
      if (finished != null) {
        segments++;
        appender.append(oracle.takeNew(), finished);
      }
    }
  }

  /** The registers, or null when QEMU stops the machine and cannot tell any more. */
  private List<MonitorRegisters> registers() throws IOException {
    try {
      return order.sort(monitor.registers());
    } catch (QmpClient.StoppingException e) {
      return null;
    }
  }

  private FinishedSegment rotate(SegmentBuilder.SegmentStop end, List<MonitorRegisters> registers)
      throws IOException {
    return builder.rotate(end, registers, () -> shadow.take(regions, !builder.started()));
  }

  private void lose(long position, long hash) {
    lost = new Lost(position, hash);
  }

  /** What the plugin has to know of the vCPU that it leaves, or null when QEMU cannot tell. */
  private SegmentBuilder.Left switched(SegmentBuilder.SwitchStop at) throws IOException {
    try {
      return builder.switched(at, order.sort(monitor.registers()));
    } catch (QmpClient.StoppingException e) {
      return null;
    }
  }

  private static ByteBuffer answer(SegmentBuilder.Left left) {
    ByteBuffer out = ByteBuffer.allocate(28).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(0).putInt(left.retired()).putInt(left.over() ? 1 : 0);
    return out.putLong(left.pc()).putLong(left.hash()).flip();
  }

  private void hold(SegmentBuilder.SegmentStop end) throws IOException {
    List<MonitorRegisters> registers = registers();
    if (registers == null) {
      go(false);
    } else {
      held.complete(new Held(end, registers));
    }
  }

  private void go(boolean taken) throws IOException {
    control.send(RingLayout.GO, taken ? EMPTY.duplicate() : NOT_TAKEN.duplicate());
  }

  /**
   * Stops the guest at the next block's start.
   *
   * @return null when no block starts in time: the guest sleeps
   */
  Held hold(long millis) {
    holding = true;
    ring.requestStop(true);
    try {
      return held.get(millis, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    } finally {
      ring.requestStop(false);
      holding = false;
    }
  }

  /** Lets the guest go on after {@link #hold(long)}; what it does from now on is not recorded. */
  void release() {
    over = true;
    try {
      go(false);
    } catch (IOException e) {
      // QEMU is gone already.
    }
  }

  /** Where the recording had to end because a state could not be taken, or null. */
  Lost lost() {
    return lost;
  }

  private void drainAlways() {
    try {
      while (!gone) {
        if (drain() == 0) {
          LockSupport.parkNanos(IDLE_NANOS);
        }
      }
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  private long drain() {
    synchronized (drainLock) {
      return ring.drain(over ? (type, aux, position, payload) -> {} : builder);
    }
  }

  /** True when the plugin has closed its end: QEMU ends or has ended. */
  boolean isGone() {
    return gone;
  }

  /** What went wrong, or null. */
  RuntimeException failure() {
    return failure != null ? failure : appender.failure();
  }

  /** Segments appended so far. */
  int segments() {
    return segments;
  }

  /** Waits for the plugin's end and takes what stands in the ring. */
  void finish() {
    try {
      controlThread.join(10_000);
      drainThread.join(10_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    drain();
  }
}
