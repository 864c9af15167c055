package org.chronovisor.view;

import java.awt.Component;
import java.awt.Container;
import java.awt.Dimension;
import java.awt.EventQueue;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.swing.JPanel;
import net.miginfocom.swing.MigLayout;
import org.chronovisor.trace.Traces;
import org.chronovisor.view.model.Moment;
import org.chronovisor.view.model.SourceFinder;
import org.chronovisor.view.model.Steps;
import org.chronovisor.view.model.Variables;
import org.chronovisor.view.model.ViewerModel;
import org.chronovisor.view.pane.ConsolePane;
import org.chronovisor.view.pane.DisassemblyPane;
import org.chronovisor.view.pane.MemoryPane;
import org.chronovisor.view.pane.RegistersPane;
import org.chronovisor.view.pane.SourcePane;
import org.chronovisor.view.pane.StackPane;
import org.chronovisor.view.pane.TimelinePane;
import org.chronovisor.view.timeline.Timeline;
import org.chronovisor.view.ui.Theme;

/** Measures the window's panes without a display: they are painted into a picture. */
public final class UiBench implements AutoCloseable {
  private static final Dimension SIZE = new Dimension(1280, 800);
  private static final int PATIENCE_SECONDS = 60;
  private static final double PERCENTILE = 0.95;
  private static final int STEPS_AT_A_PLACE = 10;

  private final BufferedImage screen =
      new BufferedImage(SIZE.width, SIZE.height, BufferedImage.TYPE_INT_RGB);
  private volatile Moment shown;
  private final ViewerModel model;
  private final Timeline timeline;
  private final Variables variables;
  private TimelinePane lanes;
  private JPanel window;

  /**
   * What was measured, in milliseconds.
   *
   * @param open from opening the trace to the first picture of all panes
   * @param step 95th percentile of a step, forwards or backwards, until all panes are painted anew
   * @param zoom 95th percentile of painting the timeline at another zoom
   */
  public record Result(double open, double step, double zoom) {}

  private UiBench(Path file) throws Exception {
    model = new ViewerModel(file, Traces.open(file), Long.MAX_VALUE);
    timeline = new Timeline(model.trace());
    variables = new Variables(model.trace(), List.of(Path.of("").toAbsolutePath()));
    EventQueue.invokeAndWait(this::build);
  }

  /** Opens a trace, steps and zooms. */
  public static Result run(Path file, int rounds) throws Exception {
    EventQueue.invokeAndWait(() -> Theme.install(false));
    long begin = System.nanoTime();
    try (UiBench bench = new UiBench(file)) {
      bench.go(bench.model::refresh);
      bench.paint(bench.window);
      double open = millis(begin);
      bench.timeline.start();
      while (bench.timeline.progress() < 1) {
        Thread.sleep(20);
      }
      return new Result(open, bench.step(rounds), bench.zoom(rounds));
    }
  }

  private void build() {
    SourceFinder sources =
        new SourceFinder(List.of(Path.of("").toAbsolutePath()), model.trace().sources());
    lanes = new TimelinePane(model, timeline);
    window = new JPanel(new MigLayout("insets 0, wrap 3", "[grow][grow][grow]", "[][grow][grow]"));
    window.add(lanes, "span, growx, h 230!");
    window.add(new SourcePane(model, sources, variables), "grow, w 33%");
    window.add(new DisassemblyPane(model, sources), "grow, w 34%");
    window.add(new RegistersPane(model, value -> {}), "grow, w 33%");
    window.add(new ConsolePane(model), "grow, w 33%");
    window.add(new MemoryPane(model, value -> {}), "grow, w 34%");
    window.add(new StackPane(model, address -> {}, value -> {}), "grow, w 33%");
    window.setSize(SIZE);
    layOut(window);
    model.onMoment(moment -> shown = moment);
  }

  private static void layOut(Container container) {
    container.doLayout();
    for (Component child : container.getComponents()) {
      if (child instanceof Container inner) {
        layOut(inner);
      }
    }
  }

  /** Does something and waits until its position is shown. */
  private void go(Runnable action) throws Exception {
    shown = null;
    EventQueue.invokeLater(action);
    long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (shown == null) {
      Thread.onSpinWait();
      if (System.nanoTime() > limit) {
        throw new TimeoutException("a position is not shown");
      }
    }
  }

  private void paint(Component component) throws Exception {
    EventQueue.invokeAndWait(
        () -> {
          Graphics2D g = screen.createGraphics();
          component.printAll(g);
          g.dispose();
        });
  }

  private double step(int rounds) throws Exception {
    Random random = new Random(1);
    double[] times = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      if (i % STEPS_AT_A_PLACE == 0 && model.end() > 0) {
        long place = random.nextLong(model.end());
        go(() -> model.scrubTo(place));
      }
      boolean forwards = i % 3 != 0;
      long begin = System.nanoTime();
      go(() -> model.move("step", forwards ? Steps.into(false) : Steps.back(false)));
      paint(window);
      times[i] = millis(begin);
    }
    return percentile(times);
  }

  private double zoom(int rounds) throws Exception {
    double[] times = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      boolean in = i / 20 % 2 == 0;
      long begin = System.nanoTime();
      EventQueue.invokeAndWait(() -> lanes.zoom(in ? 0.7 : 1 / 0.7));
      paint(lanes);
      times[i] = millis(begin);
    }
    return percentile(times);
  }

  private static double millis(long begin) {
    return (System.nanoTime() - begin) / 1e6;
  }

  private static double percentile(double[] times) {
    Arrays.sort(times);
    return times[(int) Math.ceil(PERCENTILE * times.length) - 1];
  }

  @Override
  public void close() {
    timeline.close();
    variables.close();
    model.close();
  }
}
