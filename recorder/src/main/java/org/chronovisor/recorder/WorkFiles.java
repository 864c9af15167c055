package org.chronovisor.recorder;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The directory of a running recording's shared files and sockets, named by this process.
 *
 * <p>It lies in /dev/shm, or in the temporary directory when there is not enough space. What a
 * killed recorder left behind is removed by the next one.
 */
final class WorkFiles implements Closeable {
  private static final Path SHARED_MEMORY = Path.of("/dev/shm");
  private static final Pattern NAME = Pattern.compile("chronovisor-(\\d+)-\\d+");
  private static final AtomicInteger COUNTER = new AtomicInteger();

  private final Path directory;

  private WorkFiles(Path directory) {
    this.directory = directory;
  }

  /**
   * Creates a directory.
   *
   * @param bytes that its files may grow to
   */
  static WorkFiles create(long bytes) {
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    removeStale(SHARED_MEMORY);
    removeStale(temporary);
    for (Path parent : new Path[] {SHARED_MEMORY, temporary}) {
      if (!Files.isWritable(parent) || usable(parent) < bytes) {
        continue;
      }
      Path directory =
          parent.resolve(
              "chronovisor-" + ProcessHandle.current().pid() + "-" + COUNTER.getAndIncrement());
      try {
        Files.createDirectory(
            directory,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        return new WorkFiles(directory);
      } catch (IOException e) {
        throw new RecordException("cannot create " + directory + ": " + e.getMessage(), e);
      }
    }
    throw new RecordException(
        "neither "
            + SHARED_MEMORY
            + " nor "
            + temporary
            + " has "
            + ((bytes >> 20) + 1)
            + " MiB free for the guest's RAM and its shadow: free some, or give the guest a"
            + " smaller -m");
  }

  private static long usable(Path parent) {
    return parent.toFile().getUsableSpace();
  }

  private static void removeStale(Path parent) {
    try (DirectoryStream<Path> found = Files.newDirectoryStream(parent, "chronovisor-*")) {
      for (Path directory : found) {
        Matcher matcher = NAME.matcher(directory.getFileName().toString());
        if (matcher.matches()
            && Files.isWritable(directory)
            && ProcessHandle.of(Long.parseLong(matcher.group(1))).isEmpty()) {
          delete(directory);
        }
      }
    } catch (IOException e) {
      // Another recorder cleans up at the same time, or the directory cannot be read: no harm.
    }
  }

  private static void delete(Path directory) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(directory);
  }

  Path file(String name) {
    return directory.resolve(name);
  }

  @Override
  public void close() {
    try {
      delete(directory);
    } catch (IOException e) {
      // The next recorder removes it.
    }
  }
}
