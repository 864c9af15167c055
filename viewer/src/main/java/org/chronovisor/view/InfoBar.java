package org.chronovisor.view;

import javax.swing.JButton;
import javax.swing.JLabel;
import javax.swing.JPanel;
import net.miginfocom.swing.MigLayout;
import org.chronovisor.query.QueryException;
import org.chronovisor.replay.ReplayException;
import org.chronovisor.symbols.AddressException;
import org.chronovisor.trace.TraceException;
import org.chronovisor.view.ui.Icons;
import org.chronovisor.view.ui.Strings;
import org.chronovisor.view.ui.Theme;

/** Says what went wrong, once, above the panes, until it is dismissed. */
final class InfoBar extends JPanel {
  private static final long serialVersionUID = 1;

  private final JLabel text = new JLabel(Icons.FAILURE);

  InfoBar() {
    super(new MigLayout("insets 4 12 4 8", "[]push[]"));
    text.setName("info.text");
    text.setIconTextGap(8);
    JButton close = new JButton(Strings.get("info.dismiss"));
    close.putClientProperty("JButton.buttonType", "borderless");
    close.addActionListener(e -> setVisible(false));
    add(text, "wmin 0");
    add(close);
    setVisible(false);
  }

  void show(Exception e) {
    show(message(e));
  }

  void show(String message) {
    show(message, Icons.FAILURE, "error.background");
  }

  /** Says something that is no error. */
  void tell(String message) {
    show(message, Icons.BOOKMARK, "warning.background");
  }

  private void show(String message, Icons icon, String background) {
    setBackground(Theme.color(background));
    text.setIcon(icon);
    text.putClientProperty("html.disable", true);
    text.setText(message);
    setVisible(true);
    getParent().revalidate();
  }

  private static String message(Exception e) {
    if (e instanceof ReplayException) {
      return Strings.get("error.replay", e.getMessage());
    }
    if (e instanceof QueryException
        || e instanceof AddressException
        || e instanceof TraceException) {
      return e.getMessage();
    }
    return Strings.get("error.unexpected", e.toString());
  }
}
