package org.chronovisor.view.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Traces;
import org.chronovisor.view.ExampleTrace;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NotesTest {
  @TempDir Path directory;

  @Test
  void areFoundAgainBesideTheTrace() throws IOException {
    Path trace = directory.resolve("a.cvt");
    Notes.of(trace, "").put(7, "tab\there\nand \\n a line");
    Notes.of(trace, "").put(3, "");
    assertEquals(
        List.of(new Note(3, ""), new Note(7, "tab\there\nand \\n a line")),
        Notes.of(trace, "").all());
  }

  @Test
  void linesThatAreNoNotesAreLeftOut() throws IOException {
    Path trace = directory.resolve("b.cvt");
    Files.writeString(Notes.fileOf(trace), "x\ty\n\n99999999999999999999\tz\n5\tgood\n");
    assertEquals(List.of(new Note(5, "good")), Notes.of(trace, "").all());
  }

  @Test
  void arePackedWithTheTrace() throws IOException {
    Path packed = directory.resolve("packed.cvt");
    Notes notes = Notes.of(directory.resolve("c.cvt"), "");
    notes.put(1, "one\nand more");
    Traces.pack(ExampleTrace.file(), packed, notes.text(), Traces.Progress.NONE);
    Path again = directory.resolve("again.cvt");
    Traces.pack(packed, again, Traces.Progress.NONE);
    try (TraceReader trace = Traces.open(again)) {
      trace.check();
      assertEquals(notes.all(), Notes.of(again, trace.bookmarks()).all());
    }
  }

  @Test
  void packingTakesTheOldOnesOut() throws IOException {
    Path packed = directory.resolve("packed.cvt");
    Traces.pack(ExampleTrace.file(), packed, "1\tone\n", Traces.Progress.NONE);
    Path without = directory.resolve("without.cvt");
    Traces.pack(packed, without, "", Traces.Progress.NONE);
    assertEquals(-1, Files.mismatch(ExampleTrace.file(), without));
  }

  @Test
  void theFileBesideTheTraceIsNewerThanWhatWasPacked() throws IOException {
    Path trace = directory.resolve("e.cvt");
    assertEquals(List.of(new Note(1, "packed")), Notes.of(trace, "1\tpacked\n").all());
    Files.writeString(Notes.fileOf(trace), "");
    assertEquals(List.of(), Notes.of(trace, "1\tpacked\n").all());
  }

  @Test
  void notesFromAnywhereAreBounded() {
    String many = "1\tx\n".repeat(10) + "2\t" + "y".repeat(Notes.LONGEST_TEXT) + "\n";
    assertEquals(List.of(new Note(1, "x")), Notes.of(directory.resolve("f.cvt"), many).all());
  }
}
