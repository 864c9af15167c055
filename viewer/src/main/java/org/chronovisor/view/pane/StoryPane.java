package org.chronovisor.view.pane;

import java.awt.BorderLayout;
import java.awt.Color;
import java.awt.Cursor;
import java.awt.Font;
import javax.swing.BorderFactory;
import javax.swing.JButton;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JScrollPane;
import javax.swing.JTextArea;
import javax.swing.Scrollable;
import javax.swing.SwingConstants;
import net.miginfocom.swing.MigLayout;
import org.chronovisor.query.Backtrace;
import org.chronovisor.query.InstructionView;
import org.chronovisor.view.model.Story;
import org.chronovisor.view.model.Texts;
import org.chronovisor.view.model.ViewerModel;
import org.chronovisor.view.ui.Icons;
import org.chronovisor.view.ui.Strings;
import org.chronovisor.view.ui.Theme;

/** How the run failed and where the bad value came from; every step can be gone to. */
public final class StoryPane extends ViewerPane {
  private static final long serialVersionUID = 1;

  private final transient ViewerModel model;
  private final Content content = new Content();

  public StoryPane(ViewerModel model) {
    super("story");
    this.model = model;
    JScrollPane scroll =
        new JScrollPane(
            content,
            JScrollPane.VERTICAL_SCROLLBAR_AS_NEEDED,
            JScrollPane.HORIZONTAL_SCROLLBAR_NEVER);
    scroll.setBorder(BorderFactory.createEmptyBorder());
    scroll.getVerticalScrollBar().setUnitIncrement(16);
    add(scroll, BorderLayout.CENTER);
    content.add(text(Strings.get("story.searching"), "muted", false), "growx, wmin 0");
    Theme.onChange(
        this,
        () -> {
          if (model.story() != null) {
            show(model.story());
          }
        });
  }

  /** Tells a story. */
  public void show(Story story) {
    content.removeAll();
    content.setBackground(Theme.color("background"));
    headline(story);
    content.add(step(story.position(), story.instruction(), null), "growx, wmin 0");
    for (Story.Section section : story.sections()) {
      content.add(caption(section.title()), "gaptop 8");
      for (Story.Line line : section.lines()) {
        boolean blamed = story.culprit() != null && line.position() == story.culprit().position();
        String text = (blamed ? Strings.get("story.culprit") + ": " : "") + line.text();
        content.add(step(line.position(), line.instruction(), text), "growx, wmin 0");
      }
    }
    if (!story.callers().isEmpty()) {
      boolean written = story.failed() && story.culprit() != null;
      content.add(
          caption(Strings.get(written ? "story.callersOfCulprit" : "story.callers")), "gaptop 8");
      for (Backtrace.Frame frame : story.callers()) {
        String source = frame.source() == null ? "" : "   " + Texts.shortSource(frame.source());
        String name = frame.symbol() == null ? Texts.hex(frame.pc()) : frame.symbol();
        content.add(text(name + source, "foreground", true), "growx, wmin 0");
      }
    }
    content.revalidate();
    content.repaint();
    java.awt.EventQueue.invokeLater(
        () -> content.scrollRectToVisible(new java.awt.Rectangle(0, 0, 1, 1)));
  }

  private void headline(Story story) {
    boolean failed = story.failed();
    JPanel head = new JPanel(new MigLayout("insets 8 10 8 10, gap 8", "[][grow, fill]"));
    head.setBackground(Theme.color(failed ? "error.background" : "warning.background"));
    head.add(new JLabel(failed ? Icons.FAILURE : Icons.END), "top");
    String summary = story.summary();
    String said =
        failed && !summary.isEmpty()
            ? Character.toUpperCase(summary.charAt(0)) + summary.substring(1)
            : Strings.get("story.none") + " " + summary;
    JTextArea text = text(said, "foreground", false);
    text.setFont(text.getFont().deriveFont(Font.BOLD, 14f));
    head.add(text, "wmin 0");
    content.add(head, "growx, wmin 0");
  }

  private static JLabel caption(String text) {
    JLabel label = new JLabel(text);
    label.putClientProperty("html.disable", true);
    label.setFont(Theme.small().deriveFont(Font.BOLD));
    label.setForeground(Theme.color("muted"));
    return label;
  }

  /** A step as a button that goes to it. */
  private JPanel step(long position, InstructionView view, String text) {
    JPanel panel = new JPanel(new MigLayout("insets 2 0 2 0, gap 8 0", "[][grow, fill]"));
    panel.setOpaque(false);
    JButton link = new JButton(Texts.position(position));
    link.setName("story.step." + position);
    link.putClientProperty("JButton.buttonType", "borderless");
    link.setFont(Theme.code());
    link.setForeground(Theme.color("link"));
    link.setHorizontalAlignment(SwingConstants.RIGHT);
    link.setMargin(new java.awt.Insets(1, 4, 1, 4));
    link.setCursor(Cursor.getPredefinedCursor(Cursor.HAND_CURSOR));
    link.setToolTipText(Strings.get("story.go", Texts.position(position)));
    link.getAccessibleContext()
        .setAccessibleName(Strings.get("story.go", Texts.position(position)));
    link.addActionListener(e -> model.goTo(position));
    panel.add(link, "top, spany 2, wmin 84");
    panel.add(
        text(text == null ? view.display() : text, "foreground", text == null), "wmin 0, wrap");
    String place = view.symbol() == null ? Texts.hex(view.pc()) : view.symbol();
    String source = view.source() == null ? "" : "  " + Texts.shortSource(view.source());
    JTextArea where = text(place + source, "muted", true);
    where.setFont(where.getFont().deriveFont(11f));
    where.setToolTipText(view.display());
    panel.add(where, "wmin 0");
    return panel;
  }

  private static JTextArea text(String text, String color, boolean code) {
    JTextArea area = new JTextArea(text);
    area.setLineWrap(true);
    area.setWrapStyleWord(true);
    area.setEditable(false);
    area.setOpaque(false);
    area.setBorder(BorderFactory.createEmptyBorder());
    area.setMargin(new java.awt.Insets(0, 0, 0, 0));
    area.setFocusable(false);
    Color foreground = Theme.color(color);
    area.setForeground(foreground);
    area.setFont(code ? Theme.code() : javax.swing.UIManager.getFont("defaultFont"));
    return area;
  }

  /** Follows the width of the view, so that lines wrap. */
  private static final class Content extends JPanel implements Scrollable {
    private static final long serialVersionUID = 1;

    Content() {
      super(new MigLayout("insets 8 10 8 10, wrap 1, gap 2", "[grow, fill]"));
      setBackground(Theme.color("background"));
    }

    @Override
    public java.awt.Dimension getPreferredScrollableViewportSize() {
      return getPreferredSize();
    }

    @Override
    public int getScrollableUnitIncrement(java.awt.Rectangle visible, int orientation, int sign) {
      return 20;
    }

    @Override
    public int getScrollableBlockIncrement(java.awt.Rectangle visible, int orientation, int sign) {
      return visible.height;
    }

    @Override
    public boolean getScrollableTracksViewportWidth() {
      return true;
    }

    @Override
    public boolean getScrollableTracksViewportHeight() {
      return getParent() != null && getPreferredSize().height < getParent().getHeight();
    }
  }
}
