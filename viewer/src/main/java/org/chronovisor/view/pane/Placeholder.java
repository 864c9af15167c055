package org.chronovisor.view.pane;

import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.util.ArrayList;
import java.util.List;
import javax.swing.JComponent;
import org.chronovisor.view.ui.Theme;

/** The word that an empty pane says. */
public final class Placeholder {
  private static final int MARGIN = 24;

  private Placeholder() {}

  /** Paints a text in the middle of what is visible, broken into lines. */
  public static void paint(Graphics2D g, JComponent component, String text) {
    g.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    g.setFont(component.getFont());
    g.setColor(Theme.color("muted"));
    FontMetrics metrics = g.getFontMetrics();
    var area = component.getVisibleRect();
    List<String> lines = lines(text, metrics, Math.max(80, area.width - 2 * MARGIN));
    int y = area.y + (area.height - lines.size() * metrics.getHeight()) / 2 + metrics.getAscent();
    for (String line : lines) {
      g.drawString(line, area.x + (area.width - metrics.stringWidth(line)) / 2, y);
      y += metrics.getHeight();
    }
  }

  private static List<String> lines(String text, FontMetrics metrics, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ")) {
      String longer = line.length() == 0 ? word : line + " " + word;
      if (line.length() > 0 && metrics.stringWidth(longer) > width) {
        lines.add(line.toString());
        line.setLength(0);
        line.append(word);
      } else {
        line.setLength(0);
        line.append(longer);
      }
    }
    lines.add(line.toString());
    return lines;
  }
}
