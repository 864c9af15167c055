package org.chronovisor.view.pane;

import java.awt.BorderLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.swing.BorderFactory;
import javax.swing.JButton;
import javax.swing.JPanel;
import javax.swing.JSplitPane;
import javax.swing.JTextField;
import net.miginfocom.swing.MigLayout;
import org.chronovisor.query.Watchpoint;
import org.chronovisor.symbols.AddressException;
import org.chronovisor.symbols.AddressExpression;
import org.chronovisor.view.model.Breakpoint;
import org.chronovisor.view.model.Hit;
import org.chronovisor.view.model.Texts;
import org.chronovisor.view.model.ViewerModel;
import org.chronovisor.view.ui.Strings;

/** Breakpoints and watchpoints, and all the times they are hit in the run. */
public final class BreakpointsPane extends ViewerPane {
  private static final long serialVersionUID = 1;
  private static final int WORD = 8;

  private final transient ViewerModel model;
  private final transient Map<Integer, List<Hit>> hits = new HashMap<>();
  private transient Runnable shown = () -> {};
  private final JTextField field = new JTextField(22);
  private final RowTable<Breakpoint> table =
      new RowTable<>(
          Strings.get("pane.breakpoints"),
          List.of(
              new RowTable.Column<>("column.state", 60, false, BreakpointsPane::state),
              new RowTable.Column<>("column.kind", 90, false, BreakpointsPane::kind),
              new RowTable.Column<>("column.place", 180, true, Breakpoint::label),
              new RowTable.Column<>("column.hits", 70, false, this::count)));
  private final RowTable<Hit> hitTable =
      new RowTable<>(
          Strings.get("breakpoints.hits"),
          List.of(
              new RowTable.Column<>(
                  "column.position", 100, true, h -> Texts.position(h.position())),
              new RowTable.Column<>("column.value", 150, true, Hit::value),
              new RowTable.Column<>("column.place", 200, true, Hit::place)));

  public BreakpointsPane(ViewerModel model) {
    super("breakpoints");
    this.model = model;
    table.placeholder("breakpoints.none");
    hitTable.placeholder("breakpoints.noHits");
    hitTable.onOpen(hit -> model.goTo(hit.position()));
    hitTable.muted(hit -> hit.position() > model.position());
    table.muted(breakpoint -> !breakpoint.enabled());
    table.onOpen(b -> model.breakpoints().setEnabled(b.id(), !b.enabled()));
    table.getSelectionModel().addListSelectionListener(e -> showHits());
    add(top(), BorderLayout.NORTH);
    JSplitPane split =
        new JSplitPane(JSplitPane.HORIZONTAL_SPLIT, table.inScrollPane(), hitTable.inScrollPane());
    split.setBorder(BorderFactory.createEmptyBorder());
    split.setResizeWeight(0.5);
    add(split, BorderLayout.CENTER);
    model.breakpoints().onChange(this::changed);
    model.onMoment(moment -> hitTable.repaint());
  }

  private JPanel top() {
    JPanel panel = new JPanel(new MigLayout("insets 4 8 4 8"));
    field.setName("breakpoints.field");
    field.putClientProperty("JTextField.placeholderText", Strings.get("breakpoints.help"));
    field.getAccessibleContext().setAccessibleName(Strings.get("breakpoints.help"));
    field.addActionListener(e -> addBreakpoint(field.getText()));
    panel.add(field);
    button(panel, "breakpoints.break", () -> addBreakpoint(field.getText()));
    button(panel, "breakpoints.watch", () -> addWatchpoint(field.getText()));
    button(panel, "breakpoints.toggle", this::toggle);
    button(panel, "breakpoints.remove", this::remove);
    return panel;
  }

  private static void button(JPanel panel, String key, Runnable action) {
    JButton button = new JButton(Strings.get(key));
    button.setName(key);
    button.addActionListener(e -> action.run());
    panel.add(button);
  }

  private static String state(Breakpoint breakpoint) {
    return Strings.get(breakpoint.enabled() ? "breakpoints.on" : "breakpoints.off");
  }

  private static String kind(Breakpoint breakpoint) {
    return Strings.get(breakpoint.isWatch() ? "breakpoints.isWatch" : "breakpoints.isBreak");
  }

  private String count(Breakpoint breakpoint) {
    List<Hit> known = hits.get(breakpoint.id());
    if (known == null) {
      return "\u2026";
    }
    return known.size() >= Hit.MOST ? Hit.MOST + "+" : Integer.toString(known.size());
  }

  /** Sets a breakpoint at a function, an address, or a {@code file:line}. */
  public void addBreakpoint(String text) {
    String place = text.strip();
    if (place.isEmpty()) {
      return;
    }
    int colon = place.lastIndexOf(':');
    if (colon > 0 && place.substring(colon + 1).matches("\\d{1,7}")) {
      List<Long> addresses =
          model
              .names()
              .lines()
              .addresses(place.substring(0, colon), Integer.parseInt(place.substring(colon + 1)));
      if (addresses.isEmpty()) {
        hitTable.setPlaceholder(Strings.get("breakpoints.noLine", place));
        return;
      }
      model.breakpoints().addBreakpoint(place, addresses.get(0));
      return;
    }
    long position = model.position();
    model.ask(
        "address",
        (session, control) -> {
          session.seek(position);
          return session.evaluate(AddressExpression.parse(place));
        },
        address -> model.breakpoints().addBreakpoint(place, address));
  }

  /** Sets a watchpoint on {@code ADDRESS[,LENGTH]}, evaluated at the present position. */
  public void addWatchpoint(String text) {
    String place = text.strip();
    if (place.isEmpty()) {
      return;
    }
    long position = model.position();
    model.ask(
        "watch",
        (session, control) -> {
          session.seek(position);
          int comma = place.indexOf(',');
          AddressExpression expression =
              AddressExpression.parse(comma < 0 ? place : place.substring(0, comma));
          int length =
              comma < 0
                  ? expression
                      .symbol(session.symbols())
                      .filter(s -> s.size() > 0 && s.size() <= Watchpoint.LONGEST)
                      .map(s -> (int) s.size())
                      .orElse(WORD)
                  : length(place.substring(comma + 1).strip());
          return Watchpoint.at(session, session.evaluate(expression), length);
        },
        watchpoint -> model.breakpoints().addWatchpoint(place, watchpoint));
  }

  private static int length(String text) {
    long length = AddressExpression.number(text);
    if (length < 1 || length > Watchpoint.LONGEST) {
      throw new AddressException("a watched length is from 1 to " + Watchpoint.LONGEST + " bytes");
    }
    return (int) length;
  }

  private void toggle() {
    Breakpoint selected = table.selected();
    if (selected != null) {
      model.breakpoints().setEnabled(selected.id(), !selected.enabled());
    }
  }

  private void remove() {
    Breakpoint selected = table.selected();
    if (selected != null) {
      model.breakpoints().remove(selected.id());
      hits.remove(selected.id());
    }
  }

  private void changed() {
    List<Breakpoint> all = model.breakpoints().all();
    table.setRows(all);
    for (Breakpoint breakpoint : all) {
      if (!hits.containsKey(breakpoint.id())) {
        hits.put(breakpoint.id(), null);
        model.findHits(
            breakpoint,
            found -> {
              hits.put(breakpoint.id(), found);
              table.repaint();
              showHits();
            });
      }
    }
    if (!all.isEmpty() && table.selected() == null) {
      table.select(all.size() - 1);
    }
    showHits();
  }

  private void showHits() {
    Breakpoint selected = table.selected();
    List<Hit> found = selected == null ? null : hits.get(selected.id());
    hitTable.placeholder(
        selected != null && found == null ? "breakpoints.searching" : "breakpoints.noHits");
    hitTable.setRows(found == null ? List.of() : found);
    shown.run();
  }

  /** Calls a listener when other hits are shown. */
  public void onShown(Runnable listener) {
    shown = listener;
  }

  /** The hits of the selected breakpoint. */
  public List<Hit> shownHits() {
    return hitTable.rows();
  }
}
