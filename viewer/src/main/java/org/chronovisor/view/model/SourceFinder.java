package org.chronovisor.view.model;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.chronovisor.symbols.Printable;
import org.chronovisor.trace.SourceText;

/** Finds the text of source files that a trace names. */
public final class SourceFinder {
  private static final long LARGEST = 8L << 20;

  private final List<Path> roots = new ArrayList<>();
  private final Map<String, Optional<String>> known = new HashMap<>();
  private final Map<String, byte[]> embedded = new HashMap<>();

  /**
   * @param embedded files that are in the trace: as they were when it was recorded
   * @param roots directories that relative names, and the ends of absolute ones, are looked up in
   */
  public SourceFinder(List<Path> roots, List<SourceText> embedded) {
    this.roots.addAll(roots);
    embedded.forEach(file -> this.embedded.putIfAbsent(Printable.text(file.path()), file.bytes()));
  }

  /** One more directory to look in, before the others. */
  public synchronized void addRoot(Path root) {
    roots.add(0, root);
    known.clear();
  }

  /** The text of a file, empty when it is nowhere to be found. */
  public synchronized Optional<String> text(String name) {
    return known.computeIfAbsent(name, this::find);
  }

  /** The text of a file comes from the trace. */
  public boolean isEmbedded(String name) {
    return embedded.containsKey(name);
  }

  private Optional<String> find(String name) {
    if (embedded.containsKey(name)) {
      return Optional.of(text(embedded.get(name)));
    }
    try {
      Path path = Path.of(name);
      if (path.isAbsolute()) {
        Optional<String> text = read(path);
        if (text.isPresent()) {
          return text;
        }
      }
      for (int from = 0; from < path.getNameCount(); from++) {
        Path end = path.subpath(from, path.getNameCount()).normalize();
        for (Path root : roots) {
          Path candidate = root.resolve(end).normalize();
          Optional<String> text =
              candidate.startsWith(root.normalize()) ? read(candidate) : Optional.empty();
          if (text.isPresent()) {
            return text;
          }
        }
      }
    } catch (IllegalArgumentException e) {
      // A name that is no path has no file.
    }
    return Optional.empty();
  }

  private static Optional<String> read(Path file) {
    try {
      if (Files.isRegularFile(file) && Files.size(file) <= LARGEST) {
        return Optional.of(text(Files.readAllBytes(file)));
      }
    } catch (IOException | SecurityException e) {
      // Like one that does not exist.
    }
    return Optional.empty();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8).replace("\r\n", "\n");
  }
}
