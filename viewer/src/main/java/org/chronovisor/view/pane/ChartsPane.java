package org.chronovisor.view.pane;

import java.awt.BorderLayout;
import java.awt.Component;
import java.awt.EventQueue;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import javax.swing.DefaultListCellRenderer;
import javax.swing.JComboBox;
import javax.swing.JLabel;
import javax.swing.JList;
import javax.swing.JPanel;
import javax.swing.Timer;
import net.miginfocom.swing.MigLayout;
import org.chronovisor.view.chart.Charts;
import org.chronovisor.view.model.Hit;
import org.chronovisor.view.timeline.Timeline;
import org.chronovisor.view.timeline.VisibleRange;
import org.chronovisor.view.ui.Strings;
import org.chronovisor.view.ui.Theme;
import org.jfree.chart.ChartPanel;
import org.jfree.chart.JFreeChart;

/** Charts of the part of the run that the timeline shows. */
public final class ChartsPane extends ViewerPane {
  private static final long serialVersionUID = 1;

  /** Which chart. */
  public enum Which {
    FUNCTIONS,
    IO,
    MEMORY,
    FOOTPRINT,
    WATCHED
  }

  private final transient Timeline timeline;
  private final transient VisibleRange range;
  private final transient Supplier<List<Hit>> hits;
  private final JComboBox<Which> choice = new JComboBox<>(Which.values());
  private final ChartPanel panel = new ChartPanel(null);
  private final AtomicBoolean stale = new AtomicBoolean();
  private final Timer settled = new Timer(200, e -> draw());

  /**
   * @param hits of the selected watchpoint
   */
  public ChartsPane(Timeline timeline, VisibleRange range, Supplier<List<Hit>> hits) {
    super("charts");
    this.timeline = timeline;
    this.range = range;
    this.hits = hits;
    JPanel top = new JPanel(new MigLayout("insets 4 8 4 8"));
    JLabel label = new JLabel(Strings.get("chart.choice"));
    label.setLabelFor(choice);
    choice.setName("charts.choice");
    choice.setRenderer(new Renderer());
    choice.addActionListener(e -> draw());
    top.add(label);
    top.add(choice);
    JLabel hint = new JLabel(Strings.get("chart.hint"));
    hint.putClientProperty("FlatLaf.style", "foreground: $Chronovisor.muted");
    top.add(hint, "gapleft 12");
    add(top, BorderLayout.NORTH);
    panel.setPopupMenu(null);
    panel.setMouseZoomable(false);
    panel.setMinimumDrawWidth(0);
    panel.setMinimumDrawHeight(0);
    panel.setMaximumDrawWidth(4000);
    panel.setMaximumDrawHeight(4000);
    panel.getAccessibleContext().setAccessibleName(title());
    add(panel, BorderLayout.CENTER);
    settled.setRepeats(false);
    timeline.onChange(
        () -> {
          if (!stale.getAndSet(true)) {
            EventQueue.invokeLater(settled::restart);
          }
        });
    Theme.onChange(this, this::draw);
    addHierarchyListener(e -> draw());
    panel.addComponentListener(
        new java.awt.event.ComponentAdapter() {
          @Override
          public void componentResized(java.awt.event.ComponentEvent e) {
            settled.restart();
          }
        });
  }

  /** The visible part or the watched value has changed. */
  public void changed() {
    settled.restart();
  }

  /** Shows one of the charts. */
  public void choose(Which which) {
    choice.setSelectedItem(which);
  }

  private void draw() {
    stale.set(false);
    if (!isShowing()) {
      return;
    }
    panel.setChart(
        switch ((Which) choice.getSelectedItem()) {
          case FUNCTIONS ->
              Charts.functions(timeline, range, Math.max(3, (panel.getHeight() - 70) / 16));
          case IO -> Charts.io(timeline, range);
          case MEMORY -> Charts.memory(timeline, range);
          case FOOTPRINT -> Charts.footprint(timeline, range);
          case WATCHED -> Charts.watched(hits.get(), range);
        });
  }

  /** The chart shown, or null. */
  public JFreeChart chart() {
    return panel.getChart();
  }

  private static final class Renderer extends DefaultListCellRenderer {
    private static final long serialVersionUID = 1;

    @Override
    public Component getListCellRendererComponent(
        JList<?> list, Object value, int index, boolean selected, boolean focus) {
      super.getListCellRendererComponent(list, value, index, selected, focus);
      setText(Strings.get("chart.which." + value));
      return this;
    }
  }
}
