package org.chronovisor.it;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.chronovisor.recorder.RecordListener;
import org.chronovisor.recorder.RecordOptions;
import org.chronovisor.recorder.RecordSummary;
import org.chronovisor.recorder.Recorder;
import org.chronovisor.x86.Planner;

/** Recordings of the samples, each made once and shared by all tests. */
final class Recordings {
  /** How a sample is recorded. */
  enum How {
    /** As the user runs it. */
    PLAIN,
    DETERMINISTIC,
    CHECK
  }

  /**
   * A recording.
   *
   * @param output what QEMU wrote to its standard output: the guest's serial port
   */
  record Recording(Sample sample, How how, RecordSummary summary, byte[] output) {
    Path trace() {
      return summary.trace();
    }
  }

  private static final Map<How, Map<Sample, Recording>> MADE = new EnumMap<>(How.class);
  private static Path directory;

  private Recordings() {}

  static synchronized Recording of(Sample sample, How how) {
    return MADE.computeIfAbsent(how, h -> new EnumMap<>(Sample.class))
        .computeIfAbsent(sample, s -> record(s, how));
  }

  private static Recording record(Sample sample, How how) {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    // Surefire talks to this JVM over its standard input: a guest must not read that.
    RecordOptions options =
        RecordOptions.of(directory().resolve(sample.name() + "-" + how), command(sample, how))
            .withDeterministic(how == How.DETERMINISTIC)
            .withCheck(how == How.CHECK)
            .withSegmentLength(segmentLength(how))
            .withPlugin(plugin())
            .withGuestInput(InputStream.nullInputStream())
            .withGuestOutput(output);
    RecordSummary summary = new Recorder(new Planner()).record(options, new RecordListener() {});
    return new Recording(sample, how, summary, output.toByteArray());
  }

  /**
   * The command line. For a run that repeats exactly, firmware included, the guest must not see the
   * host's date, and waiting must not take the host's time.
   */
  static List<String> command(Sample sample, How how) {
    return how == How.DETERMINISTIC
        ? sample.command("-rtc", "base=2026-01-01,clock=vm", "-icount", "shift=7,sleep=off")
        : sample.command();
  }

  /** Shorter than usual, so that the short runs of the samples have several segments, too. */
  private static long segmentLength(How how) {
    return how == How.DETERMINISTIC ? 250_000 : RecordOptions.DEFAULT_SEGMENT_LENGTH;
  }

  /** The plugin that the build has made. */
  static Path plugin() {
    return Sample.home().resolve("recorder/target/libchronovisor.so");
  }

  /** A directory for anything that tests write; removed when the JVM ends. */
  static synchronized Path directory() {
    if (directory == null) {
      try {
        directory = Files.createTempDirectory("chronovisor-it");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
    }
    return directory;
  }

  static void delete(Path path) {
    try (Stream<Path> files = Files.walk(path)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException | UncheckedIOException e) {
      // It lies in the temporary directory.
    }
  }
}
