package org.chronovisor.view.pane;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Cursor;
import java.awt.Dimension;
import java.awt.FontMetrics;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.RenderingHints;
import java.awt.event.MouseAdapter;
import java.awt.event.MouseEvent;
import java.util.Locale;
import java.util.function.Consumer;
import javax.swing.JPanel;
import javax.swing.ToolTipManager;
import org.chronovisor.query.InstructionView;
import org.chronovisor.view.model.OriginGraph;
import org.chronovisor.view.model.Texts;
import org.chronovisor.view.ui.Keys;
import org.chronovisor.view.ui.Strings;
import org.chronovisor.view.ui.Theme;

/** Draws where a value came from as boxes; arrow keys walk from box to box, Enter opens one. */
final class OriginView extends JPanel {
  private static final long serialVersionUID = 1;
  private static final int WIDTH = 300;
  private static final int HEIGHT = 58;
  private static final int GAP_X = 34;
  private static final int GAP_Y = 14;
  private static final int MARGIN = 14;
  private static final int PAD = 10;

  private final transient Consumer<OriginGraph.Node> opener;
  private transient OriginGraph graph;
  private transient OriginGraph.Node selected;
  private String placeholder = Strings.get("origin.none");
  private long now = -1;

  /**
   * @param opener hears which box was opened
   */
  OriginView(Consumer<OriginGraph.Node> opener) {
    this.opener = opener;
    setName("origin.graph");
    setOpaque(true);
    setFocusable(true);
    getAccessibleContext().setAccessibleName(Strings.get("origin.graph"));
    ToolTipManager.sharedInstance().registerComponent(this);
    Mouse mouse = new Mouse();
    addMouseListener(mouse);
    addMouseMotionListener(mouse);
    key("UP", () -> select(selected.above() == null ? selected.left() : selected.above()));
    key("DOWN", () -> select(selected.below()));
    key("LEFT", this::left);
    key("RIGHT", this::right);
    key("ENTER", () -> opener.accept(selected));
    key("HOME", () -> select(graph.question()));
    addFocusListener(
        new java.awt.event.FocusAdapter() {
          @Override
          public void focusGained(java.awt.event.FocusEvent e) {
            repaint();
          }

          @Override
          public void focusLost(java.awt.event.FocusEvent e) {
            repaint();
          }
        });
  }

  private void key(String stroke, Runnable action) {
    Keys.bind(
        this,
        WHEN_FOCUSED,
        stroke,
        stroke,
        () -> {
          if (selected != null) {
            action.run();
          }
        });
  }

  private void left() {
    OriginGraph.Node step = selected.left();
    if (step == null) {
      return;
    }
    int index = step.others().indexOf(selected);
    select(index > 0 ? step.others().get(index - 1) : step);
  }

  private void right() {
    OriginGraph.Node step = selected.left() == null ? selected : selected.left();
    int next = selected.left() == null ? 0 : step.others().indexOf(selected) + 1;
    if (next < step.others().size()) {
      select(step.others().get(next));
    }
  }

  /** Shows a graph, its question selected; null for none. */
  void show(OriginGraph newGraph) {
    graph = newGraph;
    selected = null;
    changed();
    if (graph != null) {
      select(graph.question());
    }
  }

  /** The graph has more boxes now. */
  void changed() {
    setPreferredSize(
        graph == null
            ? new Dimension(10, 10)
            : new Dimension(
                2 * MARGIN + graph.columns() * (WIDTH + GAP_X) - GAP_X,
                2 * MARGIN + graph.rows() * (HEIGHT + GAP_Y) - GAP_Y));
    revalidate();
    repaint();
  }

  void setPlaceholder(String text) {
    placeholder = text;
    repaint();
  }

  /** Marks the boxes at a position. */
  void setNow(long position) {
    now = position;
    repaint();
  }

  OriginGraph graph() {
    return graph;
  }

  OriginGraph.Node selected() {
    return selected;
  }

  /** Selects a box and scrolls to it. */
  void select(OriginGraph.Node node) {
    if (node == null) {
      return;
    }
    selected = node;
    Rectangle box = box(node);
    box.grow(MARGIN, MARGIN);
    scrollRectToVisible(box);
    getAccessibleContext().setAccessibleDescription(title(node) + ": " + text(node));
    repaint();
  }

  /** Where a box is. */
  Rectangle box(OriginGraph.Node node) {
    return new Rectangle(
        MARGIN + node.column() * (WIDTH + GAP_X),
        MARGIN + node.row() * (HEIGHT + GAP_Y),
        WIDTH,
        HEIGHT);
  }

  private OriginGraph.Node at(int x, int y) {
    if (graph != null) {
      for (OriginGraph.Node node : graph.nodes()) {
        if (box(node).contains(x, y)) {
          return node;
        }
      }
    }
    return null;
  }

  private static String title(OriginGraph.Node node) {
    String what =
        node.kind() == OriginGraph.Kind.STEP
            ? Strings.get("origin.step." + node.step().kind())
            : Strings.get("origin.kind." + node.kind());
    return node.position() < 0 ? what : Texts.position(node.position()) + "  \u00b7  " + what;
  }

  private static String text(OriginGraph.Node node) {
    return switch (node.kind()) {
      case QUESTION -> node.origin().place() + " = " + node.origin().value().hex();
      case STEP -> node.step().text();
      case OTHER -> node.alternative().name() + " = " + node.alternative().value();
      case END -> node.origin().text();
    };
  }

  private static String detail(OriginGraph.Node node) {
    switch (node.kind()) {
      case QUESTION:
        return Strings.get("origin.before");
      case STEP:
        InstructionView view = node.step().instruction();
        String place = view.symbol() == null ? Texts.hex(view.pc()) : view.symbol();
        String source = view.source() == null ? "" : "   " + Texts.shortSource(view.source());
        String repeats =
            node.step().repeats() == 0
                ? ""
                : "   " + String.format(Locale.ROOT, "\u00d7 %,d", node.step().repeats() + 1);
        return place + source + repeats;
      case OTHER:
        return Strings.get(node.isOpen() ? "origin.open" : "origin.followed");
      default:
        return Strings.get("origin.end." + node.origin().end());
    }
  }

  private static Color color(OriginGraph.Node node) {
    return Theme.color(
        switch (node.kind()) {
          case QUESTION -> "cursor";
          case OTHER -> "muted";
          case END -> "unknown";
          case STEP ->
              switch (node.step().kind()) {
                case STORE -> "writes";
                case LOAD -> "link";
                case ARITHMETIC -> "effect";
                case INPUT, OUTSIDE -> "io";
                default -> "source";
              };
        });
  }

  @Override
  protected void paintComponent(Graphics graphics) {
    Graphics2D g = Theme.canvas(graphics, this);
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    if (graph == null) {
      g.setFont(getFont());
      Placeholder.paint(g, this, placeholder);
    } else {
      Rectangle clip = g.getClipBounds();
      graph.nodes().forEach(node -> edges(g, node));
      for (OriginGraph.Node node : graph.nodes()) {
        if (clip == null || clip.intersects(box(node))) {
          paint(g, node);
        }
      }
    }
    g.dispose();
  }

  private void edges(Graphics2D g, OriginGraph.Node node) {
    Rectangle box = box(node);
    g.setStroke(new BasicStroke(1.5f));
    g.setColor(Theme.color("muted"));
    int middle = box.x + 28;
    if (node.above() != null) {
      Rectangle above = box(node.above());
      g.drawLine(middle, above.y + above.height, middle, box.y - 2);
      g.fillPolygon(
          new int[] {middle - 4, middle + 4, middle}, new int[] {box.y - 7, box.y - 7, box.y}, 3);
    }
    if (node.left() != null) {
      Rectangle left = box(node.left());
      g.setStroke(
          new BasicStroke(
              1.2f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_BEVEL, 1, new float[] {4, 3}, 0));
      int y = box.y + 14;
      g.drawLine(left.x + left.width, y, box.x, y);
    }
  }

  private void paint(Graphics2D g, OriginGraph.Node node) {
    Rectangle box = box(node);
    boolean current = node.kind() != OriginGraph.Kind.OTHER && node.position() == now;
    g.setColor(Theme.color(current ? "current.background" : "lane.background"));
    g.fillRoundRect(box.x, box.y, box.width, box.height, 10, 10);
    g.setColor(color(node));
    g.fillRoundRect(box.x, box.y + 6, 4, box.height - 12, 4, 4);
    boolean chosen = node == selected;
    g.setColor(Theme.color(chosen ? "link" : "rule"));
    boolean open = node.isOpen();
    g.setStroke(
        open && !chosen
            ? new BasicStroke(
                1.2f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_BEVEL, 1, new float[] {4, 3}, 0)
            : new BasicStroke(chosen ? isFocusOwner() ? 2.4f : 1.6f : 1.2f));
    g.drawRoundRect(box.x, box.y, box.width, box.height, 10, 10);
    g.setFont(Theme.small().deriveFont(java.awt.Font.BOLD));
    g.setColor(color(node));
    int x = box.x + PAD + 2;
    int width = box.width - 2 * PAD;
    g.drawString(fit(g, title(node), width), x, box.y + 17);
    if (current) {
      String here = Strings.get("origin.here");
      g.drawString(
          here, box.x + box.width - PAD - g.getFontMetrics().stringWidth(here), box.y + 17);
    }
    g.setFont(Theme.code());
    g.setColor(Theme.color("foreground"));
    g.drawString(fit(g, text(node), width), x, box.y + 35);
    g.setFont(Theme.small());
    g.setColor(Theme.color("muted"));
    g.drawString(fit(g, detail(node), width), x, box.y + 52);
  }

  private static String fit(Graphics2D g, String text, int width) {
    FontMetrics metrics = g.getFontMetrics();
    if (metrics.stringWidth(text) <= width) {
      return text;
    }
    int length = text.length() - 1;
    while (length > 1 && metrics.stringWidth(text.substring(0, length) + "\u2026") > width) {
      length--;
    }
    return text.substring(0, Math.max(0, length)) + "\u2026";
  }

  @Override
  public String getToolTipText(MouseEvent e) {
    OriginGraph.Node node = at(e.getX(), e.getY());
    if (node == null) {
      return null;
    }
    String more =
        node.kind() == OriginGraph.Kind.STEP
            ? "<br><tt>" + Texts.escape(node.step().instruction().display()) + "</tt>"
            : "";
    return "<html>"
        + Texts.escape(title(node))
        + "<br>"
        + Texts.escape(text(node))
        + more
        + "<br>"
        + Texts.escape(detail(node));
  }

  /** Selects and opens. */
  private final class Mouse extends MouseAdapter {
    @Override
    public void mousePressed(MouseEvent e) {
      requestFocusInWindow();
      select(at(e.getX(), e.getY()));
    }

    @Override
    public void mouseClicked(MouseEvent e) {
      OriginGraph.Node node = at(e.getX(), e.getY());
      if (node != null && e.getClickCount() == 2) {
        opener.accept(node);
      }
    }

    @Override
    public void mouseMoved(MouseEvent e) {
      boolean over = at(e.getX(), e.getY()) != null;
      setCursor(Cursor.getPredefinedCursor(over ? Cursor.HAND_CURSOR : Cursor.DEFAULT_CURSOR));
    }
  }
}
