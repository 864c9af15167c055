package org.chronovisor.view;

import java.awt.Dimension;
import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.swing.JComponent;
import org.chronovisor.trace.Traces;
import org.chronovisor.view.chart.Pictures;
import org.chronovisor.view.model.Notes;
import org.chronovisor.view.model.ViewerModel;
import org.chronovisor.view.pane.RowTable;
import org.jfree.chart.JFreeChart;

/** Writes pictures, tables and the trace to files. */
final class Exports {
  private static final Dimension CHART = new Dimension(960, 540);

  private Exports() {}

  /** A component as it looks now. */
  static void picture(JComponent component, Path file) throws IOException {
    Pictures.write(file, component.getSize(), component::printAll);
  }

  static void chart(JFreeChart chart, Path file) throws IOException {
    Pictures.write(
        file, CHART, g -> chart.draw(g, new Rectangle2D.Double(0, 0, CHART.width, CHART.height)));
  }

  static void table(RowTable<?> table, Path file) throws IOException {
    Files.writeString(file, table.csv(), StandardCharsets.UTF_8);
  }

  /** Packs the trace with its notes in it; notes of an older file of that name are gone. */
  static void trace(ViewerModel model, Path file, Runnable done) {
    String notes = model.notes().text();
    model.ask(
        "pack",
        (session, control) -> {
          Traces.pack(model.file(), file, notes, control::progress);
          Files.deleteIfExists(Notes.fileOf(file));
          return file;
        },
        packed -> done.run());
  }
}
