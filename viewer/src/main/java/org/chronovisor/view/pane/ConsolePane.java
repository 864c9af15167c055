package org.chronovisor.view.pane;

import java.awt.BorderLayout;
import java.awt.event.MouseAdapter;
import java.awt.event.MouseEvent;
import java.util.List;
import org.chronovisor.query.ConsoleLine;
import org.chronovisor.query.ConsoleQuery;
import org.chronovisor.view.model.Moment;
import org.chronovisor.view.model.Texts;
import org.chronovisor.view.model.ViewerModel;
import org.chronovisor.view.ui.Strings;
import org.chronovisor.view.ui.Theme;

/** What the guest prints in the whole run; a click on a character goes to its instruction. */
public final class ConsolePane extends ViewerPane {
  private static final long serialVersionUID = 1;
  private static final int TEXT_COLUMN = 2;
  private static final int MARGIN = 6;

  private final transient ViewerModel model;
  private final RowTable<ConsoleLine> table =
      new RowTable<>(
          Strings.get("pane.console"),
          List.of(
              new RowTable.Column<>("column.when", 70, false, this::when),
              new RowTable.Column<>(
                  "column.position", 90, true, line -> Texts.position(line.position())),
              new RowTable.Column<>("column.printed", 600, true, ConsoleLine::text)));

  public ConsolePane(ViewerModel model) {
    super("console");
    this.model = model;
    table.placeholder("console.reading");
    table.muted(line -> line.position() >= model.position());
    table.marked(this::isCurrent);
    table.onOpen(line -> model.goTo(line.position()));
    table.getColumnModel().getColumn(0).setMaxWidth(80);
    table.getColumnModel().getColumn(1).setMaxWidth(130);
    table.addMouseListener(
        new MouseAdapter() {
          @Override
          public void mouseClicked(MouseEvent e) {
            if (e.getButton() == MouseEvent.BUTTON1 && e.getClickCount() == 1) {
              click(e);
            }
          }
        });
    add(table.inScrollPane(), BorderLayout.CENTER);
    model.onMoment(this::show);
    model.ask(
        "console",
        (session, control) -> ConsoleQuery.lines(session.trace(), control),
        this::loaded);
  }

  private void loaded(List<ConsoleLine> lines) {
    table.placeholder("console.empty");
    table.setRows(lines);
    if (model.moment() != null) {
      show(model.moment());
    }
  }

  private String when(ConsoleLine line) {
    if (isCurrent(line)) {
      return Strings.get("console.now");
    }
    return line.position() < model.position() ? "" : Strings.get("console.later");
  }

  /** The last line that has begun. */
  private boolean isCurrent(ConsoleLine line) {
    List<ConsoleLine> lines = table.rows();
    int i = index(model.position());
    return i >= 0 && lines.get(i).position() == line.position();
  }

  private int index(long position) {
    List<ConsoleLine> lines = table.rows();
    int low = 0;
    int high = lines.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (lines.get(middle).position() < position) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }

  private void click(MouseEvent e) {
    int row = table.rowAtPoint(e.getPoint());
    if (row < 0 || table.columnAtPoint(e.getPoint()) != TEXT_COLUMN) {
      return;
    }
    int character = table.getFontMetrics(Theme.code()).charWidth('0');
    int x = e.getX() - table.getCellRect(row, TEXT_COLUMN, false).x - MARGIN;
    goTo(row, x / character);
  }

  /** Goes to the instruction that printed a character; behind the text, to the last one. */
  void goTo(int row, int character) {
    ConsoleLine line = table.rows().get(row);
    int last = line.positions().length - 1;
    model.goTo(line.positions()[Math.max(0, Math.min(character, last))]);
  }

  private void show(Moment moment) {
    int row = index(moment.position());
    table.repaint();
    if (row >= 0) {
      table.scrollRectToVisible(table.getCellRect(row, 0, true));
    }
  }

  List<ConsoleLine> lines() {
    return table.rows();
  }
}
