package org.chronovisor.view.pane;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Dimension;
import java.awt.EventQueue;
import java.awt.FontMetrics;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.event.InputEvent;
import java.awt.event.MouseAdapter;
import java.awt.event.MouseEvent;
import java.awt.event.MouseWheelEvent;
import java.awt.geom.Path2D;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import javax.swing.JComponent;
import javax.swing.JPanel;
import javax.swing.Timer;
import javax.swing.ToolTipManager;
import org.chronovisor.view.model.Hit;
import org.chronovisor.view.model.Note;
import org.chronovisor.view.model.Story;
import org.chronovisor.view.model.Texts;
import org.chronovisor.view.model.ViewerModel;
import org.chronovisor.view.timeline.CallTree;
import org.chronovisor.view.timeline.Columns;
import org.chronovisor.view.timeline.GuestClock;
import org.chronovisor.view.timeline.Kind;
import org.chronovisor.view.timeline.Region;
import org.chronovisor.view.timeline.Timeline;
import org.chronovisor.view.timeline.VisibleRange;
import org.chronovisor.view.ui.Strings;
import org.chronovisor.view.ui.Theme;

/** The whole run in lanes over its instructions: zoom with the wheel, drag to scrub. */
public final class TimelinePane extends ViewerPane {
  private static final long serialVersionUID = 1;
  private static final int LABELS = 118;
  private static final int AXIS = 24;
  private static final int SECOND_AXIS = 14;
  private static final int ROW = 14;
  private static final int LANE = 15;
  private static final int FEWEST_ROWS = 3;
  private static final double STEP = 1.25;
  private static final double AROUND = 0.05;

  private final transient ViewerModel model;
  private final transient Timeline timeline;
  private final transient VisibleRange range;
  private final Lanes lanes = new Lanes();
  private final Set<Kind> seen = EnumSet.of(Kind.INTERRUPT);
  private final AtomicBoolean stale = new AtomicBoolean(true);
  private final Timer settled = new Timer(120, e -> lookCloser());
  private transient Supplier<List<Hit>> hits = List::of;
  private transient Runnable rangeListener = () -> {};
  private transient Columns columns;

  /** The guest's time by instructions, where there is one. */
  private final transient OptionalInt clock;

  private final int axisHeight;

  public TimelinePane(ViewerModel model, Timeline timeline) {
    super("timeline");
    this.model = model;
    this.timeline = timeline;
    range = new VisibleRange(model.end());
    clock = GuestClock.shift(model.trace().header());
    axisHeight = AXIS + (clock.isPresent() ? SECOND_AXIS : 0);
    settled.setRepeats(false);
    add(lanes);
    timeline.onChange(
        () -> {
          if (!stale.getAndSet(true)) {
            EventQueue.invokeLater(lanes::repaint);
          }
        });
    model.onMoment(
        moment -> {
          if (!lanes.scrubbing && range.reveal(moment.position())) {
            changed();
          }
          lanes.repaint();
        });
    model.notes().onChange(lanes::repaint);
  }

  /** Hits to mark on the line. */
  public void setHits(Supplier<List<Hit>> source) {
    hits = source;
  }

  /** Something that is marked has changed. */
  public void marksChanged() {
    lanes.repaint();
  }

  public VisibleRange range() {
    return range;
  }

  /** Shows a shorter or longer part around the position. */
  public void zoom(double factor) {
    range.zoom(factor, Math.max(range.from(), Math.min(range.to(), model.position())));
    changed();
  }

  /** Shows a part of the run, with a little around it. */
  public void show(long start, long stop) {
    double around = (stop - start) * AROUND + 1;
    range.show(start - around, stop + around);
    changed();
  }

  /** Shows the whole run. */
  public void fit() {
    range.whole();
    changed();
  }

  private void changed() {
    stale.set(true);
    lanes.repaint();
    settled.restart();
    rangeListener.run();
  }

  /** Calls a listener when another part of the run is shown. */
  public void onRange(Runnable listener) {
    rangeListener = listener;
  }

  private void lookCloser() {
    if (lanes.plotWidth() > 0) {
      timeline.look((long) range.from(), (long) Math.ceil(range.to()), lanes.plotWidth());
    }
  }

  /** The columns as they would be drawn now. */
  Columns columns() {
    return columns;
  }

  /** The component that is painted, for pictures of it. */
  public JComponent picture() {
    return lanes;
  }

  /** Draws and listens. */
  private final class Lanes extends JPanel {
    private static final long serialVersionUID = 1;
    private boolean scrubbing;
    private int panned;
    private boolean panning;

    Lanes() {
      setName("timeline.lanes");
      setFocusable(true);
      setPreferredSize(new Dimension(600, 190));
      setMinimumSize(new Dimension(200, 80));
      getAccessibleContext().setAccessibleName(title());
      getAccessibleContext().setAccessibleDescription(Strings.get("timeline.help"));
      ToolTipManager.sharedInstance().registerComponent(this);
      Mouse mouse = new Mouse();
      addMouseListener(mouse);
      addMouseMotionListener(mouse);
      addMouseWheelListener(mouse);
    }

    int plotWidth() {
      return getWidth() - LABELS - 8;
    }

    private double position(int x) {
      return range.from() + (x - LABELS) * range.length() / Math.max(1, plotWidth());
    }

    private double x(double position) {
      return LABELS + (position - range.from()) * plotWidth() / range.length();
    }

    @Override
    protected void paintComponent(Graphics graphics) {
      Graphics2D g = Theme.canvas(graphics, this);
      if (plotWidth() > 10) {
        if (stale.getAndSet(false) || columns == null || columns.width() != plotWidth()) {
          columns = timeline.columns(range.from(), range.to(), plotWidth());
          for (Kind kind : Kind.values()) {
            if (columns.most(kind) > 0) {
              seen.add(kind);
            }
          }
        }
        paintAll(g);
      }
      g.dispose();
    }

    private void paintAll(Graphics2D g) {
      int lower = lowerLanes();
      int flameHeight = Math.max(FEWEST_ROWS * ROW, getHeight() - axisHeight - lower * LANE - 6);
      axis(g);
      flame(g, axisHeight, flameHeight);
      int y = axisHeight + flameHeight + 2;
      for (Kind kind : seen) {
        lane(g, y, Strings.get("timeline." + kind), color(kind));
        bars(g, y, color(kind), kind);
        y += LANE;
      }
      for (int r = 0; r < timeline.regions().size(); r++) {
        lane(g, y, label(timeline.regions().get(r)), Theme.color("writes"));
        writes(g, y, r);
        y += LANE;
      }
      lane(g, y, Strings.get("timeline.marks"), Theme.color("bookmark"));
      marks(g, y);
      story(g, axisHeight, y + LANE);
      cursor(g);
      if (timeline.progress() < 1) {
        progress(g);
      }
    }

    private int lowerLanes() {
      return seen.size() + timeline.regions().size() + 1;
    }

    private String label(Region region) {
      return Strings.get("timeline.writes", Texts.hex(region.first() << 12));
    }

    private Color color(Kind kind) {
      return Theme.color(
          switch (kind) {
            case INTERRUPT -> "interrupt";
            case IO -> "io";
            case DEVICE -> "dma";
            case CONSOLE -> "console";
          });
    }

    private void axis(Graphics2D g) {
      g.setFont(Theme.small());
      FontMetrics metrics = g.getFontMetrics();
      double step = tick(range.length() * 110 / plotWidth());
      g.setColor(Theme.color("muted"));
      g.drawString(Strings.get("timeline.axis"), 8, 15);
      if (clock.isPresent()) {
        g.drawString(Strings.get("timeline.time"), 8, 15 + SECOND_AXIS);
      }
      for (double at = Math.ceil(range.from() / step) * step; at <= range.to(); at += step) {
        int x = (int) x(at);
        g.setColor(Theme.color("rule"));
        g.drawLine(x, axisHeight - 5, x, getHeight());
        g.setColor(Theme.color("muted"));
        String text = step >= 1000 ? Texts.count(at) : Texts.position((long) at);
        int width = metrics.stringWidth(text);
        int left = Math.max(LABELS, Math.min(x - width / 2, getWidth() - width - 4));
        g.drawString(text, left, 15);
        if (clock.isPresent()) {
          String time = Texts.time(at * (1L << clock.getAsInt()));
          int length = metrics.stringWidth(time);
          g.drawString(
              time,
              Math.max(LABELS, Math.min(x - length / 2, getWidth() - length - 4)),
              15 + SECOND_AXIS);
        }
      }
    }

    /** The next of 1, 2, 5, 10, ... */
    private double tick(double least) {
      double power = Math.pow(10, Math.floor(Math.log10(Math.max(1, least))));
      for (int factor : new int[] {1, 2, 5, 10}) {
        if (factor * power >= least) {
          return factor * power;
        }
      }
      return 10 * power;
    }

    private void flame(Graphics2D g, int top, int height) {
      label(g, top + 12, Strings.get("timeline.functions"), Theme.color("lane.label"));
      int rows = Math.max(1, height / ROW);
      int width = columns.width();
      CallTree tree = timeline.tree();
      g.setFont(Theme.small());
      FontMetrics metrics = g.getFontMetrics();
      for (int depth = 1; depth <= rows; depth++) {
        int y = top + (depth - 1) * ROW;
        int start = 0;
        while (start < width) {
          int node = at(tree, start, depth);
          int end = start + 1;
          while (end < width && at(tree, end, depth) == node) {
            end++;
          }
          if (node != 0) {
            frame(g, metrics, tree.name(node), y, start, end);
          }
          start = end;
        }
      }
      deeper(g, top, height, rows);
    }

    private int at(CallTree tree, int column, int depth) {
      int node = columns.node(column);
      return tree.depth(node) < depth ? 0 : tree.ancestor(node, depth);
    }

    private void frame(Graphics2D g, FontMetrics metrics, String name, int y, int start, int end) {
      Color fill = Theme.function(name);
      g.setColor(fill);
      int width = end - start;
      g.fillRect(LABELS + start, y, width > 3 ? width - 1 : width, ROW - 1);
      String text = name == null ? Strings.get("noSymbol") : name;
      if (width > 24) {
        String shown = fit(metrics, text, width - 6);
        if (!shown.isEmpty()) {
          g.setColor(Theme.color("functionText"));
          g.drawString(shown, LABELS + start + 3, y + ROW - 3);
        }
      }
    }

    private String fit(FontMetrics metrics, String text, int width) {
      if (metrics.stringWidth(text) <= width) {
        return text;
      }
      for (int length = text.length() - 1; length > 2; length--) {
        String cut = text.substring(0, length) + "\u2026";
        if (metrics.stringWidth(cut) <= width) {
          return cut;
        }
      }
      return "";
    }

    /** Marks where calls go deeper than there are rows. */
    private void deeper(Graphics2D g, int top, int height, int rows) {
      g.setColor(Theme.color("depth"));
      for (int x = 0; x < columns.width(); x++) {
        if (columns.deepest(x) > rows) {
          g.drawLine(LABELS + x, top + height - 2, LABELS + x, top + height);
        }
        if (columns.isUnknown(x)) {
          g.setColor(Theme.color("rule"));
          g.drawLine(LABELS + x, top, LABELS + x, top + height);
          g.setColor(Theme.color("depth"));
        }
      }
    }

    private void lane(Graphics2D g, int y, String text, Color color) {
      g.setColor(Theme.color("rule"));
      g.drawLine(8, y, getWidth(), y);
      label(g, y + LANE - 4, text, Theme.color("lane.label"));
      g.setColor(color);
      g.fillRect(2, y + 3, 3, LANE - 5);
    }

    private void label(Graphics2D g, int baseline, String text, Color color) {
      g.setFont(Theme.small());
      g.setColor(color);
      g.drawString(fit(g.getFontMetrics(), text, LABELS - 14), 8, baseline);
    }

    private void bars(Graphics2D g, int y, Color color, Kind kind) {
      double most = Math.log1p(columns.most(kind));
      g.setColor(color);
      for (int x = 0; x < columns.width(); x++) {
        long count = columns.count(kind, x);
        if (count > 0) {
          bar(g, y, x, Math.log1p(count) / most);
        }
      }
    }

    private void writes(Graphics2D g, int y, int region) {
      double most = Math.log1p(columns.mostWrites(region));
      g.setColor(Theme.color("writes"));
      for (int x = 0; x < columns.width(); x++) {
        double count = columns.writes(region, x);
        if (count > 0) {
          bar(g, y, x, Math.log1p(count) / most);
        }
      }
    }

    private void bar(Graphics2D g, int y, int x, double part) {
      int height = Math.max(3, (int) Math.round(part * (LANE - 3)));
      g.drawLine(LABELS + x, y + LANE - 1 - height, LABELS + x, y + LANE - 2);
    }

    private void marks(Graphics2D g, int y) {
      Graphics2D smooth = (Graphics2D) g.create();
      smooth.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      smooth.setColor(Theme.color("breakpoint"));
      int last = -2;
      for (Hit hit : hits.get()) {
        int x = (int) x(hit.position());
        if (x != last && x >= LABELS && x < getWidth()) {
          smooth.fillOval(x - 2, y + 6, 5, 5);
          last = x;
        }
      }
      smooth.setColor(Theme.color("bookmark"));
      for (Note note : model.notes().all()) {
        double x = x(note.position());
        if (x >= LABELS && x < getWidth()) {
          Path2D flag = new Path2D.Double();
          flag.moveTo(x, y + 2);
          flag.lineTo(x + 8, y + 5);
          flag.lineTo(x, y + 8.5);
          flag.lineTo(x, y + 15);
          smooth.draw(flag);
          smooth.fill(flag);
        }
      }
      smooth.dispose();
    }

    /** Where it failed, and where the bad value was written. */
    private void story(Graphics2D g, int top, int bottom) {
      Story story = model.story();
      if (story == null || !story.failed()) {
        return;
      }
      flagged(g, story.position(), Strings.get("timeline.failure"), top, bottom);
      if (story.culprit() != null) {
        flagged(g, story.culprit().position(), Strings.get("timeline.culprit"), top, bottom);
      }
    }

    private void flagged(Graphics2D g, long position, String text, int top, int bottom) {
      double x = x(position);
      if (x < LABELS - 1 || x > getWidth()) {
        return;
      }
      g.setFont(Theme.small());
      FontMetrics metrics = g.getFontMetrics();
      int width = metrics.stringWidth(text) + 8;
      int left = (int) Math.min(x, getWidth() - width - 2);
      g.setColor(Theme.color("error"));
      g.setStroke(
          new BasicStroke(
              1, BasicStroke.CAP_BUTT, BasicStroke.JOIN_BEVEL, 1, new float[] {3, 3}, 0));
      g.drawLine((int) x, top, (int) x, bottom);
      g.setStroke(new BasicStroke(1));
      int y = bottom - LANE;
      g.setColor(Theme.color("error.background"));
      g.fillRoundRect(left, y + 1, width, LANE - 2, 6, 6);
      g.setColor(Theme.color("error"));
      g.drawString(text, left + 4, y + LANE - 4);
    }

    private void cursor(Graphics2D g) {
      double x = x(model.position());
      if (x < LABELS - 1 || x > getWidth()) {
        return;
      }
      g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      g.setColor(Theme.color("cursor"));
      g.setStroke(new BasicStroke(1.5f));
      g.draw(new java.awt.geom.Line2D.Double(x, axisHeight - 4, x, getHeight()));
      Path2D head = new Path2D.Double();
      head.moveTo(x - 5, axisHeight - 10);
      head.lineTo(x + 5, axisHeight - 10);
      head.lineTo(x, axisHeight - 3);
      head.closePath();
      g.fill(head);
      g.setStroke(new BasicStroke(1));
    }

    private void progress(Graphics2D g) {
      String text = Strings.get("timeline.progress", (int) (100 * timeline.progress()));
      g.setFont(Theme.small());
      int width = g.getFontMetrics().stringWidth(text) + 16;
      int x = getWidth() - width - 10;
      g.setColor(Theme.color("warning.background"));
      g.fillRoundRect(x, axisHeight + 4, width, 18, 8, 8);
      g.setColor(Theme.color("foreground"));
      g.drawString(text, x + 8, axisHeight + 17);
    }

    @Override
    public String getToolTipText(MouseEvent e) {
      int column = e.getX() - LABELS;
      if (columns == null || column < 0 || column >= columns.width()) {
        return null;
      }
      String position = Strings.get("timeline.at", Texts.position((long) position(e.getX())));
      int depth = (e.getY() - axisHeight) / ROW + 1;
      int node = columns.node(column);
      if (e.getY() > axisHeight && depth <= timeline.tree().depth(node)) {
        String name = timeline.tree().name(timeline.tree().ancestor(node, depth));
        return (name == null ? Strings.get("noSymbol") : name) + "  " + position;
      }
      return position;
    }

    private void scrub(int x) {
      long position = Math.round(position(Math.max(LABELS, Math.min(x, getWidth() - 8))));
      model.scrubTo(position);
      repaint();
    }

    /** Scrubs, moves and zooms. */
    private final class Mouse extends MouseAdapter {
      private long pressedAt;

      @Override
      public void mousePressed(MouseEvent e) {
        requestFocusInWindow();
        panning = e.getButton() != MouseEvent.BUTTON1 || e.isShiftDown();
        panned = e.getX();
        if (!panning && e.getX() >= LABELS) {
          scrubbing = true;
          pressedAt = model.position();
          scrub(e.getX());
        }
      }

      @Override
      public void mouseDragged(MouseEvent e) {
        if (scrubbing) {
          scrub(e.getX());
        } else if (panning) {
          range.move((panned - e.getX()) * range.length() / plotWidth());
          panned = e.getX();
          changed();
        }
      }

      @Override
      public void mouseReleased(MouseEvent e) {
        if (scrubbing) {
          scrubbing = false;
          model.remember(pressedAt);
        }
        panning = false;
      }

      @Override
      public void mouseWheelMoved(MouseWheelEvent e) {
        if ((e.getModifiersEx() & InputEvent.SHIFT_DOWN_MASK) != 0) {
          range.move(e.getPreciseWheelRotation() * range.length() / 12);
        } else {
          double around = position(Math.max(LABELS, e.getX()));
          range.zoom(Math.pow(STEP, e.getPreciseWheelRotation()), around);
        }
        changed();
      }
    }
  }
}
