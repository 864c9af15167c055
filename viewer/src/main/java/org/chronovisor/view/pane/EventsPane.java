package org.chronovisor.view.pane;

import java.awt.BorderLayout;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import javax.swing.JCheckBox;
import javax.swing.JLabel;
import javax.swing.JPanel;
import net.miginfocom.swing.MigLayout;
import org.chronovisor.view.model.RunEvent;
import org.chronovisor.view.model.Texts;
import org.chronovisor.view.model.ViewerModel;
import org.chronovisor.view.ui.Strings;
import org.chronovisor.view.ui.Theme;

/** Interrupts, device I/O and memory changed by devices, over the whole run. */
public final class EventsPane extends ViewerPane {
  private static final long serialVersionUID = 1;

  private final RowTable<RunEvent> table =
      new RowTable<>(
          Strings.get("pane.events"),
          List.of(
              new RowTable.Column<>(
                  "column.position", 100, true, e -> Texts.position(e.position())),
              new RowTable.Column<>("column.kind", 130, false, e -> name(e.kind())),
              new RowTable.Column<>("column.what", 500, true, RunEvent::text)));
  private final Set<RunEvent.Kind> shown = EnumSet.complementOf(EnumSet.of(RunEvent.Kind.SERIAL));
  private final JLabel count = new JLabel();
  private transient List<RunEvent> events = List.of();

  public EventsPane(ViewerModel model) {
    super("events");
    table.placeholder("events.reading");
    table.onOpen(event -> model.goTo(event.position()));
    table.muted(event -> event.position() >= model.position());
    add(filter(), BorderLayout.NORTH);
    add(table.inScrollPane(), BorderLayout.CENTER);
    model.onMoment(moment -> table.repaint());
    model.ask("events", RunEvent::all, this::loaded);
  }

  private static String name(RunEvent.Kind kind) {
    return Strings.get("event." + kind);
  }

  private JPanel filter() {
    JPanel panel = new JPanel(new MigLayout("insets 3 8 3 8, gap 10"));
    for (RunEvent.Kind kind : RunEvent.Kind.values()) {
      JCheckBox box = new JCheckBox(name(kind), shown.contains(kind));
      box.addActionListener(
          e -> {
            if (box.isSelected()) {
              shown.add(kind);
            } else {
              shown.remove(kind);
            }
            filterRows();
          });
      panel.add(box);
    }
    count.setForeground(Theme.color("muted"));
    panel.add(count, "push, right");
    return panel;
  }

  private void loaded(List<RunEvent> all) {
    events = all;
    table.placeholder("events.none");
    filterRows();
  }

  private void filterRows() {
    table.setRows(events.stream().filter(event -> shown.contains(event.kind())).toList());
    String key = events.size() >= RunEvent.MOST ? "events.first" : "events.count";
    count.setText(
        Strings.get(key, Texts.position(table.rows().size()), Texts.position(events.size())));
  }

  public RowTable<RunEvent> table() {
    return table;
  }
}
