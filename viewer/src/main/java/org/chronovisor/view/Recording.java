package org.chronovisor.view;

import java.awt.EventQueue;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.chronovisor.recorder.RecordException;
import org.chronovisor.recorder.RecordListener;
import org.chronovisor.recorder.RecordOptions;
import org.chronovisor.recorder.RecordSummary;
import org.chronovisor.recorder.Recorder;
import org.chronovisor.x86.Planner;

/** A recording that runs on a thread of its own and tells the event thread how it goes. */
final class Recording {
  private final Recorder recorder = new Recorder(new Planner());
  private final Thread thread;

  /** Hears about it on the event thread. */
  interface Listener {
    void status(Progress progress);

    void printed(String text);

    void finished(RecordSummary summary);

    void failed(String message);
  }

  /** How far it is; {@code instructions} is negative before the guest's entry. */
  record Progress(long instructions, double mips, long bytes) {}

  Recording(RecordOptions options, Listener listener) {
    RecordOptions own =
        options
            .withGuestInput(InputStream.nullInputStream())
            .withGuestOutput(new Output(listener::printed));
    thread = new Thread(() -> run(own, listener), "recording");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Ends it in an orderly way; the trace is complete up to there. */
  void stop() {
    recorder.stop();
  }

  private void run(RecordOptions options, Listener listener) {
    try {
      RecordSummary summary = recorder.record(options, new Follower(listener));
      EventQueue.invokeLater(() -> listener.finished(summary));
    } catch (RecordException | org.chronovisor.trace.TraceException e) {
      EventQueue.invokeLater(() -> listener.failed(e.getMessage()));
    } catch (RuntimeException e) {
      EventQueue.invokeLater(() -> listener.failed(e.toString()));
    }
  }

  private record Follower(Listener listener) implements RecordListener {
    @Override
    public void waiting(long startAddress) {
      EventQueue.invokeLater(() -> listener.status(new Progress(-1, 0, 0)));
    }

    @Override
    public void progress(long instructions, double mips, long traceBytes, String lastLine) {
      EventQueue.invokeLater(() -> listener.status(new Progress(instructions, mips, traceBytes)));
    }
  }

  /** The guest's output as text. */
  private static final class Output extends OutputStream {
    private final Consumer<String> out;

    Output(Consumer<String> out) {
      this.out = out;
    }

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      String text = new String(bytes, offset, length, StandardCharsets.UTF_8).replace("\r", "");
      EventQueue.invokeLater(() -> out.accept(text));
    }
  }
}
