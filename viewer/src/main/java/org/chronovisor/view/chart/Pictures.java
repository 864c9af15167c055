package org.chronovisor.view.chart;

import java.awt.Dimension;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Consumer;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGraphics2D;

/** Writes what can be painted to a file, as PNG or SVG by the file's name. */
public final class Pictures {
  private static final int SCALE = 2;
  private static final String SVG = "http://www.w3.org/2000/svg";

  private Pictures() {}

  /**
   * Paints into a file.
   *
   * @param size in pixels; a PNG has twice as many
   */
  public static void write(Path file, Dimension size, Consumer<Graphics2D> painter)
      throws IOException {
    if (file.toString().toLowerCase(Locale.ROOT).endsWith(".svg")) {
      svg(file, size, painter);
    } else {
      png(file, size, painter);
    }
  }

  private static void png(Path file, Dimension size, Consumer<Graphics2D> painter)
      throws IOException {
    BufferedImage image =
        new BufferedImage(size.width * SCALE, size.height * SCALE, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    g.scale(SCALE, SCALE);
    painter.accept(g);
    g.dispose();
    ImageIO.write(image, "png", file.toFile());
  }

  private static void svg(Path file, Dimension size, Consumer<Graphics2D> painter)
      throws IOException {
    try (Writer out = new OutputStreamWriter(Files.newOutputStream(file), StandardCharsets.UTF_8)) {
      var document =
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .getDOMImplementation()
              .createDocument(SVG, "svg", null);
      SVGGraphics2D g = new SVGGraphics2D(document);
      g.setSVGCanvasSize(size);
      painter.accept(g);
      g.stream(out, true);
    } catch (ParserConfigurationException e) {
      throw new IOException(e);
    }
  }
}
