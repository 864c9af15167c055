package org.chronovisor.view.pane;

import java.awt.BorderLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import javax.swing.BorderFactory;
import javax.swing.JSplitPane;
import org.chronovisor.query.Backtrace;
import org.chronovisor.query.MemoryBytes;
import org.chronovisor.view.model.Moment;
import org.chronovisor.view.model.Texts;
import org.chronovisor.view.model.ViewerModel;
import org.chronovisor.view.ui.Strings;

/** The active functions, and the words on the stack. */
public final class StackPane extends ViewerPane {
  private static final long serialVersionUID = 1;
  private static final int SLOT = 8;

  /** A word on the stack. */
  record Slot(long address, String value, String meaning) {}

  private final transient ViewerModel model;
  private final RowTable<Backtrace.Frame> frames =
      new RowTable<>(
          Strings.get("stack.frames"),
          List.of(
              new RowTable.Column<>("column.function", 190, true, StackPane::function),
              new RowTable.Column<>("column.source", 120, true, f -> Texts.shortSource(f.source())),
              new RowTable.Column<>("column.address", 90, true, f -> Texts.hex(f.pc()))));
  private final RowTable<Slot> words =
      new RowTable<>(
          Strings.get("stack.words"),
          List.of(
              new RowTable.Column<>("column.address", 110, true, s -> Texts.hex(s.address)),
              new RowTable.Column<>("column.value", 150, true, Slot::value),
              new RowTable.Column<>("column.meaning", 140, true, Slot::meaning)));

  /**
   * @param opener hears the address of a function that was opened
   * @param origin hears the word whose origin is asked for
   */
  public StackPane(
      ViewerModel model, java.util.function.LongConsumer opener, Consumer<String> origin) {
    super("stack");
    this.model = model;
    frames.onOpen(frame -> opener.accept(frame.pc()));
    Consumer<Slot> follow = slot -> origin.accept(OriginPane.expression(slot.address, SLOT));
    words.onOpen(follow).action("origin.menu", follow);
    frames.placeholder("stack.noFrames");
    words.placeholder("stack.notMapped");
    JSplitPane split =
        new JSplitPane(JSplitPane.VERTICAL_SPLIT, frames.inScrollPane(), words.inScrollPane());
    split.setBorder(BorderFactory.createEmptyBorder());
    split.setResizeWeight(0.5);
    add(split, BorderLayout.CENTER);
    model.onMoment(this::show);
  }

  private static String function(Backtrace.Frame frame) {
    String name = frame.symbol() == null ? Strings.get("noSymbol") : frame.symbol();
    return switch (frame.how()) {
      case INLINED -> Strings.get("stack.inlined", name);
      case SCAN -> Strings.get("stack.likely", name);
      case INTERRUPT -> Strings.get("stack.interrupted", name);
      default -> name;
    };
  }

  private void show(Moment moment) {
    frames.setRows(moment.frames());
    List<Slot> slots = new ArrayList<>();
    MemoryBytes stack = moment.stack();
    for (int i = 0; stack != null && i + SLOT <= stack.length() && stack.isMapped(i); i += SLOT) {
      slots.add(slot(stack, i));
    }
    words.setRows(slots);
  }

  private Slot slot(MemoryBytes stack, int at) {
    if (!stack.isKnown(at, SLOT)) {
      StringBuilder cells = new StringBuilder();
      for (int i = SLOT - 1; i >= 0; i--) {
        cells.append(stack.cell(at + i));
      }
      return new Slot(stack.address() + at, cells.toString(), Strings.get("partlyUnknown"));
    }
    long value = stack.value(at, SLOT);
    String symbol = model.names().symbols().name(value);
    return new Slot(stack.address() + at, Texts.hex16(value), symbol == null ? "" : symbol);
  }

  List<Backtrace.Frame> frames() {
    return frames.rows();
  }
}
