package org.chronovisor.view.chart;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import org.chronovisor.view.ui.Theme;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.Axis;
import org.jfree.chart.plot.CategoryPlot;
import org.jfree.chart.plot.Plot;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.category.BarRenderer;
import org.jfree.chart.renderer.category.StandardBarPainter;
import org.jfree.chart.ui.RectangleInsets;

/** Gives a chart the window's colours and fonts. */
final class ChartTheme {
  private ChartTheme() {}

  static void apply(JFreeChart chart) {
    Font font = Theme.small();
    chart.setBackgroundPaint(Theme.color("background"));
    chart.setBorderVisible(false);
    chart.setPadding(new RectangleInsets(4, 4, 4, 12));
    if (chart.getTitle() != null) {
      chart.getTitle().setFont(font.deriveFont(Font.BOLD, 12f));
      chart.getTitle().setPaint(Theme.color("foreground"));
    }
    Plot plot = chart.getPlot();
    plot.setBackgroundPaint(Theme.color("background"));
    plot.setOutlineVisible(false);
    plot.setNoDataMessageFont(font.deriveFont(12f));
    plot.setNoDataMessagePaint(Theme.color("muted"));
    Color rule = Theme.color("rule");
    if (plot instanceof XYPlot xy) {
      xy.setDomainGridlinePaint(rule);
      xy.setRangeGridlinePaint(rule);
      xy.setDomainGridlineStroke(new BasicStroke(1));
      xy.setRangeGridlineStroke(new BasicStroke(1));
      axis(xy.getDomainAxis(), font);
      axis(xy.getRangeAxis(), font);
      xy.getRenderer().setSeriesPaint(0, Theme.color("io"));
      xy.getRenderer().setSeriesStroke(0, new BasicStroke(1.5f));
    } else if (plot instanceof CategoryPlot category) {
      category.setRangeGridlinePaint(rule);
      category.setRangeGridlineStroke(new BasicStroke(1));
      axis(category.getDomainAxis(), font);
      axis(category.getRangeAxis(), font);
      category.getDomainAxis().setTickLabelFont(Theme.code().deriveFont(11f));
      BarRenderer renderer = (BarRenderer) category.getRenderer();
      renderer.setBarPainter(new StandardBarPainter());
      renderer.setShadowVisible(false);
      renderer.setMaximumBarWidth(0.08);
    }
  }

  private static void axis(Axis axis, Font font) {
    axis.setLabelFont(font);
    axis.setTickLabelFont(font);
    axis.setLabelPaint(Theme.color("muted"));
    axis.setTickLabelPaint(Theme.color("muted"));
    axis.setAxisLinePaint(Theme.color("rule"));
    axis.setTickMarkPaint(Theme.color("rule"));
  }
}
