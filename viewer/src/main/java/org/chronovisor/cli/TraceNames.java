package org.chronovisor.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Names for new traces: the kernel's name and the next free number. */
final class TraceNames {
  private TraceNames() {}

  /** A directory in {@code parent} that does not exist yet, for a QEMU command line. */
  static Path next(Path parent, List<String> command) {
    String name = kernelName(command);
    for (int i = 1; ; i++) {
      Path path = parent.resolve(name + "-" + i);
      if (!Files.exists(path)) {
        return path;
      }
    }
  }

  static String kernelName(List<String> command) {
    int kernel = command.indexOf("-kernel");
    if (kernel < 0) {
      kernel = command.indexOf("--kernel");
    }
    if (kernel < 0 || kernel + 1 >= command.size()) {
      return "trace";
    }
    String file = command.get(kernel + 1);
    String name = file.substring(file.lastIndexOf('/') + 1);
    int dot = name.lastIndexOf('.');
    name = dot > 0 ? name.substring(0, dot) : name;
    name = name.replaceAll("[^A-Za-z0-9._+-]", "_");
    return name.isEmpty() || name.startsWith("-") ? "trace" : name;
  }
}
