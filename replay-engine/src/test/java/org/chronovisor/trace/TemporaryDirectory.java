package org.chronovisor.trace;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A directory for one property try, deleted with its content. */
final class TemporaryDirectory implements Closeable {
  final Path path;

  TemporaryDirectory() throws IOException {
    path = Files.createTempDirectory("chronovisor-test");
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
