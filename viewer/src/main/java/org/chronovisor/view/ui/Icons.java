package org.chronovisor.view.ui;

import java.awt.BasicStroke;
import java.awt.Component;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Arc2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.RoundRectangle2D;
import javax.swing.Icon;

/** Icons of 16 by 16, drawn so that they are sharp at any scale. Backward ones are mirrored. */
public enum Icons implements Icon {
  RUN(false, Icons::run),
  RUN_BACK(true, Icons::run),
  INTO(false, Icons::into),
  INTO_BACK(true, Icons::into),
  OVER(false, Icons::over),
  OVER_BACK(true, Icons::over),
  OUT(false, Icons::out),
  OUT_BACK(true, Icons::out),
  START(true, Icons::end),
  END(false, Icons::end),
  BACK(true, Icons::arrow),
  FORWARD(false, Icons::arrow),
  FIND(false, Icons::find),
  BOOKMARK(false, Icons::bookmark),
  RECORD(false, Icons::record),
  OPEN(false, Icons::open),
  THEME(false, Icons::theme),
  FAILURE(false, Icons::failure),
  COMMAND(false, Icons::command),
  ARROW(false, Icons::marker),
  DOT(false, Icons::dot),
  FIT(false, Icons::fit),
  STOP(false, Icons::stop);

  private static final int SIZE = 16;

  private final boolean mirrored;

  @SuppressWarnings("ImmutableEnumChecker") // methods without state
  private final Drawing drawing;

  private interface Drawing {
    void on(Graphics2D g);
  }

  Icons(boolean mirrored, Drawing drawing) {
    this.mirrored = mirrored;
    this.drawing = drawing;
  }

  @Override
  public int getIconWidth() {
    return SIZE;
  }

  @Override
  public int getIconHeight() {
    return SIZE;
  }

  @Override
  public void paintIcon(Component c, Graphics graphics, int x, int y) {
    Graphics2D g = (Graphics2D) graphics.create();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    g.translate(x, y);
    if (mirrored) {
      g.transform(new AffineTransform(-1, 0, 0, 1, SIZE, 0));
    }
    g.setStroke(new BasicStroke(1.6f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    g.setColor(c == null || c.isEnabled() ? Theme.color("icon") : Theme.color("icon.disabled"));
    drawing.on(g);
    g.dispose();
  }

  private static void accent(Graphics2D g, String color) {
    if (!g.getColor().equals(Theme.color("icon.disabled"))) {
      g.setColor(Theme.color(color));
    }
  }

  private static Path2D polygon(double... points) {
    Path2D path = new Path2D.Double();
    path.moveTo(points[0], points[1]);
    for (int i = 2; i < points.length; i += 2) {
      path.lineTo(points[i], points[i + 1]);
    }
    return path;
  }

  private static void run(Graphics2D g) {
    accent(g, "icon.go");
    Path2D triangle = polygon(4, 2.5, 13.5, 8, 4, 13.5);
    triangle.closePath();
    g.fill(triangle);
  }

  private static void into(Graphics2D g) {
    g.fill(new Ellipse2D.Double(9.5, 11, 4, 4));
    accent(g, "icon.step");
    g.draw(polygon(2.5, 2.5, 2.5, 8, 11, 8));
    g.draw(polygon(8.5, 5, 11.5, 8, 8.5, 11));
  }

  private static void over(Graphics2D g) {
    g.fill(new Ellipse2D.Double(6, 11, 4, 4));
    accent(g, "icon.step");
    g.draw(new Arc2D.Double(2, 3.5, 12, 11, 10, 160, Arc2D.OPEN));
    g.draw(polygon(10, 7.5, 13.8, 8.2, 14.5, 4.3));
  }

  private static void out(Graphics2D g) {
    g.fill(new Ellipse2D.Double(2.5, 11, 4, 4));
    accent(g, "icon.step");
    g.draw(polygon(4.5, 8.5, 4.5, 4, 13, 4));
    g.draw(polygon(10.2, 1.2, 13, 4, 10.2, 6.8));
  }

  private static void end(Graphics2D g) {
    Path2D triangle = polygon(3, 3, 10.5, 8, 3, 13);
    triangle.closePath();
    g.fill(triangle);
    g.draw(new Line2D.Double(12.5, 3.2, 12.5, 12.8));
  }

  private static void arrow(Graphics2D g) {
    g.draw(new Line2D.Double(2.5, 8, 13, 8));
    g.draw(polygon(8.5, 3.5, 13, 8, 8.5, 12.5));
  }

  private static void find(Graphics2D g) {
    g.draw(new Ellipse2D.Double(2.5, 2.5, 8, 8));
    g.draw(new Line2D.Double(9.8, 9.8, 13.5, 13.5));
  }

  private static void bookmark(Graphics2D g) {
    Path2D flag = polygon(4, 2, 12, 2, 12, 14, 8, 10.5, 4, 14);
    flag.closePath();
    g.draw(flag);
  }

  private static void record(Graphics2D g) {
    accent(g, "icon.record");
    g.fill(new Ellipse2D.Double(3, 3, 10, 10));
  }

  private static void open(Graphics2D g) {
    Path2D folder = polygon(1.8, 13, 1.8, 3.2, 6.2, 3.2, 7.8, 5.2, 14.2, 5.2, 14.2, 13);
    folder.closePath();
    g.draw(folder);
  }

  private static void theme(Graphics2D g) {
    g.draw(new Ellipse2D.Double(2.5, 2.5, 11, 11));
    g.fill(new Arc2D.Double(2.5, 2.5, 11, 11, 90, 180, Arc2D.CHORD));
  }

  private static void failure(Graphics2D g) {
    accent(g, "icon.record");
    Path2D triangle = polygon(8, 2, 14.5, 13.5, 1.5, 13.5);
    triangle.closePath();
    g.draw(triangle);
    g.draw(new Line2D.Double(8, 6.5, 8, 9.5));
    g.fill(new Ellipse2D.Double(7.1, 11, 1.8, 1.8));
  }

  private static void command(Graphics2D g) {
    g.draw(new RoundRectangle2D.Double(1.8, 2.8, 12.4, 10.4, 3, 3));
    g.draw(polygon(4.5, 6, 6.7, 8, 4.5, 10));
    g.draw(new Line2D.Double(8.5, 10.2, 11.2, 10.2));
  }

  private static void marker(Graphics2D g) {
    g.setColor(Theme.color("current.marker"));
    Path2D arrow = polygon(2, 6, 8, 6, 8, 3, 14, 8, 8, 13, 8, 10, 2, 10);
    arrow.closePath();
    g.fill(arrow);
  }

  private static void dot(Graphics2D g) {
    g.setColor(Theme.color("breakpoint"));
    g.fill(new Ellipse2D.Double(3, 3, 10, 10));
  }

  private static void fit(Graphics2D g) {
    g.draw(new Line2D.Double(2, 3, 2, 13));
    g.draw(new Line2D.Double(14, 3, 14, 13));
    g.draw(new Line2D.Double(4.5, 8, 11.5, 8));
    g.draw(polygon(6.5, 5.8, 4.3, 8, 6.5, 10.2));
    g.draw(polygon(9.5, 5.8, 11.7, 8, 9.5, 10.2));
  }

  private static void stop(Graphics2D g) {
    accent(g, "icon.record");
    g.fill(new RoundRectangle2D.Double(3.5, 3.5, 9, 9, 2, 2));
  }
}
