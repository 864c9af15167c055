package org.chronovisor.recorder;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.chronovisor.memory.RamRegion;

/**
 * The recorder's end of the plugin: answers its questions, empties its ring, takes keyframes while it
 * waits.
 */
final class PluginLink implements Closeable {
  private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);
  private static final long IDLE_NANOS = 200_000;

  private final ControlChannel control;
  private final Ring ring;
  private final ShadowFile shadow;
  private final SegmentBuilder builder;
  private final TranslationOracle oracle;
  private final TraceAppender appender;
  private final ModeResolver.Monitor monitor;
  private final List<RamRegion> regions;
  private final Runnable wake;
  private final Thread controlThread = new Thread(this::serve, "control");
  private final Thread drainThread = new Thread(this::drainAlways, "ring");
  private final Object drainLock = new Object();
  private volatile boolean gone;
  private volatile RuntimeException failure;
  private int segments;

  /** What a link works with. */
  record Parts(
      ControlChannel control,
      Ring ring,
      ShadowFile shadow,
      SegmentBuilder builder,
      TranslationOracle oracle,
      TraceAppender appender,
      ModeResolver.Monitor monitor,
      List<RamRegion> regions) {}

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
          case RingLayout.TRANSLATE -> control.send(RingLayout.PLAN, oracle.answer(m.payload()));
          case RingLayout.STOPPED -> stopped();
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
    return message.contains("reset by peer")
        || message.contains("Broken pipe")
        || message.contains("QEMU is gone")
        || e instanceof java.io.EOFException;
  }

  private void fail(RuntimeException e) {
    if (failure == null) {
      failure = e;
    }
    wake.run();
  }

  private void stopped() throws IOException {
    FinishedSegment finished = null;
    synchronized (drainLock) {
      ring.drain(builder);
      SegmentBuilder.Stop stop = builder.takeStop();
      if (stop instanceof SegmentBuilder.SegmentStop end) {
        MonitorRegisters registers = monitor.registers();
        ShadowFile.ChangedPages pages = shadow.take(regions, !builder.started());
        finished = builder.rotate(end, registers, pages);
      } else if (stop instanceof SegmentBuilder.MonitorStop at) {
        builder.monitored(at, monitor.registers());
      } else {
        throw new IOException("the QEMU plugin waits for nothing");
      }
    }
    control.send(RingLayout.GO, EMPTY.duplicate());
    if (finished != null) {
      segments++;
      appender.append(oracle.takeNew(), finished);
    }
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
      return ring.drain(builder);
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

  @Override
  public void close() throws IOException {
    control.close();
  }
}
