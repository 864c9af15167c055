package org.chronovisor.view;

import java.awt.Font;
import java.awt.event.WindowAdapter;
import java.awt.event.WindowEvent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.swing.BorderFactory;
import javax.swing.Icon;
import javax.swing.JButton;
import javax.swing.JComponent;
import javax.swing.JFrame;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.SwingConstants;
import net.miginfocom.swing.MigLayout;
import org.chronovisor.view.pane.RowTable;
import org.chronovisor.view.ui.Icons;
import org.chronovisor.view.ui.Strings;
import org.chronovisor.view.ui.Theme;

/** What a person without a trace sees: recent traces, open, record, the example. */
final class WelcomeWindow extends JFrame {
  private static final long serialVersionUID = 1;

  private final transient Viewer viewer;
  private final InfoBar info = new InfoBar();

  WelcomeWindow(Viewer viewer) {
    super(Strings.get("app.name"));
    this.viewer = viewer;
    setName("welcome");
    JPanel content =
        new JPanel(
            new MigLayout("insets 28 32 24 32, gap 24 12, hidemode 3", "[260!][grow, fill]"));
    content.add(info, "span, growx, wrap");
    JLabel title = new JLabel(Strings.get("app.name"));
    title.setFont(title.getFont().deriveFont(Font.BOLD, 26f));
    content.add(title, "span, wrap");
    JLabel text = new JLabel(Strings.get("welcome.text"));
    text.setForeground(Theme.color("muted"));
    content.add(text, "span, wrap, gapbottom 12");
    content.add(buttons(), "top");
    content.add(recent(), "grow, push");
    setContentPane(content);
    setSize(900, 560);
    setLocationRelativeTo(null);
    setDefaultCloseOperation(DISPOSE_ON_CLOSE);
    addWindowListener(
        new WindowAdapter() {
          @Override
          public void windowClosing(WindowEvent e) {
            viewer.windowClosed();
          }
        });
  }

  private JComponent buttons() {
    JPanel panel = new JPanel(new MigLayout("insets 0, wrap 1, gap 10", "[grow, fill]"));
    JButton example = button("welcome.example", Icons.FAILURE, this::openExample);
    example.setEnabled(Files.isReadable(viewer.home().example()));
    panel.add(example);
    panel.add(button("welcome.open", Icons.OPEN, this::openFile));
    panel.add(button("welcome.record", Icons.RECORD, this::record));
    getRootPane().setDefaultButton(example);
    return panel;
  }

  private static JButton button(String key, Icon icon, Runnable action) {
    JButton button = new JButton(Strings.get(key), icon);
    button.setName(key);
    button.setHorizontalAlignment(SwingConstants.LEFT);
    button.setIconTextGap(10);
    button.setMargin(new java.awt.Insets(8, 12, 8, 12));
    button.addActionListener(e -> action.run());
    return button;
  }

  private JComponent recent() {
    RowTable<Path> table =
        new RowTable<>(
            Strings.get("welcome.recent"),
            List.of(
                new RowTable.Column<>("column.trace", 180, false, p -> p.getFileName().toString()),
                new RowTable.Column<>(
                    "column.directory", 330, false, p -> String.valueOf(p.getParent()))));
    table.placeholder("welcome.noRecent");
    table.onOpen(path -> viewer.openChecked(path, info::show));
    table.setRows(viewer.settings().recent());
    JPanel panel = new JPanel(new MigLayout("insets 0, wrap 1", "[grow, fill]", "[][grow, fill]"));
    JLabel label = new JLabel(Strings.get("welcome.recent"));
    label.setFont(label.getFont().deriveFont(Font.BOLD));
    panel.add(label);
    JComponent scroll = table.inScrollPane();
    scroll.setBorder(BorderFactory.createLineBorder(Theme.color("rule")));
    panel.add(scroll, "hmin 100");
    return panel;
  }

  private void openExample() {
    viewer.openChecked(viewer.home().example(), info::show);
  }

  private void openFile() {
    Path file = TraceChooser.choose(this);
    if (file != null) {
      viewer.openChecked(file, info::show);
    }
  }

  private void record() {
    new RecordDialog(this, viewer).setVisible(true);
  }
}
