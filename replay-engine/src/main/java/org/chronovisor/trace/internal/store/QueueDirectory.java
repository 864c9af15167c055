package org.chronovisor.trace.internal.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.queue.rollcycles.LargeRollCycles;
import org.chronovisor.trace.TraceException;

/**
 * A directory that holds a trace in a Chronicle Queue.
 *
 * <p>Chronicle writes it and is never asked to read one: its file headers name Java classes, and
 * opening a file runs them. {@link QueueRecordSource} reads the documents itself. The file {@value
 * #MARKER} guards against opening something else by mistake.
 */
final class QueueDirectory {
  static final String MARKER = "chronovisor-trace";
  static final String QUEUE_SUFFIX = ".cq4";
  private static final String TABLE_SUFFIX = ".cq4t";
  static final int BLOCK_BYTES = 64 << 20;

  private static final String FIRST_LINE = "chronovisor trace directory, layout 1";

  /** Entries of an index page: 32 KiB each, and room for 16 M excerpts. */
  private static final int INDEX_COUNT = 4096;

  private QueueDirectory() {}

  static void create(Path directory) {
    try {
      Files.createDirectories(directory);
      try (Stream<Path> files = Files.list(directory)) {
        if (files.findAny().isPresent()) {
          throw new TraceException(
              "The directory is not empty: " + directory + "; name one that does not exist yet");
        }
      }
      Files.writeString(
          directory.resolve(MARKER),
          FIRST_LINE
              + "\nA Chronicle Queue: do not open it with Chronicle if somebody else made it.\n");
    } catch (IOException e) {
      throw new TraceException(
          "Cannot create the trace directory " + directory + ": " + reason(e), e);
    }
  }

  private static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "no permission to write there";
    }
    return e instanceof FileAlreadyExistsException
        ? "a file of that name exists"
        : "no directory can be made there";
  }

  /** Refuses a directory without the marker file of this layout. */
  static void check(Path directory) {
    Path marker = directory.resolve(MARKER);
    if (!Files.isRegularFile(marker)) {
      throw new TraceException("Not a Chronovisor trace (no file " + MARKER + "): " + directory);
    }
    try {
      List<String> lines = List.of();
      if (Files.size(marker) < 4096) {
        lines = new String(Files.readAllBytes(marker), StandardCharsets.UTF_8).lines().toList();
      }
      if (lines.isEmpty() || !lines.get(0).equals(FIRST_LINE)) {
        throw new TraceException("A trace directory of another layout: " + directory);
      }
    } catch (IOException e) {
      throw new TraceException("Cannot read the trace directory " + directory, e);
    }
  }

  static ChronicleQueue open(Path directory, int blockBytes) {
    return SingleChronicleQueueBuilder.binary(directory)
        .rollCycle(LargeRollCycles.LARGE_DAILY)
        .timeProvider(() -> 0L) // one file, also across midnight
        .blockSize(blockBytes)
        .indexCount(INDEX_COUNT)
        .indexSpacing(1)
        .build();
  }

  /** Why Chronicle failed, in one line. */
  static TraceException failure(String doing, Path directory, Throwable cause) {
    String detail =
        cause instanceof InternalError
            ? "its file is cut off, or the disk fails"
            : "" + cause.getMessage();
    // Chronicle wraps exceptions: their class names tell a user nothing.
    String line =
        detail.lines().findFirst().orElse("").replaceAll("[\\w.$]+(Exception|Error)(: |$)", "");
    return new TraceException(
        doing + " " + directory + ": " + line.substring(0, Math.min(line.length(), 200)), cause);
  }

  /** Removes the files of a trace, and the directory if nothing else is in it. */
  static void delete(Path directory) {
    try {
      List<Path> files;
      try (Stream<Path> list = Files.list(directory)) {
        files = list.toList();
      }
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (name.equals(MARKER) || name.endsWith(QUEUE_SUFFIX) || name.endsWith(TABLE_SUFFIX)) {
          Files.delete(file);
        }
      }
      Files.delete(directory);
    } catch (IOException e) {
      // Something else is there: it stays.
    }
  }

  /** Size of all files but the queue's data. */
  static long otherBytes(Path directory) throws IOException {
    long bytes = 0;
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        if (!file.getFileName().toString().endsWith(QUEUE_SUFFIX)) {
          bytes += Files.size(file);
        }
      }
    }
    return bytes;
  }

  /** The queue's data files. */
  static List<Path> dataFiles(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(f -> f.getFileName().toString().endsWith(QUEUE_SUFFIX)).toList();
    }
  }
}
