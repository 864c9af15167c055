package org.chronovisor.view;

import java.awt.BorderLayout;
import java.awt.Component;
import java.awt.Dimension;
import java.awt.event.KeyAdapter;
import java.awt.event.KeyEvent;
import java.awt.event.MouseAdapter;
import java.awt.event.MouseEvent;
import java.awt.event.WindowAdapter;
import java.awt.event.WindowEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.swing.BorderFactory;
import javax.swing.DefaultListModel;
import javax.swing.JDialog;
import javax.swing.JFrame;
import javax.swing.JLabel;
import javax.swing.JList;
import javax.swing.JPanel;
import javax.swing.JScrollPane;
import javax.swing.JTextField;
import javax.swing.ListCellRenderer;
import javax.swing.UIManager;
import javax.swing.event.DocumentEvent;
import javax.swing.event.DocumentListener;
import org.chronovisor.view.ui.Strings;
import org.chronovisor.view.ui.Theme;

/** Every command by typing a part of its name. */
final class CommandPalette extends JDialog {
  private static final long serialVersionUID = 1;

  private final transient List<Command> commands;
  private final JTextField field = new JTextField();
  private final DefaultListModel<Command> found = new DefaultListModel<>();
  private final JList<Command> list = new JList<>(found);

  CommandPalette(JFrame owner, Commands all) {
    super(owner, Strings.get("command.palette"), false);
    commands = new ArrayList<>(all.all());
    setUndecorated(true);
    JPanel content = new JPanel(new BorderLayout(0, 6));
    content.setBorder(
        BorderFactory.createCompoundBorder(
            BorderFactory.createLineBorder(Theme.color("muted")),
            BorderFactory.createEmptyBorder(8, 8, 8, 8)));
    field.setName("palette.field");
    field.putClientProperty("JTextField.placeholderText", Strings.get("palette.help"));
    field.getAccessibleContext().setAccessibleName(Strings.get("palette.help"));
    content.add(field, BorderLayout.NORTH);
    list.setName("palette.list");
    list.setCellRenderer(new Renderer());
    list.setVisibleRowCount(12);
    content.add(new JScrollPane(list), BorderLayout.CENTER);
    setContentPane(content);
    filter();
    listen();
    pack();
    setSize(new Dimension(520, 360));
    setLocation(owner.getX() + (owner.getWidth() - getWidth()) / 2, owner.getY() + 90);
  }

  private void listen() {
    field
        .getDocument()
        .addDocumentListener(
            new DocumentListener() {
              @Override
              public void insertUpdate(DocumentEvent e) {
                filter();
              }

              @Override
              public void removeUpdate(DocumentEvent e) {
                filter();
              }

              @Override
              public void changedUpdate(DocumentEvent e) {}
            });
    field.addKeyListener(
        new KeyAdapter() {
          @Override
          public void keyPressed(KeyEvent e) {
            int selected = list.getSelectedIndex();
            switch (e.getKeyCode()) {
              case KeyEvent.VK_DOWN -> select(selected + 1);
              case KeyEvent.VK_UP -> select(selected - 1);
              case KeyEvent.VK_ENTER -> execute();
              case KeyEvent.VK_ESCAPE -> dispose();
              default -> {}
            }
          }
        });
    list.addMouseListener(
        new MouseAdapter() {
          @Override
          public void mouseClicked(MouseEvent e) {
            execute();
          }
        });
    addWindowFocusListener(
        new WindowAdapter() {
          @Override
          public void windowLostFocus(WindowEvent e) {
            dispose();
          }
        });
  }

  private void select(int index) {
    if (index >= 0 && index < found.size()) {
      list.setSelectedIndex(index);
      list.ensureIndexIsVisible(index);
    }
  }

  private void filter() {
    String[] words = field.getText().toLowerCase(Locale.ROOT).strip().split("\\s+");
    found.clear();
    for (Command command : commands) {
      String title = command.title().toLowerCase(Locale.ROOT);
      boolean all = true;
      for (String word : words) {
        all &= title.contains(word);
      }
      if (all) {
        found.addElement(command);
      }
    }
    select(0);
  }

  private void execute() {
    Command command = list.getSelectedValue();
    dispose();
    if (command != null) {
      command.actionPerformed(null);
    }
  }

  private static final class Renderer implements ListCellRenderer<Command> {
    private final JPanel row = new JPanel(new BorderLayout());
    private final JLabel title = new JLabel();
    private final JLabel key = new JLabel();

    Renderer() {
      row.setBorder(BorderFactory.createEmptyBorder(4, 8, 4, 8));
      row.add(title, BorderLayout.CENTER);
      row.add(key, BorderLayout.EAST);
    }

    @Override
    public Component getListCellRendererComponent(
        JList<? extends Command> list, Command command, int i, boolean selected, boolean focus) {
      title.setText(command.title());
      key.setText(Command.keyText(command.key()));
      String state = selected ? "selectionBackground" : "background";
      row.setBackground(UIManager.getColor("List." + state));
      title.setForeground(
          UIManager.getColor(selected ? "List.selectionForeground" : "List.foreground"));
      key.setForeground(selected ? title.getForeground() : Theme.color("muted"));
      return row;
    }
  }
}
