package org.chronovisor.view.pane;

import java.util.ArrayList;
import java.util.List;
import org.chronovisor.query.InstructionView;
import org.chronovisor.view.model.ExecutedInstruction;
import org.chronovisor.view.model.Moment;
import org.chronovisor.view.model.SourceFinder;
import org.chronovisor.view.model.Story;
import org.chronovisor.view.model.Texts;

/**
 * A row of the disassembly: a function's name, a source line, an instruction, or the one that
 * failed.
 *
 * @param instruction null for a function and a source line
 * @param current the instruction that is next
 */
record CodeRow(Kind kind, String text, ExecutedInstruction instruction, boolean current) {
  enum Kind {
    FUNCTION,
    SOURCE,
    INSTRUCTION,
    /** It did not retire: an exception was delivered instead. */
    FAILED
  }

  /** The instructions around a moment with the lines of text between them. */
  static List<CodeRow> of(Moment moment, Story failure, SourceFinder sources) {
    List<CodeRow> rows = new ArrayList<>();
    String function = null;
    String source = null;
    boolean placed = false;
    boolean failed = failure != null && !failure.retired();
    for (ExecutedInstruction instruction : moment.path()) {
      InstructionView view = instruction.view();
      if (failed && instruction.position() == moment.position()) {
        ExecutedInstruction one =
            new ExecutedInstruction(
                moment.position(), failure.instruction(), List.of(), false, true);
        String text = failure.instruction().display() + "   \u00d7 " + failure.summary();
        rows.add(new CodeRow(Kind.FAILED, text, one, false));
      }
      String name = function(view.symbol());
      if (!name.equals(function)) {
        rows.add(new CodeRow(Kind.FUNCTION, name, null, false));
        function = name;
        source = null;
      }
      if (view.source() != null && !view.source().equals(source)) {
        source = view.source();
        rows.add(new CodeRow(Kind.SOURCE, sourceText(source, sources), null, false));
      }
      boolean current = instruction.position() == moment.position();
      placed |= current;
      rows.add(new CodeRow(Kind.INSTRUCTION, view.display(), instruction, current));
    }
    if (!placed) {
      ExecutedInstruction end =
          new ExecutedInstruction(moment.position(), moment.next(), List.of(), false, false);
      rows.add(new CodeRow(Kind.INSTRUCTION, moment.next().display(), end, true));
    }
    return rows;
  }

  private static String function(String symbol) {
    if (symbol == null) {
      return "(no symbol)";
    }
    int plus = symbol.lastIndexOf("+0x");
    return plus < 0 ? symbol : symbol.substring(0, plus);
  }

  private static String sourceText(String source, SourceFinder sources) {
    int colon = source.lastIndexOf(':');
    String label = Texts.fileName(source);
    return sources
        .text(source.substring(0, colon))
        .map(text -> text.split("\n", -1))
        .filter(lines -> line(source, colon) >= 1 && line(source, colon) <= lines.length)
        .map(lines -> label + "   " + lines[line(source, colon) - 1].strip())
        .orElse(label);
  }

  private static int line(String source, int colon) {
    return Integer.parseInt(source.substring(colon + 1));
  }

  /** As a screen reader says it. */
  @Override
  public String toString() {
    if (instruction == null) {
      return text;
    }
    StringBuilder effects = new StringBuilder();
    instruction.effects().forEach(effect -> effects.append("; ").append(effect.text()));
    return instruction.position() + " " + Texts.hex(instruction.view().pc()) + " " + text + effects;
  }
}
