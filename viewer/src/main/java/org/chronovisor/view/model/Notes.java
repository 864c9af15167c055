package org.chronovisor.view.model;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.chronovisor.trace.TraceReader;

/**
 * The bookmarks of a trace, in a text file beside it: a line each, the position in decimal digits,
 * a tabulator, the text with {@code \n}, {@code \t} and {@code \\} for line ends, tabulators and
 * backslashes. Event thread only.
 */
public final class Notes {
  /** No file has more lines or longer ones: it may come from anywhere. */
  static final int MOST_NOTES = 10_000;

  static final int LONGEST_TEXT = 10_000;
  private static final long LARGEST_FILE = TraceReader.MAX_BOOKMARKS;
  private static final String SUFFIX = ".notes";

  private final Path file;
  private final TreeMap<Long, Note> notes = new TreeMap<>();
  private final List<Runnable> listeners = new ArrayList<>();

  private Notes(Path file) {
    this.file = file;
  }

  /**
   * The notes of a trace: those of the file beside it, else those that were packed with it.
   *
   * @param packed text that came with the trace, from anywhere
   */
  public static Notes of(Path trace, String packed) {
    Notes notes = new Notes(fileOf(trace));
    notes.parse(beside(trace).orElse(packed));
    return notes;
  }

  /** Text of the file beside a trace; empty when there is none or it cannot be read. */
  public static Optional<String> beside(Path trace) {
    Path file = fileOf(trace);
    try {
      return Files.isRegularFile(file) && Files.size(file) <= LARGEST_FILE
          ? Optional.of(Files.readString(file, StandardCharsets.UTF_8))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // no notes are better than no trace
    }
  }

  /** Where the notes of a trace are. */
  public static Path fileOf(Path trace) {
    Path name = trace.toAbsolutePath().normalize();
    return name.resolveSibling(name.getFileName() + SUFFIX);
  }

  private void parse(String text) {
    for (String line : text.split("\n")) {
      int tab = line.indexOf('\t');
      if (tab > 0 && notes.size() < MOST_NOTES && line.length() <= LONGEST_TEXT) {
        try {
          long position = Long.parseLong(line.substring(0, tab));
          notes.put(position, new Note(position, unescape(line.substring(tab + 1))));
        } catch (NumberFormatException e) {
          // Not a note.
        }
      }
    }
  }

  /** All, by position. */
  public List<Note> all() {
    return List.copyOf(notes.values());
  }

  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  /** Sets a note and saves it. */
  public void put(long position, String text) throws IOException {
    String cut = text.length() > LONGEST_TEXT / 2 ? text.substring(0, LONGEST_TEXT / 2) : text;
    notes.put(position, new Note(position, cut));
    changed();
  }

  public void remove(long position) throws IOException {
    notes.remove(position);
    changed();
  }

  /** All as text, to be packed with the trace. */
  public String text() {
    StringBuilder text = new StringBuilder();
    for (Note note : notes.values()) {
      text.append(note.position()).append('\t').append(escape(note.text())).append('\n');
    }
    return text.toString();
  }

  private void changed() throws IOException {
    listeners.forEach(Runnable::run);
    write();
  }

  private void write() throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(temporary, text(), StandardCharsets.UTF_8);
    Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private static String escape(String text) {
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "");
  }

  private static String unescape(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && i + 1 < text.length()) {
        c = text.charAt(++i);
        out.append(c == 'n' ? '\n' : c == 't' ? '\t' : c);
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }
}
