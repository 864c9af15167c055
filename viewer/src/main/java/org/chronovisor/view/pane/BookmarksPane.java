package org.chronovisor.view.pane;

import java.awt.BorderLayout;
import java.io.IOException;
import java.util.List;
import javax.swing.JButton;
import javax.swing.JOptionPane;
import javax.swing.JPanel;
import javax.swing.JTextField;
import net.miginfocom.swing.MigLayout;
import org.chronovisor.view.model.Note;
import org.chronovisor.view.model.Texts;
import org.chronovisor.view.model.ViewerModel;
import org.chronovisor.view.ui.Strings;

/** Bookmarks with notes, kept beside the trace. */
public final class BookmarksPane extends ViewerPane {
  private static final long serialVersionUID = 1;

  private final transient ViewerModel model;
  private final JTextField field = new JTextField(32);
  private final RowTable<Note> table =
      new RowTable<>(
          Strings.get("pane.bookmarks"),
          List.of(
              new RowTable.Column<>(
                  "column.position", 100, true, n -> Texts.position(n.position())),
              new RowTable.Column<>("column.note", 500, false, Note::text)));

  public BookmarksPane(ViewerModel model) {
    super("bookmarks");
    this.model = model;
    table.placeholder("bookmarks.none");
    table.onOpen(note -> model.goTo(note.position()));
    JPanel top = new JPanel(new MigLayout("insets 4 8 4 8"));
    field.setName("bookmarks.text");
    field.putClientProperty("JTextField.placeholderText", Strings.get("bookmarks.help"));
    field.getAccessibleContext().setAccessibleName(Strings.get("bookmarks.help"));
    field.addActionListener(e -> addHere(field.getText()));
    JButton add = new JButton(Strings.get("bookmarks.add"));
    add.setName("bookmarks.add");
    add.addActionListener(e -> addHere(field.getText()));
    JButton remove = new JButton(Strings.get("bookmarks.remove"));
    remove.addActionListener(e -> remove());
    top.add(field);
    top.add(add);
    top.add(remove);
    add(top, BorderLayout.NORTH);
    add(table.inScrollPane(), BorderLayout.CENTER);
    table.setRows(model.notes().all());
    model.notes().onChange(() -> table.setRows(model.notes().all()));
  }

  /** Sets a bookmark at the present position. */
  public void addHere(String text) {
    try {
      model.notes().put(model.position(), text.strip());
      field.setText("");
    } catch (IOException e) {
      failed(e);
    }
  }

  private void remove() {
    Note note = table.selected();
    if (note != null) {
      try {
        model.notes().remove(note.position());
      } catch (IOException e) {
        failed(e);
      }
    }
  }

  private void failed(IOException e) {
    JOptionPane.showMessageDialog(
        this, Strings.get("bookmarks.failed", e.getMessage()), title(), JOptionPane.ERROR_MESSAGE);
  }
}
