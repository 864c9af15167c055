package org.chronovisor.recorder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.chronovisor.trace.SourceLines;
import org.chronovisor.trace.SourceText;

/**
 * The source files that line tables name and this machine has.
 *
 * <p>An ELF file may be foreign, and a trace may be passed on: only regular files that look like
 * source text are taken, and all are listed.
 */
final class SourceFiles {
  private static final Set<String> EXTENSIONS =
      Set.of(
          "c", "h", "s", "asm", "cc", "cpp", "cxx", "c++", "hh", "hpp", "hxx", "h++", "inc", "inl",
          "ipp", "tcc", "def", "y", "l", "rs", "go", "zig", "ml", "mli", "d", "ada", "adb", "ads",
          "f", "f90", "pas", "swift", "m", "mm", "nim", "cu", "hs");

  private final Map<String, Path> found = new LinkedHashMap<>();
  private final List<String> lines = new ArrayList<>();
  private int missing;
  private long bytes;

  /**
   * Looks for the files.
   *
   * @param directories that relative names start from
   */
  SourceFiles(List<Path> directories, List<SourceLines> tables) {
    for (SourceLines table : tables) {
      for (String name : table.files()) {
        if (!name.isEmpty() && !found.containsKey(name)) {
          look(name, directories);
        }
      }
    }
    lines.add(
        0,
        String.format(
            Locale.ROOT,
            "storing %d source files, %d bytes; %d others that are named are not here, not source"
                + " text, or too large",
            found.size(),
            bytes,
            missing));
  }

  /** One line per file that will be stored, and one about all. */
  List<String> lines() {
    return lines;
  }

  private void look(String name, List<Path> directories) {
    Path path = find(name, directories);
    long size = 0;
    try {
      size = path == null ? 0 : Files.size(path);
    } catch (IOException e) {
      path = null;
    }
    if (path == null
        || size > SourceText.MAX_BYTES
        || bytes + size > SourceText.MAX_TOTAL
        || found.size() == SourceText.MAX_FILES) {
      missing++;
      return;
    }
    bytes += size;
    found.put(name, path);
    lines.add("  " + path);
  }

  private static Path find(String name, List<Path> directories) {
    String lower = name.toLowerCase(Locale.ROOT);
    int dot = lower.lastIndexOf('.');
    if (dot < 0 || !EXTENSIONS.contains(lower.substring(dot + 1))) {
      return null;
    }
    try {
      if (Path.of(name).isAbsolute()) {
        return Files.isRegularFile(Path.of(name)) ? Path.of(name) : null;
      }
      for (Path directory : directories) {
        Path path = directory.resolve(name);
        if (Files.isRegularFile(path)) {
          return path;
        }
      }
    } catch (InvalidPathException e) {
      // No name of a file here.
    }
    return null;
  }

  /** The files' contents; what cannot be read, or is no text, is left out. */
  List<SourceText> read() {
    List<SourceText> texts = new ArrayList<>();
    long total = 0;
    for (Map.Entry<String, Path> file : found.entrySet()) {
      byte[] content;
      try (var in = Files.newInputStream(file.getValue())) {
        // It may have grown since it was listed.
        content = in.readNBytes(SourceText.MAX_BYTES + 1);
      } catch (IOException e) {
        continue;
      }
      total += content.length;
      if (content.length <= SourceText.MAX_BYTES
          && total <= SourceText.MAX_TOTAL
          && isText(content)) {
        texts.add(new SourceText(file.getKey(), content));
      }
    }
    return texts;
  }

  private static boolean isText(byte[] content) {
    for (byte b : content) {
      if (b == 0) {
        return false;
      }
    }
    return true;
  }
}
