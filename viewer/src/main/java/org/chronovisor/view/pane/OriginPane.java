package org.chronovisor.view.pane;

import java.awt.BorderLayout;
import java.awt.Toolkit;
import java.awt.datatransfer.StringSelection;
import javax.swing.BorderFactory;
import javax.swing.JButton;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JPopupMenu;
import javax.swing.JScrollPane;
import javax.swing.JTextField;
import net.miginfocom.swing.MigLayout;
import org.chronovisor.query.origin.Cell;
import org.chronovisor.query.origin.Origin;
import org.chronovisor.query.origin.OriginFinder;
import org.chronovisor.view.model.JobControl;
import org.chronovisor.view.model.OriginGraph;
import org.chronovisor.view.model.Texts;
import org.chronovisor.view.model.ViewerModel;
import org.chronovisor.view.ui.Strings;
import org.chronovisor.view.ui.Theme;

/** Where a value came from, as a graph that can be walked into the past. */
public final class OriginPane extends ViewerPane {
  private static final long serialVersionUID = 1;

  private final transient ViewerModel model;
  private final JTextField field = new JTextField(20);
  private final OriginView view = new OriginView(this::open);
  private transient JobControl running;

  public OriginPane(ViewerModel model) {
    super("origin");
    this.model = model;
    JPanel top = new JPanel(new MigLayout("insets 4 8 4 8, hidemode 3", "[][][][]push[]"));
    JLabel label = new JLabel(Strings.get("origin.value"));
    label.setLabelFor(field);
    field.setName("origin.field");
    field.setFont(Theme.code());
    field.putClientProperty("JTextField.placeholderText", Strings.get("origin.help"));
    field.getAccessibleContext().setAccessibleName(Strings.get("origin.value"));
    field.setToolTipText(Strings.get("origin.help.long"));
    field.addActionListener(e -> follow(field.getText()));
    JButton follow = new JButton(Strings.get("origin.follow"));
    follow.setName("origin.follow");
    follow.addActionListener(e -> follow(field.getText()));
    JButton copy = new JButton(Strings.get("origin.copy"));
    copy.setName("origin.copy");
    copy.addActionListener(e -> copy());
    JLabel hint = new JLabel(Strings.get("origin.hint"));
    hint.putClientProperty("FlatLaf.style", "foreground: $Chronovisor.muted");
    top.add(label);
    top.add(field);
    top.add(follow);
    top.add(copy);
    top.add(hint, "wmin 0");
    add(top, BorderLayout.NORTH);
    JScrollPane scroll = new JScrollPane(view);
    scroll.setBorder(BorderFactory.createEmptyBorder());
    scroll.getVerticalScrollBar().setUnitIncrement(20);
    scroll.getHorizontalScrollBar().setUnitIncrement(20);
    add(scroll, BorderLayout.CENTER);
    view.setComponentPopupMenu(menu());
    Theme.onChange(this, view::repaint);
    model.onMoment(moment -> view.setNow(moment.position()));
  }

  private JPopupMenu menu() {
    JPopupMenu menu = new JPopupMenu();
    menu.add(Strings.get("origin.go")).addActionListener(e -> goTo(view.selected(), 0));
    menu.add(Strings.get("origin.goBehind")).addActionListener(e -> goTo(view.selected(), 1));
    menu.add(Strings.get("origin.copy")).addActionListener(e -> copy());
    return menu;
  }

  /** Follows a value backwards from the present position: a register, or an address and length. */
  public void follow(String what) {
    String asked = what.strip();
    field.setText(asked);
    if (asked.isEmpty()) {
      return;
    }
    if (running != null) {
      running.cancel();
    }
    long position = model.position();
    view.show(null);
    view.setPlaceholder(Strings.get("origin.searching"));
    running =
        model.ask(
            "origin",
            (session, control) -> {
              session.seek(position);
              return find(session, control, position, asked);
            },
            origin -> view.show(new OriginGraph(origin)),
            () -> view.setPlaceholder(Strings.get("origin.failed", asked)));
  }

  private static Origin find(
      org.chronovisor.query.TraceSession session, JobControl control, long position, String what) {
    session.seek(position);
    Cell cell = Cell.parse(session, what);
    return new OriginFinder(session, control).follow(position, cell, OriginFinder.DEFAULT_STEPS);
  }

  /** Goes to a box's instruction, or follows what has not been followed yet. */
  private void open(OriginGraph.Node node) {
    if (!node.isOpen()) {
      goTo(node, 0);
      return;
    }
    OriginGraph graph = view.graph();
    long position = node.alternative().position();
    String what = node.alternative().expression();
    model.ask(
        "origin",
        (session, control) -> find(session, control, position, what),
        origin -> {
          if (node.isOpen()) {
            graph.follow(node, origin);
            if (view.graph() == graph) {
              view.changed();
              view.select(node);
            }
          }
        });
  }

  private void goTo(OriginGraph.Node node, int more) {
    if (node != null && node.position() >= 0) {
      model.goTo(node.position() + more);
    }
  }

  private void copy() {
    if (view.graph() != null) {
      Toolkit.getDefaultToolkit()
          .getSystemClipboard()
          .setContents(new StringSelection(view.graph().text()), null);
    }
  }

  /** The graph shown, or null. */
  public OriginGraph graph() {
    return view.graph();
  }

  /** The field's text for some bytes of memory. */
  static String expression(long address, int length) {
    return Texts.hex(address) + "," + Math.min(length, Cell.LARGEST);
  }
}
