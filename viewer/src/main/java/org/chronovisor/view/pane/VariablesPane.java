package org.chronovisor.view.pane;

import java.awt.BorderLayout;
import java.awt.event.HierarchyEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.swing.JButton;
import javax.swing.JFileChooser;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JTextField;
import javax.swing.Timer;
import net.miginfocom.swing.MigLayout;
import org.chronovisor.view.model.Variables;
import org.chronovisor.view.model.ViewerModel;
import org.chronovisor.view.ui.Strings;
import org.chronovisor.view.ui.Theme;

/** Variables of the innermost function, and watched expressions; says so when it cannot tell. */
public final class VariablesPane extends ViewerPane {
  private static final long serialVersionUID = 1;

  /** A stretch of quick steps asks gdb once. */
  private static final int SETTLED_MILLIS = 80;

  private final transient ViewerModel model;
  private final transient Variables variables;
  private final JTextField field = new JTextField(18);
  private final JLabel note = new JLabel(Strings.get("variables.beforeFault"));
  private final Set<String> watches = new LinkedHashSet<>();
  private final Timer settled = new Timer(SETTLED_MILLIS, e -> read());
  private transient Map<String, String> before = Map.of();
  private transient Variables.Answer answer;
  private final RowTable<Variables.Value> table =
      new RowTable<>(
          Strings.get("pane.variables"),
          List.of(
              new RowTable.Column<>("column.name", 120, true, this::name),
              new RowTable.Column<>("column.value", 230, true, Variables.Value::value),
              new RowTable.Column<>(
                  "column.kind", 90, false, v -> Strings.get("variables.kind." + v.kind()))));

  public VariablesPane(ViewerModel model, Variables variables) {
    super("variables");
    this.model = model;
    this.variables = variables;
    settled.setRepeats(false);
    table.placeholder("variables.reading");
    table.marked(this::changed).tinted();
    table.action("variables.remove", this::remove);
    JPanel top = new JPanel(new MigLayout("insets 4 8 4 8", "[grow, fill][][]"));
    field.setName("variables.field");
    field.setFont(Theme.code());
    field.putClientProperty("JTextField.placeholderText", Strings.get("variables.help"));
    field.getAccessibleContext().setAccessibleName(Strings.get("variables.help"));
    field.addActionListener(e -> watch(field.getText()));
    JButton add = new JButton(Strings.get("variables.watch"));
    add.setName("variables.watch");
    add.addActionListener(e -> watch(field.getText()));
    JButton file = new JButton(Strings.get("variables.file"));
    file.setName("variables.file");
    file.setToolTipText(Strings.get("variables.file.help"));
    file.addActionListener(e -> chooseFile());
    top.add(field, "wmin 60");
    top.add(add);
    top.add(file);
    note.setVisible(false);
    note.putClientProperty("FlatLaf.style", "foreground: $Chronovisor.muted");
    top.add(note, "newline, span, wmin 0, hidemode 3");
    add(top, BorderLayout.NORTH);
    add(table.inScrollPane(), BorderLayout.CENTER);
    model.onMoment(moment -> settled.restart());
    addHierarchyListener(
        e -> {
          if ((e.getChangeFlags() & HierarchyEvent.SHOWING_CHANGED) != 0 && isShowing()) {
            settled.restart();
          }
        });
  }

  private String name(Variables.Value value) {
    return (changed(value) ? "\u2022 " : "  ") + value.name();
  }

  private boolean changed(Variables.Value value) {
    String old = before.get(key(value));
    return old != null && !old.equals(value.value());
  }

  private static String key(Variables.Value value) {
    return value.kind() + " " + value.name();
  }

  /** Watches an expression of the source's language from now on. */
  public void watch(String expression) {
    if (!expression.isBlank()) {
      watches.add(expression.strip());
      field.setText("");
      read();
    }
  }

  private void remove(Variables.Value value) {
    if (value.kind() == Variables.Kind.WATCH && watches.remove(value.name())) {
      read();
    }
  }

  private void chooseFile() {
    JFileChooser chooser = new JFileChooser();
    chooser.setDialogTitle(Strings.get("variables.file.help"));
    if (chooser.showOpenDialog(this) == JFileChooser.APPROVE_OPTION) {
      variables.setFile(chooser.getSelectedFile().toPath());
      read();
    }
  }

  private void read() {
    if (isShowing() && model.moment() != null) {
      variables.read(model.variablesPosition(model.moment()), new ArrayList<>(watches), this::show);
    }
  }

  private void show(Variables.Answer read) {
    if (answer != null && answer.position() != read.position()) {
      Map<String, String> old = new HashMap<>();
      answer.values().forEach(value -> old.put(key(value), value.value()));
      before = old;
    }
    answer = read;
    boolean earlier = model.moment() != null && model.moment().position() != read.position();
    note.setVisible(earlier && read.reason() == null);
    table.setPlaceholder(read.reason() == null ? Strings.get("variables.none") : read.reason());
    table.setRows(read.values());
  }

  /** What is shown, or null before the first answer. */
  public Variables.Answer answer() {
    return answer;
  }
}
