package org.chronovisor.view;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/** What the viewer remembers between two starts. */
final class Settings {
  private static final int RECENT = 12;

  private final Path directory;
  private final Properties values = new Properties();

  Settings(Path directory) {
    this.directory = directory;
    try (Reader in = Files.newBufferedReader(file())) {
      values.load(in);
    } catch (IOException | IllegalArgumentException e) {
      // The first start, or nothing worth keeping.
    }
  }

  /** The user's directory for settings, by the XDG rules. */
  static Path userDirectory() {
    String own = System.getProperty("chronovisor.settings");
    if (own != null) {
      return Path.of(own);
    }
    String xdg = System.getenv("XDG_CONFIG_HOME");
    Path base =
        xdg == null || xdg.isBlank()
            ? Path.of(System.getProperty("user.home"), ".config")
            : Path.of(xdg);
    return base.resolve("chronovisor");
  }

  private Path file() {
    return directory.resolve("viewer.properties");
  }

  /** Where the docking layout is kept. */
  Path layoutFile() {
    return directory.resolve("layout.xml");
  }

  boolean isDark() {
    return Boolean.parseBoolean(values.getProperty("dark"));
  }

  void setDark(boolean dark) {
    set("dark", Boolean.toString(dark));
  }

  Keymap keymap() {
    return Keymap.of(values.getProperty("keymap"));
  }

  void setKeymap(Keymap keymap) {
    set("keymap", keymap.name());
  }

  /** Traces opened last, the newest first; those that are gone are left out. */
  List<Path> recent() {
    List<Path> paths = new ArrayList<>();
    for (int i = 0; i < RECENT; i++) {
      String path = values.getProperty("recent." + i);
      if (path != null && Files.exists(Path.of(path))) {
        paths.add(Path.of(path));
      }
    }
    return paths;
  }

  void addRecent(Path trace) {
    List<Path> paths = new ArrayList<>(recent());
    Path path = trace.toAbsolutePath().normalize();
    paths.remove(path);
    paths.add(0, path);
    for (int i = 0; i < RECENT; i++) {
      if (i < paths.size()) {
        values.setProperty("recent." + i, paths.get(i).toString());
      } else {
        values.remove("recent." + i);
      }
    }
    save();
  }

  private void set(String key, String value) {
    values.setProperty(key, value);
    save();
  }

  private void save() {
    try {
      Files.createDirectories(directory);
      try (Writer out = Files.newBufferedWriter(file())) {
        values.store(out, null);
      }
    } catch (IOException e) {
      // Then it is forgotten.
    }
  }
}
