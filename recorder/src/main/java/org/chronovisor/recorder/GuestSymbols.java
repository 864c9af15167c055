package org.chronovisor.recorder;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.chronovisor.symbols.dwarf.DwarfException;
import org.chronovisor.trace.CallFrameSection;
import org.chronovisor.trace.Functions;
import org.chronovisor.trace.SourceLines;
import org.chronovisor.trace.SourceText;
import org.chronovisor.trace.Symbol;
import org.chronovisor.trace.TraceWriter;

/** What the guest's ELF files say about its code: all that a reader needs without these files. */
final class GuestSymbols {
  private final List<Symbol> symbols = new ArrayList<>();
  private final List<SourceLines> lines = new ArrayList<>();
  private final List<Functions> functions = new ArrayList<>();
  private final List<CallFrameSection> frames = new ArrayList<>();
  private final List<SourceText> sources = new ArrayList<>();

  /** Reads one part of an ELF file. */
  private interface Part {
    void read();
  }

  /**
   * Adds what a file has. Damaged debug information is told and left out.
   *
   * @param bias added to its addresses
   * @param notice hears one line per problem
   */
  void add(Path path, KernelImage image, long bias, Consumer<String> notice) {
    for (Symbol s : image.symbols()) {
      symbols.add(new Symbol(s.name(), s.address() + bias, s.size(), s.function()));
    }
    part(
        "source lines",
        path,
        notice,
        () -> {
          SourceLines table = image.lines().movedBy(bias);
          if (table.size() > 0) {
            lines.add(table);
          }
        });
    part(
        "inlined functions",
        path,
        notice,
        () -> {
          Functions table = image.functions().movedBy(bias);
          if (table.size() > 0) {
            functions.add(table);
          }
        });
    part(
        "call-frame information",
        path,
        notice,
        () -> image.callFrames().forEach(section -> frames.add(section.movedBy(bias))));
  }

  private static void part(String what, Path path, Consumer<String> notice, Part part) {
    try {
      part.read();
    } catch (DwarfException e) {
      notice.accept("no " + what + " from " + path + ": " + e.getMessage());
    }
  }

  List<Symbol> symbols() {
    return symbols;
  }

  List<SourceLines> lines() {
    return lines;
  }

  void addSources(List<SourceText> texts) {
    sources.addAll(texts);
  }

  void writeTo(TraceWriter writer) {
    writer.symbols(symbols);
    lines.forEach(writer::lines);
    functions.forEach(writer::functions);
    frames.forEach(writer::frames);
    sources.forEach(writer::source);
  }
}
