package org.chronovisor.recorder;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;

/** Finds the QEMU plugin that the build has made. */
final class PluginLibrary {
  /** System property with the plugin's path. */
  static final String PROPERTY = "chronovisor.plugin";

  private static final String NAME = "libchronovisor.so";

  private PluginLibrary() {}

  static Path locate(Path wanted) {
    String property = System.getProperty(PROPERTY);
    if (wanted == null && property != null) {
      wanted = Path.of(property);
    }
    if (wanted == null) {
      wanted = beside();
    }
    if (wanted == null || !Files.isReadable(wanted)) {
      throw new RecordException(
          "the QEMU plugin "
              + (wanted == null ? NAME : wanted)
              + " is missing: build the project, or set -D"
              + PROPERTY
              + "=FILE");
    }
    return wanted;
  }

  /** Beside the jar, or in the build directory of the classes. */
  private static Path beside() {
    CodeSource source = PluginLibrary.class.getProtectionDomain().getCodeSource();
    if (source == null) {
      return null;
    }
    try {
      Path parent = Path.of(source.getLocation().toURI()).toAbsolutePath().getParent();
      return parent == null ? null : parent.resolve(NAME);
    } catch (URISyntaxException | IllegalArgumentException e) {
      return null;
    }
  }
}
