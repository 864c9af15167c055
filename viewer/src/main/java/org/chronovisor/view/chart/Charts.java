package org.chronovisor.view.chart;

import java.awt.Paint;
import java.util.List;
import org.chronovisor.view.model.Hit;
import org.chronovisor.view.timeline.Columns;
import org.chronovisor.view.timeline.Kind;
import org.chronovisor.view.timeline.Share;
import org.chronovisor.view.timeline.Timeline;
import org.chronovisor.view.timeline.VisibleRange;
import org.chronovisor.view.ui.Strings;
import org.chronovisor.view.ui.Theme;
import org.jfree.chart.ChartFactory;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.CategoryPlot;
import org.jfree.chart.plot.PlotOrientation;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.category.BarRenderer;
import org.jfree.data.category.DefaultCategoryDataset;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/** Makes the charts; none has more points than there are pixels. */
public final class Charts {
  private static final int POINTS = 400;
  private static final int PAGE_KIB = 4;

  private Charts() {}

  /**
   * Instructions that the busiest functions executed themselves.
   *
   * @param most functions that there is room for
   */
  public static JFreeChart functions(Timeline timeline, VisibleRange range, int most) {
    DefaultCategoryDataset data = new DefaultCategoryDataset();
    List<Share> shares = timeline.shares((long) range.from(), (long) range.to());
    for (Share share : shares.subList(0, Math.min(most, shares.size()))) {
      String name = share.name() == null ? Strings.get("noSymbol") : share.name();
      data.addValue(share.instructions(), "", name);
    }
    JFreeChart chart =
        ChartFactory.createBarChart(
            Strings.get("chart.functions"),
            null,
            Strings.get("chart.functions.axis"),
            data,
            PlotOrientation.HORIZONTAL,
            false,
            true,
            false);
    CategoryPlot plot = chart.getCategoryPlot();
    plot.setRenderer(
        new BarRenderer() {
          private static final long serialVersionUID = 1;

          @Override
          public Paint getItemPaint(int row, int column) {
            return Theme.function((String) data.getColumnKey(column));
          }
        });
    ((NumberAxis) plot.getRangeAxis()).setNumberFormatOverride(new CountFormat());
    return finished(chart);
  }

  /** Device accesses along the visible part of the run. */
  public static JFreeChart io(Timeline timeline, VisibleRange range) {
    Columns columns = timeline.columns(range.from(), range.to(), POINTS);
    XYSeries series = new XYSeries("");
    for (int x = 0; x < POINTS; x++) {
      long count = 0;
      for (Kind kind : Kind.values()) {
        count += kind == Kind.INTERRUPT ? 0 : columns.count(kind, x);
      }
      series.add(range.from() + range.length() * x / POINTS, count);
    }
    return stepped("chart.io", "chart.io.axis", series);
  }

  /** Stores, or pages changed, along the visible part of the run. */
  public static JFreeChart memory(Timeline timeline, VisibleRange range) {
    Columns columns = timeline.columns(range.from(), range.to(), POINTS);
    XYSeries series = new XYSeries("");
    for (int x = 0; x < POINTS; x++) {
      double count = 0;
      for (int r = 0; r < timeline.regions().size(); r++) {
        count += columns.writes(r, x);
      }
      series.add(range.from() + range.length() * x / POINTS, count);
    }
    return stepped(
        "chart.memory",
        timeline.countsStores() ? "chart.memory.stores" : "chart.memory.pages",
        series);
  }

  /** Memory in use along the run: pages that held something or had been changed. */
  public static JFreeChart footprint(Timeline timeline, VisibleRange range) {
    XYSeries series = new XYSeries("");
    long[] pages = timeline.footprint();
    double every = range.length() / POINTS / 4;
    double last = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < pages.length; i++) {
      double at = timeline.start(i);
      boolean visible = at >= range.from() && at <= range.to();
      if (visible && (at - last >= every || i == pages.length - 1)) {
        series.add(at, (double) pages[i] * PAGE_KIB);
        last = at;
      }
    }
    return stepped("chart.footprint", "chart.footprint.axis", series);
  }

  /** The value of the selected watchpoint over the visible part of the run. */
  public static JFreeChart watched(List<Hit> hits, VisibleRange range) {
    XYSeries series = new XYSeries("");
    double every = range.length() / POINTS / 4;
    double last = Double.NEGATIVE_INFINITY;
    for (Hit hit : hits) {
      boolean visible = hit.position() >= range.from() && hit.position() <= range.to();
      if (visible && hit.value().startsWith("0x") && hit.position() - last >= every) {
        series.add(hit.position(), unsigned(Long.parseUnsignedLong(hit.value().substring(2), 16)));
        last = hit.position();
      }
    }
    JFreeChart chart = stepped("chart.watched", "chart.watched.axis", series);
    chart.getXYPlot().setNoDataMessage(Strings.get("chart.watched.none"));
    return chart;
  }

  private static double unsigned(long value) {
    return value >= 0 ? value : value + 0x1p64;
  }

  private static JFreeChart stepped(String title, String axis, XYSeries series) {
    XYSeriesCollection data = new XYSeriesCollection();
    if (!series.isEmpty()) {
      data.addSeries(series);
    }
    JFreeChart chart =
        ChartFactory.createXYStepChart(
            Strings.get(title),
            Strings.get("timeline.axis"),
            Strings.get(axis),
            data,
            PlotOrientation.VERTICAL,
            false,
            true,
            false);
    XYPlot plot = chart.getXYPlot();
    NumberAxis domain = new NumberAxis(Strings.get("timeline.axis"));
    domain.setAutoRangeIncludesZero(false);
    domain.setNumberFormatOverride(new CountFormat());
    plot.setDomainAxis(domain);
    NumberAxis range = new NumberAxis(Strings.get(axis));
    range.setNumberFormatOverride(new CountFormat());
    plot.setRangeAxis(range);
    return finished(chart);
  }

  private static JFreeChart finished(JFreeChart chart) {
    ChartTheme.apply(chart);
    return chart;
  }
}
