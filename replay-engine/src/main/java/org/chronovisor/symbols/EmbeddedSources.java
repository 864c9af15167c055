package org.chronovisor.symbols;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.chronovisor.trace.SourceText;

/** The source files that were put into a trace, by line. Not thread-safe. */
public final class EmbeddedSources {
  private final Map<String, SourceText> files = new HashMap<>();

  /** Lines of the files that have been asked for. */
  private final Map<String, List<String>> lines = new HashMap<>();

  public EmbeddedSources(List<SourceText> files) {
    files.forEach(file -> this.files.putIfAbsent(Printable.text(file.path()), file));
  }

  public boolean isEmpty() {
    return files.isEmpty();
  }

  /** All lines of a file, fit for a terminal; empty when the trace does not have it. */
  public Optional<List<String>> file(String path) {
    SourceText file = files.get(path);
    return file == null
        ? Optional.empty()
        : Optional.of(lines.computeIfAbsent(path, p -> split(file)));
  }

  private static List<String> split(SourceText file) {
    return new String(file.bytes(), StandardCharsets.UTF_8)
        .lines()
        .map(line -> Printable.text(line.replace("\t", "    ")))
        .toList();
  }

  /** One line; empty when the trace does not have it. */
  public Optional<String> line(SourceLine place) {
    return file(place.file())
        .filter(text -> place.line() >= 1 && place.line() <= text.size())
        .map(text -> text.get(place.line() - 1));
  }
}
