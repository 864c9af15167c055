package org.chronovisor.view.pane;

import java.awt.Dimension;
import java.awt.FontMetrics;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.event.MouseEvent;
import java.util.Map;
import javax.swing.JPanel;
import javax.swing.ToolTipManager;
import javax.swing.text.BadLocationException;
import org.chronovisor.view.model.Texts;
import org.chronovisor.view.ui.Strings;
import org.chronovisor.view.ui.Theme;
import org.fife.ui.rtextarea.RTextArea;

/** How often each line was executed, beside the line numbers. */
final class CountGutter extends JPanel {
  private static final long serialVersionUID = 1;
  private static final int PAD = 6;

  private final RTextArea area;
  private transient Map<Integer, Long> counts = Map.of();

  CountGutter(RTextArea area) {
    this.area = area;
    setName("source.counts");
    getAccessibleContext().setAccessibleName(Strings.get("source.counts"));
    ToolTipManager.sharedInstance().registerComponent(this);
  }

  /** Shows other counts, by line from 1. */
  void show(Map<Integer, Long> newCounts) {
    counts = newCounts;
    revalidate();
    repaint();
  }

  @Override
  public Dimension getPreferredSize() {
    int width =
        counts.isEmpty() ? 0 : getFontMetrics(Theme.small()).stringWidth("999.9k") + 2 * PAD;
    return new Dimension(width, area.getHeight());
  }

  @Override
  protected void paintComponent(Graphics graphics) {
    Graphics2D g = Theme.canvas(graphics, this);
    g.setFont(Theme.small());
    g.setColor(Theme.color("muted"));
    FontMetrics metrics = g.getFontMetrics();
    Rectangle clip = g.getClipBounds();
    int height = area.getLineHeight();
    try {
      for (int line = Math.max(0, line(clip.y)); line < area.getLineCount(); line++) {
        int y = area.yForLine(line);
        if (y < 0 || y > clip.y + clip.height) {
          break;
        }
        Long count = counts.get(line + 1);
        if (count != null) {
          String text = Texts.count(count);
          int baseline = y + (height - metrics.getHeight()) / 2 + metrics.getAscent();
          g.drawString(text, getWidth() - PAD - metrics.stringWidth(text), baseline);
        }
      }
    } catch (BadLocationException e) {
      // Another file is shown by now.
    }
    g.dispose();
  }

  private int line(int y) {
    int offset = area.viewToModel2D(new java.awt.Point(0, y));
    try {
      return area.getLineOfOffset(Math.max(0, offset));
    } catch (BadLocationException e) {
      return 0;
    }
  }

  @Override
  public String getToolTipText(MouseEvent e) {
    Long count = counts.get(line(e.getY()) + 1);
    return count == null ? null : Strings.get("source.count", Texts.position(count));
  }
}
