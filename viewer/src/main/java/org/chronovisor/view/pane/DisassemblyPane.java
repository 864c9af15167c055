package org.chronovisor.view.pane;

import java.awt.BorderLayout;
import java.awt.event.MouseAdapter;
import java.awt.event.MouseEvent;
import java.util.List;
import javax.swing.BorderFactory;
import javax.swing.JList;
import javax.swing.JPopupMenu;
import javax.swing.JScrollPane;
import javax.swing.ListSelectionModel;
import org.chronovisor.view.model.Moment;
import org.chronovisor.view.model.SourceFinder;
import org.chronovisor.view.model.Texts;
import org.chronovisor.view.model.ViewerModel;
import org.chronovisor.view.ui.Keys;
import org.chronovisor.view.ui.Strings;
import org.chronovisor.view.ui.Theme;

/** The instructions just executed and those to come, with what each did to the registers. */
public final class DisassemblyPane extends ViewerPane {
  private static final long serialVersionUID = 1;
  private static final int GUTTER = 22;

  private final transient ViewerModel model;
  private final transient SourceFinder sources;
  private final JList<CodeRow> list = new JList<>();
  private final CodeRowRenderer renderer;
  private transient List<CodeRow> rows = List.of();

  public DisassemblyPane(ViewerModel model, SourceFinder sources) {
    super("disassembly");
    this.model = model;
    this.sources = sources;
    renderer = new CodeRowRenderer(model.breakpoints());
    list.setCellRenderer(renderer);
    list.setName("disassembly.list");
    list.getAccessibleContext().setAccessibleName(title());
    list.setSelectionMode(ListSelectionModel.SINGLE_SELECTION);
    list.setBackground(Theme.color("background"));
    Theme.onChange(list, () -> list.setBackground(Theme.color("background")));
    JScrollPane scroll = new JScrollPane(list);
    scroll.setBorder(BorderFactory.createEmptyBorder());
    add(scroll, BorderLayout.CENTER);
    bind();
    model.onMoment(this::show);
    model.breakpoints().onChange(list::repaint);
  }

  private void bind() {
    Keys.bind(list, WHEN_FOCUSED, "ENTER", "open", this::openSelected);
    list.addMouseListener(
        new MouseAdapter() {
          @Override
          public void mousePressed(MouseEvent e) {
            popup(e);
          }

          @Override
          public void mouseReleased(MouseEvent e) {
            popup(e);
          }

          @Override
          public void mouseClicked(MouseEvent e) {
            if (e.getButton() == MouseEvent.BUTTON1 && e.getX() < GUTTER) {
              toggleBreakpoint();
            } else if (e.getClickCount() == 2) {
              openSelected();
            }
          }
        });
  }

  private void openSelected() {
    CodeRow row = list.getSelectedValue();
    if (row != null && row.instruction() != null) {
      model.goTo(row.instruction().position());
    }
  }

  private void toggleBreakpoint() {
    CodeRow row = list.getSelectedValue();
    if (row != null && row.instruction() != null) {
      long pc = row.instruction().view().pc();
      String symbol = row.instruction().view().symbol();
      model.breakpoints().toggle(symbol == null ? Texts.hex(pc) : symbol, pc);
    }
  }

  private void popup(MouseEvent e) {
    if (!e.isPopupTrigger()) {
      return;
    }
    list.setSelectedIndex(list.locationToIndex(e.getPoint()));
    CodeRow row = list.getSelectedValue();
    if (row == null || row.instruction() == null) {
      return;
    }
    long pc = row.instruction().view().pc();
    JPopupMenu menu = new JPopupMenu();
    menu.add(Strings.get("menu.goHere")).addActionListener(a -> openSelected());
    menu.add(Strings.get("menu.runTo")).addActionListener(a -> model.runTo(pc, true));
    menu.add(Strings.get("menu.runBackTo")).addActionListener(a -> model.runTo(pc, false));
    menu.addSeparator();
    menu.add(Strings.get("menu.toggleBreakpoint")).addActionListener(a -> toggleBreakpoint());
    menu.show(list, e.getX(), e.getY());
  }

  /** The address of the selected instruction, or of the next one: where "run to cursor" goes. */
  public long cursorAddress() {
    CodeRow row = list.getSelectedValue();
    if (row != null && row.instruction() != null) {
      return row.instruction().view().pc();
    }
    return model.moment() == null ? 0 : model.moment().next().pc();
  }

  private void show(Moment moment) {
    rows = CodeRow.of(moment, model.failureAt(moment), sources);
    renderer.fit(rows);
    list.clearSelection();
    list.setListData(rows.toArray(CodeRow[]::new));
    for (int i = 0; i < rows.size(); i++) {
      if (rows.get(i).current()) {
        int visible = Math.max(3, list.getVisibleRect().height / 19);
        list.ensureIndexIsVisible(Math.min(rows.size() - 1, i + visible / 3));
        list.ensureIndexIsVisible(Math.max(0, i - visible / 2));
        list.ensureIndexIsVisible(i);
      }
    }
  }

  public void focus() {
    list.requestFocusInWindow();
  }

  /** The rows shown, for tests. */
  List<CodeRow> rows() {
    return rows;
  }
}
