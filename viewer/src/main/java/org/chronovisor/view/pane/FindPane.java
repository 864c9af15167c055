package org.chronovisor.view.pane;

import java.awt.BorderLayout;
import java.util.List;
import javax.swing.JButton;
import javax.swing.JPanel;
import javax.swing.JTextField;
import javax.swing.event.DocumentEvent;
import javax.swing.event.DocumentListener;
import net.miginfocom.swing.MigLayout;
import org.chronovisor.view.model.Finder;
import org.chronovisor.view.model.ViewerModel;
import org.chronovisor.view.ui.Strings;

/** Finds functions, variables, positions, addresses, and text in memory. */
public final class FindPane extends ViewerPane {
  private static final long serialVersionUID = 1;

  private final transient ViewerModel model;
  private final transient MemoryPane memory;
  private final JTextField field = new JTextField(26);
  private final RowTable<Finder.Found> table =
      new RowTable<>(
          Strings.get("pane.find"),
          List.of(
              new RowTable.Column<>(
                  "column.kind", 90, false, f -> Strings.get("found." + f.kind())),
              new RowTable.Column<>("column.what", 420, true, Finder.Found::text),
              new RowTable.Column<>(
                  "column.address", 130, true, f -> f.address() == 0 ? "" : f.expression())));

  public FindPane(ViewerModel model, MemoryPane memory) {
    super("find");
    this.model = model;
    this.memory = memory;
    table.placeholder("find.none");
    table.onOpen(this::open);
    JPanel top = new JPanel(new MigLayout("insets 4 8 4 8"));
    field.setName("find.field");
    field.putClientProperty("JTextField.placeholderText", Strings.get("find.help"));
    field.getAccessibleContext().setAccessibleName(Strings.get("find.help"));
    field.getDocument().addDocumentListener(new Typed());
    field.addActionListener(e -> openFirst());
    top.add(field);
    button(top, "find.next", () -> run(true));
    button(top, "find.previous", () -> run(false));
    button(top, "find.inMemory", this::searchMemory);
    add(top, BorderLayout.NORTH);
    add(table.inScrollPane(), BorderLayout.CENTER);
  }

  private static void button(JPanel panel, String key, Runnable action) {
    JButton button = new JButton(Strings.get(key));
    button.setName(key);
    button.addActionListener(e -> action.run());
    panel.add(button);
  }

  public void focus() {
    field.requestFocusInWindow();
    field.selectAll();
  }

  private void names() {
    table.setRows(Finder.names(model.names(), model.end(), field.getText()));
  }

  private void openFirst() {
    if (!table.rows().isEmpty()) {
      table.select(0);
      open(table.rows().get(0));
    }
  }

  private void open(Finder.Found found) {
    if (found.position() >= 0) {
      model.goTo(found.position());
    } else if (found.kind() == Finder.Kind.FUNCTION) {
      model.runTo(found.address(), false);
    } else {
      memory.goTo(found.expression());
    }
  }

  /** Goes to the next or the previous call of the selected function. */
  private void run(boolean forwards) {
    Finder.Found found = table.selected();
    if (found == null && !table.rows().isEmpty()) {
      found = table.rows().get(0);
    }
    if (found != null && found.address() != 0) {
      model.runTo(found.address(), forwards);
    }
  }

  private void searchMemory() {
    String text = field.getText();
    long position = model.position();
    table.placeholder("find.searching");
    table.setRows(List.of());
    model.ask(
        "find",
        (session, control) -> Finder.memory(session, control, position, text),
        found -> {
          table.placeholder("find.nothing");
          table.setRows(found);
        });
  }

  private final class Typed implements DocumentListener {
    @Override
    public void insertUpdate(DocumentEvent e) {
      names();
    }

    @Override
    public void removeUpdate(DocumentEvent e) {
      names();
    }

    @Override
    public void changedUpdate(DocumentEvent e) {}
  }
}
