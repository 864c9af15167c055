package org.chronovisor.view.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NotesTest {
  @TempDir Path directory;

  @Test
  void areFoundAgainBesideTheTrace() throws IOException {
    Path trace = directory.resolve("a.cvt");
    Notes.of(trace).put(7, "tab\there\nand \\n a line");
    Notes.of(trace).put(3, "");
    assertEquals(
        List.of(new Note(3, ""), new Note(7, "tab\there\nand \\n a line")), Notes.of(trace).all());
  }

  @Test
  void linesThatAreNoNotesAreLeftOut() throws IOException {
    Path trace = directory.resolve("b.cvt");
    Files.writeString(Notes.fileOf(trace), "x\ty\n\n99999999999999999999\tz\n5\tgood\n");
    assertEquals(List.of(new Note(5, "good")), Notes.of(trace).all());
  }

  @Test
  void goWithACopyOfTheTrace() throws IOException {
    Notes notes = Notes.of(directory.resolve("c.cvt"));
    notes.put(1, "one");
    notes.copyTo(directory.resolve("d.cvt"));
    assertEquals(notes.all(), Notes.of(directory.resolve("d.cvt")).all());
  }
}
