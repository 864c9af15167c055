package org.chronovisor.view;

import java.nio.file.Files;
import java.nio.file.Path;

/** The trace that is shipped: heap-overflow. */
public final class ExampleTrace {
  private ExampleTrace() {}

  /** The project's root directory. */
  public static Path home() {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(directory.resolve("samples/src"))) {
      directory = directory.getParent();
      if (directory == null) {
        throw new IllegalStateException("run the tests inside the project");
      }
    }
    return directory;
  }

  public static Path file() {
    return home().resolve("samples/traces/heap-overflow.cvt");
  }
}
